"""What libcurl is told about one request."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pycurl

from watchcall import __version__
from watchcall.core.check import HttpTarget
from watchcall.core.reason import Reason
from watchcall.probes.reply import Reply
from watchcall.probes.verdict import CannotLook, clean
from watchcall.rights import explained

LONGEST_SECRET = 64 * 1024
LONGEST_CA_FILE = 16 * 1024 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}
IP_VERSIONS = {
    "any": pycurl.IPRESOLVE_WHATEVER,
    "4": pycurl.IPRESOLVE_V4,
    "6": pycurl.IPRESOLVE_V6,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What a look needs from files; read at each look, so that a renewed one just works."""

    password: bytes | None
    bearer_token: bytes | None
    ca: bytes | None

    @property
    def secrets(self) -> tuple[str, ...]:
        found = (one.decode(errors="replace") for one in (self.password, self.bearer_token) if one)
        return tuple(found)

    @classmethod
    def of(cls, target: HttpTarget) -> Files:
        for path in (target.client_cert, target.client_key):
            if path is not None:
                _read(path, LONGEST_SECRET)
        return cls(
            password=_secret(target.password_file),
            bearer_token=_secret(target.bearer_token_file),
            ca=_read(target.ca_file, LONGEST_CA_FILE) if target.ca_file else None,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection goes."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{_bracketed(self.host)}:{self.port}"

    @classmethod
    def of(cls, url: str, ports: dict[str, int] = DEFAULT_PORTS, other: int = 0) -> Place:
        """Return the place of a URL; raise ValueError where it has none."""
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("URL without a host")
        return cls(parts.hostname, parts.port or ports.get(parts.scheme, other))


@lru_cache(maxsize=8192)  # as many as there may be checks; urlsplit itself keeps 128
def place_of(url: str) -> Place:
    """Return the place of an operator's URL, which is asked for again and again."""
    return Place.of(url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a look: the first, or one that a redirect asked for."""

    url: str
    place: Place  # of the URL
    method: str
    body: str | None
    is_home: bool = True  # the operator's own host: gets the operator's headers and credentials


def connects_to(target: HttpTarget, step: Step) -> Place:
    """Return where the connection for a request goes to: its host, or what stands in for it."""
    if target.proxy is not None:
        url = target.proxy if "://" in target.proxy else f"http://{target.proxy}"
        return Place.of(url, {"https": 443}, 1080)  # libcurl's defaults
    return _diversion(target, step) or step.place


def _diversion(target: HttpTarget, step: Step) -> Place | None:
    """`connect_to` stands in for the place of the operator's URL, and for no other."""
    if target.connect_to is None or step.place != Place.of(ascii_url(target.url)):
        return None
    return Place(*target.connect_to)


def prepare(
    curl: pycurl.Curl,
    target: HttpTarget,
    step: Step,
    files: Files,
    reply: Reply,
    addresses: list[str],
    deadline_s: float,
) -> None:
    """Set every option of one transfer."""
    curl.setopt(pycurl.URL, step.url)
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
    # A cut is always seen in HTTP/1.1, and every server speaks it.
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    curl.setopt(pycurl.TIMEOUT_MS, max(1, int(deadline_s * 1000)))
    curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, int(deadline_s * 1000)))  # default is 300 s
    curl.setopt(pycurl.NOSIGNAL, True)
    curl.setopt(pycurl.HEADERFUNCTION, reply.take_header)
    curl.setopt(pycurl.WRITEFUNCTION, reply.take_body)
    _set_connection(curl, target, step, addresses)
    _set_tls(curl, target, files, step)
    _set_method(curl, step)
    _set_headers(curl, target, files, step)


def _set_connection(
    curl: pycurl.Curl, target: HttpTarget, step: Step, addresses: list[str]
) -> None:
    curl.setopt(pycurl.FRESH_CONNECT, True)
    curl.setopt(pycurl.FORBID_REUSE, True)
    curl.setopt(pycurl.IPRESOLVE, IP_VERSIONS[target.ip])
    # Set even if empty: otherwise libcurl takes them from the environment.
    curl.setopt(pycurl.PROXY, target.proxy or "")
    curl.setopt(pycurl.NOPROXY, "")
    stand_in = _diversion(target, step)
    if stand_in is not None:
        curl.setopt(pycurl.CONNECT_TO, [f"{step.place}:{stand_in}"])
    if addresses:
        there = connects_to(target, step)
        # "+": the entry ages like any other; each look brings its own.
        listed = ",".join(map(_bracketed, addresses))
        curl.setopt(pycurl.RESOLVE, [f"+{there.host}:{there.port}:{listed}"])


