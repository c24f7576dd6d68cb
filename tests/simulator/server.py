"""A loopback web server: what Twilio's own requests meet."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    form: dict[str, str]
    signature: str


@dataclass
class Web:
    url: str
    received: list[Received]


@contextlib.contextmanager
def serving(**documents: str) -> Iterator[Web]:
    """Serve documents by name; any other path is a 404."""
    received: list[Received] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            form = dict(parse_qsl(self.rfile.read(size).decode()))
            signature = self.headers["X-Twilio-Signature"]
            received.append(Received(self.command, self.path, form, signature))
            body = documents.get(self.path.partition("?")[0].strip("/"))
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write((body or "").encode())

        do_GET = do_POST = _answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:
            """A test's output is not the place."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Web(f"http://127.0.0.1:{server.server_port}", received)
        finally:
            server.shutdown()
            thread.join(5)
