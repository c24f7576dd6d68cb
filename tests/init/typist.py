"""Somebody at a terminal: a real pseudo-terminal with our program on it, read and typed at."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import watchcall

WITHIN = 45.0  # seconds for anything that is to appear
SILENCE_S = 0.3  # nothing comes for so long: it waits for an answer
# The terminal becomes the program's own, as a login shell's is: then Ctrl-C comes from it.
# Servers of tests that run beside us are not asked: they count who does.
ON_TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from watchcall.init.discovery import servers
servers.listeners = lambda without: []
import watchcall.__main__
"""
SIGNS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # what is obeyed and not shown


@dataclass
class Typist:
    """Reads what appears and types answers.

    shown: all that has appeared, without what colours it
    """

    process: subprocess.Popen[bytes]
    master: int
    raw: str = ""
    _read_to: int = 0
    _bytes: bytearray = field(default_factory=bytearray)

    @property
    def shown(self) -> str:
        return SIGNS.sub("", self.raw).replace("\r", "")

    def until(self, words: str) -> str:
        """Read until these words appear, behind what was waited for before; return what came."""
        deadline = time.monotonic() + WITHIN
        while (at := self.shown.find(words, self._read_to)) < 0:
            assert time.monotonic() < deadline, f"not shown: {words!r} in\n{self.shown}"
            if not self._more(deadline):
                break
        at = self.shown.find(words, self._read_to)
        assert at >= 0, f"ended without {words!r}:\n{self.shown}"
        came = self.shown[self._read_to : at + len(words)]
        self._read_to = at + len(words)
        return came

    def answers(self, *pairs: tuple[str, str]) -> None:
        """Wait for each question, and answer it."""
        for question, answer in pairs:
            self.until(question)
            self.types(answer)

    def asked(self) -> str | None:
        """Read until a question waits in the last line; return that line, None at the end."""
        deadline = time.monotonic() + WITHIN
        while True:
            last = self.shown.rpartition("\n")[2]
            waits = last.rstrip().endswith(":")
            if waits and not select.select([self.master], [], [], SILENCE_S)[0]:
                return last.rstrip()
            assert time.monotonic() < deadline, f"asks nothing:\n{self.shown}"
            if not self._more(deadline):
                return None

    def types(self, text: str, end: str = "\n") -> None:
        os.write(self.master, f"{text}{end}".encode())

    def goes(self, key: str) -> None:
        """Press Ctrl-C or Ctrl-D, and once more where the first came before anybody listened."""
        self.types(key, end="")
        deadline = time.monotonic() + WITHIN
        while select.select([self.master], [], [], 1.0)[0]:
            if not self._more(deadline):
                return
        self.types(key, end="")

    def ends(self) -> int:
        """Read to the end; return the exit code."""
        deadline = time.monotonic() + WITHIN
        while self._more(deadline):
            assert time.monotonic() < deadline, f"does not end:\n{self.shown}"
        return self.process.wait(WITHIN)

    def _more(self, deadline: float) -> bool:
        """Read what there is; False at the end."""
        ready, _, _ = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError as error:  # how Linux says that nobody is on the terminal any more
            if error.errno != errno.EIO:
                raise
            return False
        self._bytes += data
        self.raw = self._bytes.decode("utf-8", "replace")
        return bool(data)


def wide(text: str) -> str:
    """Return what a Japanese input method makes of ASCII."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@contextlib.contextmanager
def typing(*words: str, environ: dict[str, str], columns: int = 80) -> Iterator[Typist]:
    """Start a command of ours on a terminal."""
    source = str(Path(watchcall.__file__).parent.parent)
    there = {"PATH": os.environ["PATH"], "PYTHONPATH": source, "TERM": "xterm", **environ}
    program = [sys.executable, "-c", ON_TERMINAL, *words]
    with on_terminal(program, environ=there, columns=columns) as typist:
        yield typist


@contextlib.contextmanager
def on_terminal(argv: list[str], *, environ: dict[str, str], columns: int) -> Iterator[Typist]:
    """Start any program on a terminal, which it has to make its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=environ
    )
    os.close(slave)
    try:
        yield Typist(process, master)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        os.close(master)