def _set_tls(curl: pycurl.Curl, target: HttpTarget, files: Files, step: Step) -> None:
    curl.setopt(pycurl.OPT_CERTINFO, True)
    # A resumed session would show no certificate, and no longer verify the one it had.
    curl.setopt(pycurl.SSL_SESSIONID_CACHE, False)
    if not target.verify_tls:
        curl.setopt(pycurl.SSL_VERIFYPEER, 0)
        curl.setopt(pycurl.SSL_VERIFYHOST, 0)
    if files.ca is not None:
        # Not as a path: libcurl keeps a path's content for a day, and one path at a time.
        curl.setopt(pycurl.CAINFO_BLOB, files.ca)
    if target.client_cert is not None and step.is_home:
        curl.setopt(pycurl.SSLCERT, str(target.client_cert))
        curl.setopt(pycurl.SSLKEY, str(target.client_key or target.client_cert))


def _set_method(curl: pycurl.Curl, step: Step) -> None:
    if step.body is not None or step.method == "POST":
        curl.setopt(pycurl.POSTFIELDS, (step.body or "").encode())
    if step.method == "HEAD":
        curl.setopt(pycurl.NOBODY, True)
    curl.setopt(pycurl.CUSTOMREQUEST, step.method)


def _set_headers(curl: pycurl.Curl, target: HttpTarget, files: Files, step: Step) -> None:
    curl.setopt(pycurl.USERAGENT, f"WatchCall/{__version__}")
    if _judges_body(target):
        # Asks for plain text, and decodes what comes encoded all the same.
        curl.setopt(pycurl.ACCEPT_ENCODING, "identity")
    lines = [b"Expect:"]  # no waiting for "100 Continue"
    if step.is_home:
        lines += [_header_line(name, value) for name, value in target.headers]
        if files.bearer_token is not None:
            lines.append(b"Authorization: Bearer " + files.bearer_token)
        if target.username is not None:
            curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_BASIC)
            curl.setopt(pycurl.USERNAME, target.username.encode())
            curl.setopt(pycurl.PASSWORD, files.password or b"")
    curl.setopt(pycurl.HTTPHEADER, lines)


def _judges_body(target: HttpTarget) -> bool:
    rules = (target.contains, target.not_contains, target.matches, target.json)
    return any(rule is not None for rule in rules)


def new_reply(target: HttpTarget, step: Step) -> Reply:
    return Reply(target.max_body, keep=_judges_body(target), is_head=step.method == "HEAD")


def ascii_url(url: str) -> str:
    """Return a URL as it goes over the wire: 例え.jp/ä as xn--r8jz45g.jp/%C3%A4."""
    if url.isascii():
        return url
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    host, colon, port = place.partition(":")
    netloc = f"{quote(user, safe=':%')}{at}{host.encode('idna').decode()}{colon}{port}"
    path, query = (
        quote(parts.path, safe="/%:@!$&'()*+,;=~"),
        quote(parts.query, safe="/?%:@!$&'()*+,;=~"),
    )
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _header_line(name: str, value: str) -> bytes:
    line = f"{name}: {value}" if value.strip() else f"{name};"  # libcurl's way to send it empty
    return line.replace("\r", " ").replace("\n", " ").encode()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _secret(path: Path | None) -> bytes | None:
    if path is None:
        return None
    secret = _read(path, LONGEST_SECRET).strip()
    if not secret or any(byte < 0x20 for byte in secret):
        raise CannotLook(Reason.of("http.file_no_secret", path=clean(str(path))))
    return secret


def _read(path: Path, longest: int) -> bytes:
    try:
        # A named pipe would hold the whole loop without O_NONBLOCK.
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            return file.read(longest) or b""
    except OSError as error:
        raise CannotLook(
            Reason.of(
                "http.file_unreadable",
                path=clean(str(path)),
                error=clean(explained(error, path)),
            )
        ) from error
