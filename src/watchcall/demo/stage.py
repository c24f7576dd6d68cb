"""What stands on the stage: a web server called httpd, a Twilio on loopback, and the daemon.

All of them are real processes of their own, in a folder that goes away with them.
"""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchcall.demo.ending import deaf, held
from watchcall.simulator.ledger import Reader

TOKEN = "rehearsal-token-of-no-worth"  # noqa: S105 - the simulator's, which lives for a minute
SPEED = 8  # phones ring and people listen so many times faster than in life
STOP_S = 10.0
PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None)

CONFIG = """\
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"
api_url = "{twilio}"

[notify]
host = "web1"
boot_grace = 0
group_wait = "1500ms"

[defaults]
interval = "1s"
retry_interval = "200ms"
fail_after = 2

[[contact]]
name = "hanako"
phone = "+819012345678"
language = "ja-JP"

[[contact]]
name = "alex"
phone = "+15005550009"
language = "en-US"

[[channel]]
name = "phone-hanako"
to = ["hanako"]

[[channel]]
name = "phone-alex"
to = ["alex"]

[[check]]
name = "httpd"
type = "process"
process = "httpd"
cmdline = " {port}$" # only ours, should another one run here

[[check]]
name = "website"
type = "http"
url = "http://127.0.0.1:{port}/"
"""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said on the stage: by whom, what, and when (CLOCK_MONOTONIC)."""

    who: str
    text: str
    at: float


@dataclass(slots=True)
class Stage:
    """The processes, and what they say.

    said: lines of the daemon's log and entries of the simulator's ledger, as they come
    """

    folder: Path
    port: int
    said: queue.SimpleQueue[Line | dict[str, Any]] = field(default_factory=queue.SimpleQueue)
    httpd: subprocess.Popen[bytes] | None = None
    twilio: str = ""
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def start_httpd(self) -> int:
        """Start a web server whose process is called httpd; return its pid."""
        with held():
            self.httpd = subprocess.Popen(
                ["httpd", "-I", "-m", "http.server", "--bind", "127.0.0.1", str(self.port)],
                executable=os.path.realpath(sys.executable),
                cwd=self.folder / "htdocs",
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=_die_with_the_demo,
            )
        return self.httpd.pid

    def stop_httpd(self) -> None:
        """Stop it, as `systemctl stop httpd` does: SIGTERM, and gone."""
        assert self.httpd is not None  # noqa: S101 - the story starts it first
        self.httpd.terminate()
        self.httpd.wait(STOP_S)

    def start_twilio(self) -> None:
        """Start the simulator, and follow its ledger."""
        ledger = self.folder / "ledger.jsonl"
        ledger.touch()
        process = self._start(
            *("simulator", "--plain", "--listen", "127.0.0.1:0", "--speed", str(SPEED)),
            *("--ledger", str(ledger)),
            stdout=subprocess.PIPE,
            environ={"WATCHCALL_SIMULATOR_AUTH_TOKEN": TOKEN},
        )
        assert process.stdout is not None  # noqa: S101 - asked for above
        first = process.stdout.readline().decode()
        self.twilio = first.rpartition(" ")[2].strip()
        self._follow(process.stdout, None)
        threading.Thread(target=self._read_ledger, args=(ledger, process), daemon=True).start()

    def start_watchcall(self) -> None:
        """Start the daemon, with recoveries told."""
        self.config.write_text(CONFIG.format(twilio=self.twilio, port=self.port))
        process = self._start(
            *("run", "--config", str(self.config), "--call-on-recovery"),
            stderr=subprocess.PIPE,
            environ={
                "WATCHCALL_TWILIO__AUTH_TOKEN": TOKEN,
                "WATCHCALL_DAEMON__STATE_DIR": str(self.folder / "state"),
                "WATCHCALL_DAEMON__CONTROL_SOCKET": str(self.socket),
            },
        )
        self._follow(process.stderr, "watchcall")

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    def processes(self) -> list[subprocess.Popen[bytes]]:
        return [*self.others, *([self.httpd] if self.httpd else [])]

    def clear(self) -> None:
        """End everything that is still there, the daemon first."""
        for process in reversed(self.processes()):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, *words: str, environ: dict[str, str], **pipes: Any) -> subprocess.Popen[bytes]:
        with held():
            process = subprocess.Popen(
                # -P: what lies in the current directory is no part of this program
                [sys.executable, "-P", "-m", "watchcall", *words],
                stdin=subprocess.DEVNULL,
                preexec_fn=_die_with_the_demo,
                env={**_clean(os.environ), **environ},
                **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **pipes},
            )
            self.others.append(process)
        return process

    def _follow(self, pipe: Any, who: str | None) -> None:
        def read() -> None:
            for raw in pipe:
                if who:
                    self.said.put(Line(who, raw.decode().rstrip(), time.monotonic()))

        threading.Thread(target=read, daemon=True).start()

    def _read_ledger(self, ledger: Path, writer: subprocess.Popen[bytes]) -> None:
        with closing(Reader(ledger)) as entries:
            while writer.poll() is None:
                for entry in entries.new():
                    self.said.put(entry)
                time.sleep(0.02)


@contextmanager
def stage() -> Iterator[Stage]:
    """Set the stage; whatever happens on it, nothing is left behind."""
    with ExitStack() as last:
        with held():
            made = tempfile.TemporaryDirectory(prefix="watchcall-demo-")
            folder = Path(last.enter_context(made))
        (folder / "htdocs").mkdir()
        built = Stage(folder, _free_port())
        try:
            yield built
        finally:
            deaf()
            built.clear()


def _die_with_the_demo() -> None:
    """Run in the child: SIGTERM will come when the demo ends, also by SIGKILL."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean(environ: Any) -> dict[str, str]:
    """What the operator has configured for real does not play here."""
    ours = ("WATCHCALL_", "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM")
    return {name: value for name, value in environ.items() if not name.startswith(ours)}
