"""A daemon that only answers: canned JSON on a Unix socket, for what draws it."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

AT = "2020-11-03T04:05:06+00:00"  # not today: dates take more room than times
REASON = "no process named httpd is running on this machine"


def check(name: str, **changed: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "process",
        "state": "failing",
        "level": "critical",
        "since": AT,
        "last_seen_at": AT,
        "reason": REASON,
        "failures": 3,
        "fail_after": 3,
        "silenced": False,
        "incident": 12,
        **changed,
    }


def status(*checks: dict[str, Any]) -> dict[str, Any]:
    return {
        "host": "web1.example.com",
        "version": "0.1",
        "started_at": AT,
        "pager": {"state": "down", "reason": "Twilio refused the account's token: 401, code 20003"},
        "troubles": ["the database could not be written to since this morning: disk full"],
        "checks": list(checks),
    }


def call(contact: str, **changed: Any) -> dict[str, Any]:
    return {
        "id": 1234,
        "incidents": list(range(1, 9)),
        "event": "recovery",
        "contact": contact,
        "to": "+819012345678",
        "placed_at": AT,
        "outcome": "no_answer",
        "duration_s": 27,
        "error": "the number is not reachable from this account",
        **changed,
    }


@contextmanager
def answering(folder: Path, **answers: Any) -> Iterator[dict[str, str]]:
    """Answer `GET /name` with `answers[name]`; yields the environment that leads here."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers[self.path.strip("/").split("?")[0]]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    config, socket = folder / "config.toml", folder / "control.sock"
    config.touch(mode=0o600)
    config.write_text("[daemon]\n")
    with socketserver.UnixStreamServer(str(socket), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield {
                "WATCHCALL_CONFIG": str(config),
                "WATCHCALL_DAEMON__CONTROL_SOCKET": str(socket),
            }
        finally:
            server.shutdown()
