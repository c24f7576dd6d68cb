"""Certificates made at test time, by the openssl command."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes".split()
HERE = "IP:127.0.0.1,DNS:localhost"


class Certificates:
    """An authority and the servers it vouches for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.ca = self._self_signed("ca", "/CN=Test authority")
        self._self_signed("self-signed", "/CN=127.0.0.1", f"subjectAltName={HERE}")
        self._issued("good", HERE, days=30)
        self._issued("expired", HERE, days=-1)
        self._issued("not-yet", HERE, days=30, start="20900101000000Z")
        self._issued("elsewhere", "DNS:elsewhere.example", days=30)

    def server(self, name: str = "good") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pair(name))
        return context

    def pair(self, name: str = "good") -> tuple[Path, Path]:
        return self._folder / f"{name}.pem", self._folder / f"{name}.key"

    def _self_signed(self, name: str, subject: str, *extensions: str) -> Path:
        certificate, key = self.pair(name)
        extra = [word for extension in extensions for word in ("-addext", extension)]
        _openssl("req", "-x509", *NEW_KEY, "-keyout", key, "-out", certificate,
                 "-days", "30", "-subj", subject, *extra)  # fmt: skip
        return certificate

    def _issued(self, name: str, names: str, days: int, start: str | None = None) -> None:
        certificate, key = self.pair(name)
        request, names_file = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        names_file.write_text(f"subjectAltName={names}\n")
        _openssl("req", "-new", *NEW_KEY, "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        ca, ca_key = self.pair("ca")
        if start is not None:
            self._issued_from(name, request, names_file, start)
            return
        _openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-set_serial", "1",
                 "-out", certificate, "-days", str(days), "-extfile", names_file)  # fmt: skip

    def _issued_from(self, name: str, request: Path, names_file: Path, start: str) -> None:
        """`openssl x509` could not say from when on before OpenSSL 3.4; `openssl ca` can."""
        index, serial = self._folder / f"{name}.index", self._folder / f"{name}.serial"
        index.touch()
        serial.write_text("02\n")
        ca, ca_key = self.pair("ca")
        settings = self._folder / f"{name}.cnf"
        settings.write_text(
            f"[ca]\ndefault_ca=one\n[one]\ndatabase={index}\nserial={serial}\n"
            f"new_certs_dir={self._folder}\ndefault_md=sha256\npolicy=any\n"
            "[any]\ncommonName=supplied\n"
        )
        _openssl("ca", "-batch", "-config", settings, "-cert", ca, "-keyfile", ca_key, "-in",
                 request, "-out", self.pair(name)[0], "-startdate", start, "-enddate",
                 "20910101000000Z", "-extfile", names_file, "-notext")  # fmt: skip


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=30)
