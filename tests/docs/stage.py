"""Where a page is played: a folder, a Twilio, a daemon and processes, in namespaces of their own.

So the pages' own ports and process names are free, whatever else this machine does.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

WITHIN = 60.0  # seconds for anything that is to happen; a busy machine needs more than a few
# It is shortly after five in the afternoon wherever a page is played: "until 07:00" is tomorrow.
AFTERNOON = f"Etc/GMT{(datetime.now(UTC).hour - 17 + 14) % 24 - 14:+d}"
UP = 0x1 | 0x40  # IFF_UP, IFF_RUNNING
SIMULATED = "watchcall simulate "
# Faster than the pages' configurations, and otherwise the same.
FAST = {
    "WATCHCALL_DEFAULTS__INTERVAL": "200ms",
    "WATCHCALL_DEFAULTS__RETRY_INTERVAL": "100ms",
    "WATCHCALL_NOTIFY__GROUP_WAIT": "0",
    "WATCHCALL_NOTIFY__BOOT_GRACE": "0",
}


class Stage:
    """A folder with config.toml, and what runs there; `close` ends all of it."""

    def __init__(self, config: str, *, pace: bool = True, twilio: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wc-"))  # short: a socket's path has a limit
        self.write("config.toml", config)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.environ = {
            "PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TZ": AFTERNOON,
            "COLUMNS": "100",
            "USER": "mia",
            "PYTHONPATH": os.pathsep.join(sys.path),
            "WATCHCALL_CONFIG": str(self.folder / "config.toml"),
            **(FAST if pace else {}),
        }
        if twilio:
            self.environ |= {
                "WATCHCALL_TWILIO__API_URL": "http://127.0.0.1:8129",
                "WATCHCALL_TWILIO__AUTH_TOKEN": "simulator",
                "WATCHCALL_DAEMON__STATE_DIR": str(self.folder / "state"),
                "WATCHCALL_DAEMON__CONTROL_SOCKET": str(self.folder / "control.sock"),
            }
        self.program("watchcall", f'exec {sys.executable} -m watchcall "$@"')
        self.program("sudo", 'exec "$@"')

    def write(self, name: str, text: str, mode: int = 0o600) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)
        return path

    def program(self, name: str, script: str) -> None:
        self.write(f"bin/{name}", f"#!/bin/sh\n{script}\n", 0o755)

    # What runs

    def spawn(self, name: str, *argv: str) -> None:
        """Start a program; what it says is written to NAME.log."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                argv, cwd=self.folder, env=self.environ, stdout=log, stderr=log
            )

    def end(self, name: str) -> int:
        """Tell a program to stop; return its exit code."""
        child = self.children.pop(name)
        child.terminate()
        return child.wait(WITHIN)

    def simulator(self, script: str = "", *, speed: int = 20) -> None:
        """Start a Twilio where the pages have it, whose phones do what a script says."""
        self.write("script.toml", script)
        watchcall = str(self.folder / "bin/watchcall")
        words = ("simulator", "--plain", "--speed", str(speed), "--script", "script.toml")
        self.spawn("simulator", watchcall, *words)
        self.until(lambda: "listening" in self.log("simulator"))

    def victim(self, name: str) -> None:
        """Start a process of this name."""
        self.spawn(name, "bash", "-c", f"exec -a {name} sleep 1d")

    def daemon(self) -> None:
        self.spawn("daemon", str(self.folder / "bin/watchcall"), "run")
        self.logged("watches")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8")

    def said(self, name: str, words: str) -> None:
        self.until(lambda: words in self.log(name))

    def logged(self, words: str) -> None:
        self.said("daemon", words)

    def until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + WITHIN
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError("\n".join(self.log(name) for name in self.children))
            time.sleep(0.05)

    def run(self, command: str, within: float = 2 * WITHIN) -> tuple[int, str]:
        """Run a command of a page; return its exit code, and what it says.

        A night that is only simulated takes no time, so it has the pace that the page gives it.
        """
        slow = FAST.keys() if command.startswith(SIMULATED) else ()
        done = subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=self.folder,
            env={key: value for key, value in self.environ.items() if key not in slow},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=within,
            check=False,
        )
        said = done.stdout.replace(f"{self.folder}/state", "/var/lib/watchcall")
        return done.returncode, said.replace(str(self.folder), "/etc/watchcall")

    def close(self) -> None:
        for name in [*self.children]:
            self.end(name)
        shutil.rmtree(self.folder)


def loopback() -> None:
    """Let this network namespace have the one interface that pages need."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14s", b"lo", UP, b"")
        fcntl.ioctl(any_socket, 0x8914, request)  # SIOCSIFFLAGS


def missing(shown: tuple[str, ...], said: str, *, exact: bool = False) -> list[str]:
    """Return the lines that are shown and were not said, in this order.

    Numbers and codes, unless it must be exact, and the blanks between words may differ, "…" stands
    for anything, and more may have been said than is shown.
    """
    words, at, lost = " ".join(MILLISECONDS.sub("", said).split()), 0, list[str]()
    for line in shown:
        if not line.strip(" …"):
            continue
        found = re.compile(_exactly(line) if exact else _like(line)).search(words, at)
        if found is None:
            lost.append(line.strip())
        else:
            at = found.end()
    return lost


MILLISECONDS = re.compile(r"(?<=:\d\d)[.,]\d{3}(?= )")  # the pages leave them out
# What may differ, and what it may be instead.
MAY_DIFFER = {
    # a call's or a text's SID
    r"\b(?:CA|SM)[0-9a-f]{32}\b": "(?:CA|SM)[0-9a-f]{32}",
    # the code of an incident
    r"\b(?=[A-Z0-9]*[0-9])(?=[A-Z0-9]*[A-Z])[A-Z0-9]{4}\b": "[A-Z0-9]{4}",
    # times of the day, which are shown with their date where it is another day
    r"\b\d\d:\d\d(?::\d\d)?\b(?! [AP]M)": r"(?:\d\d:\d\d(?::\d\d)?|\d{4}-\d\d-\d\d \d\d:\d\d)",
    # times as they are said: full and half hours are said otherwise
    r"\d+:\d\d [AP]M": r"(?:\d+(?::\d\d)? [AP]M|noon|midnight)",
    "午[前後]\\d+時\\d+分": "(?:午[前後]\\d+時(?:\\d+分|半)?|正午)",
    # a machine that is busy has seen it one second ago
    r"\d+ seconds?\b": r"\d+ seconds?",
    r"\d+(?:\.\d+)?": r"\d+(?:\.\d+)?",
    r"…": r".*?",
}
ANY_OF = re.compile("|".join(f"({one})" for one in MAY_DIFFER))


def _like(line: str) -> str:
    """Return an expression for what differs from a shown line only in what may differ."""
    text, likes, expression, at = " ".join(line.split()), [*MAY_DIFFER.values()], "", 0
    for found in ANY_OF.finditer(text):
        expression += re.escape(text[at : found.start()]) + likes[(found.lastindex or 1) - 1]
        at = found.end()
    return expression + re.escape(text[at:])


def _exactly(line: str) -> str:
    return re.escape(" ".join(line.split())).replace("…", ".*?")
