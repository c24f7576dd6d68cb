"""The demo runs through by itself, says what it should, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from asyncio import create_subprocess_exec, sleep, timeout
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

BOTH = r"(httpd and website|website and httpd)\."


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: that of a socket has 107 characters at most."""
    with TemporaryDirectory(prefix="wc-") as made:
        yield Path(made)


async def test_the_demo(folder: Path) -> None:
    process = await demo(folder)
    async with timeout(55):
        out, err = await process.communicate()
    text = out.decode()

    assert process.returncode == 0, text + err.decode()
    assert err == b""
    # either may be confirmed first
    assert re.search(f"WatchCall on server web1: 2 checks are failing: {BOTH}", text), text
    assert "no process named httpd is running" in text
    assert "ウォッチコールです、サーバー web1 で、2件の障害が発生しています。" in text
    assert "httpd という名前のプロセスが動いていません" in text
    # on a busy machine they are seen to be well one after the other
    assert "2 checks recovered" in text or text.count(" recovered at ") >= 2
    assert re.search(r"alex +Twilio is asked to call after \d+ ms, rings after \d+ ms", text)
    assert "\x1b" not in text
    assert left(folder) == []


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("rehearsed", id="at once"),
        pytest.param("runs, pid", id="while the simulator starts"),
        pytest.param("played by the simulator", id="while the daemon starts"),
        pytest.param("you +stop httpd", id="in the middle"),
    ],
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_leaves_nothing_behind(
    folder: Path, number: signal.Signals, said: str
) -> None:
    """SIGHUP and SIGINT meet the whole group, as a terminal sends them."""
    process = await demo(folder)
    await heard(process, said)

    if number is signal.SIGTERM:
        process.terminate()
    else:
        os.killpg(process.pid, number)
    async with timeout(30):
        out, err = await process.communicate()

    assert process.returncode == 128 + number, out
    assert b"Traceback" not in out + err
    assert left(folder) == []
    await nobody_left(folder)


async def test_a_terminal_that_closes_twice_does_not_disturb_the_clearing_up(folder: Path) -> None:
    """The shell and the kernel may both send SIGHUP."""
    process = await demo(folder)
    await heard(process, "played by the simulator")

    while left(folder):
        process.send_signal(signal.SIGHUP)
        await sleep(0.001)
    async with timeout(30):
        await process.wait()

    assert left(folder) == []


async def test_a_rehearsal_that_fails_says_why_with_the_last_words_of_the_daemon(
    folder: Path,
) -> None:
    process = await demo(folder)
    await heard(process, "WatchCall .* watches")

    (daemon,) = (pid for pid, words in processes(folder).items() if words[4:5] == ["run"])
    os.kill(daemon, signal.SIGKILL)
    async with timeout(30):
        rest, err = await process.communicate()

    assert process.returncode == 1
    _, _, said = rest.decode().partition("The rehearsal failed: ")
    assert said.startswith("`watchcall run` ended with -9\n\nThe daemon's last lines:\n  ")
    assert "watches 2 checks of web1" in said
    assert err == b""
    assert left(folder) == []


async def test_nobody_outlives_a_demo_that_is_killed(folder: Path) -> None:
    process = await demo(folder)
    await heard(process, "ok")

    process.kill()
    await process.wait()

    await nobody_left(folder)


async def demo(folder: Path) -> Process:
    """Start the demo, its leader of a group of its own, in a folder that is full of traps."""
    trap = folder / "cwd"
    trap.mkdir()
    (trap / "pickle.py").write_text("raise SystemExit('a stranger in the current directory')")
    return await create_subprocess_exec(
        *(sys.executable, "-P", "-m", "watchcall", "demo"),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        cwd=trap,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
        start_new_session=True,
    )


async def heard(process: Process, words: str) -> None:
    """Read on until the demo has said something."""
    assert process.stdout is not None
    async with timeout(30):
        while not re.search(words, (line := await process.stdout.readline()).decode()):
            assert line, "the demo has ended"


def left(folder: Path) -> list[str]:
    """Return the files that are still there of a demo."""
    return [path.name for path in folder.iterdir() if path.name != "cwd"]


async def nobody_left(folder: Path) -> None:
    """Wait until no process is there; the configuration's reader ends a moment after the daemon."""
    async with timeout(20):
        while processes(folder):  # noqa: ASYNC110 - no event comes from another process
            await sleep(0.02)


def processes(folder: Path) -> dict[int, list[str]]:
    """Return the words of the processes that were started for this folder, by PID."""
    mark, found = f"TMPDIR={folder}".encode(), {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                words = (process / "cmdline").read_text().split("\0")
                found[int(process.name)] = words
    return found
