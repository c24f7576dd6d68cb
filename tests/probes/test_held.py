"""What stays open between two scans shows what is so now, and of nobody else."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchcall.probes import held

AFTER = (b"sleep\n", b"another name\x0060\0")
TWO_LIVES = 'read _; exec -a "another name" sleep 60'


@pytest.fixture(autouse=True)
def _nothing_is_open() -> Iterator[None]:
    held.keep(())
    yield
    held.keep(())


@pytest.fixture
def shell() -> Iterator[subprocess.Popen[bytes]]:
    """A shell that becomes another program once it is told to."""
    with subprocess.Popen(["bash", "-c", TWO_LIVES], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def read(pid: int, name: str) -> bytes:
    return held.read(pid, name, f"/proc/{pid}/{name}")


def test_what_a_process_has_become_is_seen(shell: subprocess.Popen[bytes]) -> None:
    before = _names(shell.pid)
    assert shell.stdin is not None
    shell.stdin.write(b"go\n")
    shell.stdin.close()
    until = time.monotonic() + 30
    while (now := _names(shell.pid)) != AFTER and time.monotonic() < until:
        pass

    assert before[0] == b"bash\n"
    assert now == AFTER


def test_what_has_ended_is_gone(shell: subprocess.Popen[bytes]) -> None:
    read(shell.pid, "comm")
    shell.kill()
    shell.wait()

    with pytest.raises((FileNotFoundError, ProcessLookupError)):
        read(shell.pid, "comm")


def test_who_has_the_number_of_a_dead_process_is_read_and_not_it(
    shell: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """The file of the dead one is open under the path at which another is found by now."""
    path = tmp_path / "comm"
    path.symlink_to(f"/proc/{shell.pid}/comm")
    first = held.read(77, "comm", str(path))
    shell.kill()
    shell.wait()
    path.unlink()
    path.write_bytes(b"another\n")

    assert (first, held.read(77, "comm", str(path))) == (b"bash\n", b"another\n")


def test_a_long_command_line_is_whole_each_time() -> None:
    with subprocess.Popen(["sleep", "60", "0" * 100_000]) as process:
        first, again = read(process.pid, "cmdline"), read(process.pid, "cmdline")
        process.kill()

    assert len(first) > 100_000
    assert first == again


def test_of_very_many_processes_the_rest_is_opened_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held, "MOST", 1)
    before = _open_files()
    for _ in range(2):
        assert read(os.getpid(), "comm")
        assert read(os.getpid(), "cmdline")

    assert _open_files() == before + 1


def test_of_who_is_no_longer_there_nothing_stays_open() -> None:
    before = _open_files()
    read(os.getpid(), "comm")
    read(os.getppid(), "comm")
    both = _open_files()
    held.keep([os.getpid()])

    assert (both, _open_files()) == (before + 2, before + 1)


def test_what_not_every_scan_reads_is_closed() -> None:
    before = _open_files()
    read(os.getpid(), "stat")

    assert _open_files() == before


def _names(pid: int) -> tuple[bytes, bytes]:
    return read(pid, "comm"), read(pid, "cmdline")


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
