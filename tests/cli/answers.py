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
        "quiet": [],
        "incident": 12,
        "acknowledged_by": None,
        **changed,
    }


def status(*checks: dict[str, Any]) -> dict[str, Any]:
    return {
        "host": "web1.example.com",
        "version": "0.1",
        "started_at": AT,
        "pager": {"state": "down", "reason": "Twilio refused the account's token: 401, code 20003"},
        "troubles": ["the database could not be written to since this morning: disk full"],
        "events": {"processes": "pidfd", "servers": "connections", "units": "dbus"},
        "looks": {"late": 0, "shed": 0, "share": 1.0},
        "contacts": [],
        "checks": list(checks),
    }


def call(contact: str, **changed: Any) -> dict[str, Any]:
    return {
        "id": 1234,
        "incidents": list(range(1, 9)),
        "event": "recovery",
        "type": "voice",
        "contact": contact,
        "to": "+819012345678",
        "placed_at": AT,
        "outcome": "no_answer",
        "duration_s": 27,
        "error": "the number is not reachable from this account",
        **changed,
    }


def incident(name: str, **changed: Any) -> dict[str, Any]:
    told = {"channel": "phone", "event": "failure", "at": AT}
    return {
        "id": 12,
        "check": name,
        "level": "critical",
        "opened_at": AT,
        "acknowledged_by": "kei",
        "acknowledged_at": AT,
        "disowned_at": None,
        "closed_at": None,
        "closed_why": None,
        "reason": REASON,
        "told": [
            {**told, "contact": "kei", "outcome": "busy", "reached": False},
            {**told, "contact": "aoi", "outcome": "human", "reached": True},
        ],
        "quiet": [],
        **changed,
    }


def silence(*checks: str, **changed: Any) -> dict[str, Any]:
    return {
        "id": 3,
        "checks": list(checks),
        "matches": ["httpd", "web"],
        "reason": "the new kernel is installed, and the machine is restarted",
        "by": "kei",
        "from": AT,
        "until": AT,
        **changed,
    }


def step(filter_: str, verdict: str = "passes", **changed: Any) -> dict[str, Any]:
    return {
        "filter": filter_,
        "channel": None,
        "contact": None,
        "verdict": verdict,
        "why": "nothing keeps quiet about it, as far as anybody knows",
        **changed,
    }


def explanation(name: str, *steps: dict[str, Any], **changed: Any) -> dict[str, Any]:
    of_kei = {"channel": "phone", "contact": "kei"}
    silenced = f"silence 3 by {name} until 2020-11-03 05:05 UTC"
    return {
        "check": name,
        "steps": list(steps)
        or [
            step("look", why=f"critical: {REASON}; process probe, 2020-11-03 04:05:06 UTC"),
            step("silence", "holds", why=silenced),
            step("channel", "holds", channel="phone", why=silenced),
            step("barred", **of_kei),
            step("cost guard", "holds", why="max_calls_per_hour", **of_kei),
            step("barred", channel="phone", contact="aoi"),
            step("pager"),
        ],
        "incidents": [incident(name)],
        **changed,
    }


def stats(contact: str, **changed: Any) -> dict[str, Any]:
    counts = {"no_answer": 2, "human": 11, "canceled": 1}
    return {
        "since": AT,
        "until": "2020-12-03T04:05:06+00:00",
        "calls": counts,
        "sms": {"delivered": 3},
        "by_contact": {contact: {**counts, "delivered": 3}},
        "by_month": {"2020-11": counts},
        "seconds": {
            "to_ring": {"median": 4.2, "p95": 9.0},
            "to_answer": {"median": 12.5, "p95": 31.0},
            "to_acknowledge": {"median": None, "p95": None},
        },
        "duration_s": 3725,
        "cost": {"USD": "1.23"},
        "unpriced": 2,
        **changed,
    }


class Refusal:
    """An answer other than 200."""

    def __init__(self, status: int, error: str) -> None:
        self.status, self.body = status, {"error": error}


@contextmanager
def answering(
    folder: Path, asked: list[tuple[str, Any]] | None = None, **answers: Any
) -> Iterator[dict[str, str]]:
    """Answer `GET /name` and `POST /name` with `answers[name]`.

    asked: is given each path with its query, and the JSON that came with it
    Yields the environment that leads here.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            sent = json.loads(self.rfile.read(size)) if size else None
            if asked is not None:
                asked.append((self.path, sent))
            answer = answers[self.path.strip("/").split("?")[0]]
            refused = isinstance(answer, Refusal)
            body = json.dumps(answer.body if refused else answer).encode()
            self.send_response(answer.status if refused else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

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
