"""The log: one line per event on stderr, and nothing secret in it.

Under systemd each line carries its priority (`<4>…`, sd-daemon(3)), which journald reads and
drops.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import re
import threading
from collections.abc import Iterable, Mapping

from watchcall.core.contact import masked

PRIORITY = {"CRITICAL": 2, "ERROR": 3, "WARNING": 4, "INFO": 6, "DEBUG": 7}
FLUSH_S = 1.0
_NUMBER = re.compile(r"\+\d{7,15}\b")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Formatter):
    """Formats a record as one line: control characters escaped, secrets and numbers masked."""

    def __init__(self, secrets: Iterable[str], *, journal: bool) -> None:
        super().__init__("%(message)s" if journal else "%(asctime)s %(levelname)-8s %(message)s")
        self._secrets = tuple(secret for secret in secrets if secret)
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "********")
        text = _NUMBER.sub(lambda found: masked(found.group()), text)
        text = "; ".join(line.strip() for line in text.splitlines() if line.strip())
        text = _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)
        return f"<{PRIORITY[record.levelname]}>{text}" if self._journal else text


class Background(logging.Handler):
    """Hands lines to a thread that writes them: a reader that stands still holds up nobody.

    Lines that find no room any more are counted, and the count is written once there is room.
    """

    def __init__(self, to: int = 2, room: int = 10_000) -> None:
        super().__init__()
        self._to = to
        self._lines: queue.Queue[str] = queue.Queue(room)
        self._lost = 0
        threading.Thread(target=self._write_all, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._lost += 1

    def flush(self) -> None:
        """Wait until all is written, but not for long: the reader may be gone."""
        with self._lines.all_tasks_done:
            self._lines.all_tasks_done.wait_for(lambda: not self._lines.unfinished_tasks, FLUSH_S)

    def _write_all(self) -> None:
        while True:
            line = self._lines.get()
            lost, self._lost = self._lost, 0
            if lost:
                line = f"{line}\n{lost} lines of the log were lost: nobody read them"
            with contextlib.suppress(OSError):
                self._write(f"{line}\n".encode(errors="backslashreplace"))
            self._lines.task_done()

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._to, data) :]


def to_journal(environ: Mapping[str, str] = os.environ, stream: int = 2) -> bool:
    """Return whether a stream goes to journald itself: systemd names it by device and inode.

    The variable alone says little: programs that a user starts may inherit it
    (systemd.exec(5), $JOURNAL_STREAM).
    """
    try:
        found = os.fstat(stream)
    except OSError:
        return False
    return environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def configure(level: str, secrets: Iterable[str] = ()) -> None:
    """Log to stderr from now on; `secrets` never appear in it, whoever tries to log them."""
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if isinstance(handler, Background)]
    handler = ours[0] if ours else Background()
    managed = bool(os.environ.get("NOTIFY_SOCKET"))  # systemd starts us and reads what we say
    handler.setFormatter(OneLine(secrets, journal=managed or to_journal()))
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("watchcall").setLevel(level.upper())
    # A look that is still running when its next turn comes is ours to judge, not to complain of.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
