"""What TLS to Twilio costs a call: a server on loopback with a certificate of our own making.

On loopback there is no round trip, so only the work of the handshake shows. Each row is a POST
after a pause, by the transport that the daemon uses; the last one is the same without TLS.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import ssl
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import certifi
from tests.channels.test_connecting import Kept
from tests.probes.certificates import Certificates

from bench.scale import lasting
from bench.table import show
from watchcall.channels.twilio import http

PAUSE_S = lasting(0.3)

FORM = {"To": "+819012345678", "From": "+15005550006", "Twiml": "<Response/>"}

Before = Callable[[http.Transport], None]


async def measure(runs: int) -> None:
    await asyncio.to_thread(_measure, runs)


def _measure(runs: int) -> None:
    with tempfile.TemporaryDirectory(prefix="watchcall-tls-") as name:
        folder = Path(name)
        certificates = Certificates(folder)
        trusts = folder / "trusted.pem"  # as many as there are in life, and ours
        trusts.write_text(Path(certifi.where()).read_text() + certificates.ca.read_text())
        http.TRUSTED = str(trusts)
        secure, plain = _started(certificates.pair()), _started(None)

        def changed(twilio: http.Transport) -> None:
            """As it was before they were kept: each connection reads them."""
            twilio.close()
            os.utime(trusts)

        try:
            rows = {
                "certificates read for it": _calls(secure[1], runs, changed),
                "certificates known": _calls(secure[1], runs, http.Transport.close),
                "connected beforehand": _calls(secure[1], runs, _connected),
                "without TLS, connected": _calls(plain[1], runs, _connected),
            }
        finally:
            for process, _ in (secure, plain):
                process.kill()
                process.join()
    show("a POST and its reply", "ms", {name: one[0] for name, one in rows.items()})
    print()
    show("its CPU", "ms", {name: one[1] for name, one in rows.items()})


def _calls(url: str, runs: int, before: Before) -> tuple[list[float], list[float]]:
    """Return what each call took, and the CPU of it, in milliseconds."""
    twilio = http.Transport(url, timeout=5)
    took, cpu = [], []
    for _ in range(runs + 1):
        before(twilio)
        time.sleep(PAUSE_S)
        began, spent = time.perf_counter(), time.process_time()
        twilio.request("POST", f"{http.DEFAULT}/2010-04-01/Accounts/AC0/Calls.json", data=FORM)
        took.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - spent) * 1000)
    twilio.close()
    return took[1:], cpu[1:]  # the first one met everything for the first time


def _connected(twilio: http.Transport) -> None:
    twilio.close()
    twilio.connect()


def _started(pair: tuple[Path, Path] | None) -> tuple[multiprocessing.Process, str]:
    """Start a server; return its process and its URL."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(pair, theirs), daemon=True)
    process.start()
    return process, ours.recv()


def _serve(pair: tuple[Path, Path] | None, tell: Connection) -> None:
    async def serve() -> None:
        context = None
        if pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*pair)
        server = await asyncio.start_server(Kept().serve, "127.0.0.1", 0, ssl=context)
        scheme = "https" if pair else "http"
        tell.send(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await server.serve_forever()

    asyncio.run(serve())
