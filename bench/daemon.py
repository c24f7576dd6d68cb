"""The daemon for a measurement, on a configuration of ours; and a web server that breaks."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import watchcall
from bench.twilio import CALLER, SID, TOKEN, WITHIN

HEAD = """\
[twilio]
account_sid = "{sid}"
from = "{caller}"
api_url = "{url}"

[notify]
host = "web1"
boot_grace = 0
group_wait = 0
max_calls_per_hour = 10000

[defaults]
interval = "1s"
fail_after = 1
"""


@contextmanager
def daemon(folder: Path, url: str, config: str) -> Iterator[Path]:
    """Run `watchcall run` until the end; yield its log, once it says that it watches."""
    with started(folder, url, config):
        yield folder / "log"


@contextmanager
def started(folder: Path, url: str, config: str) -> Iterator[subprocess.Popen[bytes]]:
    """The same; yield the process. What it logs is in `folder`, and so is its control socket."""
    folder.mkdir(exist_ok=True)
    head = HEAD.format(sid=SID, caller=CALLER, url=url)
    (folder / "config.toml").write_text(head + config)
    log = folder / "log"
    with log.open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "watchcall", "run"],
            stdin=subprocess.DEVNULL,
            stderr=lines,
            env=environ(folder),
        )
    try:
        until = time.monotonic() + WITHIN
        while " watches " not in log.read_text():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the daemon does not start: {log.read_text()}")
            time.sleep(0.01)
        yield process
    finally:
        process.terminate()
        process.wait()


def environ(folder: Path) -> dict[str, str]:
    """Return the environment of the daemon in a folder, and of commands that ask it."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(watchcall.__file__).parent.parent),  # what is measured here
        "HOME": str(folder),
        "WATCHCALL_CONFIG": str(folder / "config.toml"),
        "WATCHCALL_DAEMON__STATE_DIR": str(folder / "state"),
        "WATCHCALL_DAEMON__CONTROL_SOCKET": str(folder / "control.sock"),
        "WATCHCALL_TWILIO__AUTH_TOKEN": TOKEN,
    }


class Web:
    """A web server whose paths answer 200, or 500 once they are in `broken`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.broken: set[str] = set()


@contextmanager
def web() -> Iterator[Web]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500 if self.path in serving.broken else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = Web(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield serving
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
