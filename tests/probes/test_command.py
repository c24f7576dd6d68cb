"""What a command check makes of programs: real plugins, and scripts of bad manners."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fakes import FakeClock
from tests.probes.servers import OK, serving
from watchcall.core.check import Check, CommandTarget, ProcessTarget
from watchcall.core.health import Level
from watchcall.core.reason import Reason
from watchcall.looks import look as bounded_look
from watchcall.probes.command import CommandProbe
from watchcall.probes.plugin import MOST, report
from watchcall.probes.process import ProcessProbe

SOON = timedelta(milliseconds=300)
PLUGINS = Path("/usr/lib/nagios/plugins")


def check(*command: str, timeout: timedelta = timedelta(seconds=20), **rest: Any) -> Check:
    return Check(name="plugin", target=CommandTarget(command=command), timeout=timeout, **rest)


def script(text: str, **rest: Any) -> Check:
    return check("/bin/sh", "-c", text, **rest)


# -- the protocol


@pytest.mark.parametrize(
    ("status", "level"),
    [(0, Level.OK), (1, Level.WARNING), (2, Level.CRITICAL), (3, Level.UNKNOWN)],
)
async def test_the_exit_status_decides_and_the_first_line_tells(
    commands: CommandProbe, status: int, level: Level
) -> None:
    seen = await commands.look(script(f"echo 'DISK - 3 of 4 free | /=1GB'; echo x; exit {status}"))

    assert (seen.level, seen.reason) == (level, Reason.of("text", text="DISK - 3 of 4 free"))
    assert seen.evidence["status"] == status
    assert seen.evidence["perfdata"] == "/=1GB"
    assert seen.evidence["output"] == ["DISK - 3 of 4 free", "x"]


@pytest.mark.parametrize(
    ("status", "level"), [(0, Level.OK), (1, Level.WARNING), (2, Level.WARNING)]
)
async def test_a_check_of_level_warning_is_never_critical(
    commands: CommandProbe, status: int, level: Level
) -> None:
    seen = await commands.look(script(f"exit {status}", level=Level.WARNING))

    assert seen.level is level


@pytest.mark.parametrize(
    ("text", "level", "reason"),
    [
        pytest.param(
            "exit 2",
            Level.CRITICAL,
            Reason.of("command.exit", name="sh", status=2),
            id="without a word",
        ),
        pytest.param(
            "echo; echo it; exit 2",
            Level.CRITICAL,
            Reason.of("text", text="it"),
            id="after an empty line",
        ),
        pytest.param(
            "echo it >&2; exit 2",
            Level.CRITICAL,
            Reason.of("text", text="it"),
            id="on the other stream",
        ),
        pytest.param(
            "exit 4",
            Level.UNKNOWN,
            Reason.of("command.exit", name="sh", status=4),
            id="with a status that is reserved",
        ),
        pytest.param(
            "echo help; exit 64",
            Level.UNKNOWN,
            Reason.of("command.exit_said", name="sh", status=64, text="help"),
            id="because it was misused",
        ),
        pytest.param(
            "kill -SEGV $$",
            Level.UNKNOWN,
            Reason.of("command.signal", name="sh", signal="SIGSEGV"),
            id="by a signal",
        ),
    ],
)
async def test_how_a_program_may_end(
    commands: CommandProbe, text: str, level: Level, reason: Reason
) -> None:
    seen = await commands.look(script(text))

    assert (seen.level, seen.reason) == (level, reason)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        pytest.param(
            ["/no/such/check_it"],
            Reason.of("command.cannot_run", name="check_it", error="No such file or directory"),
            id="it is not there",
        ),
        pytest.param(
            ["no-such-program"],
            Reason.of(
                "command.cannot_run", name="no-such-program", error="No such file or directory"
            ),
            id="it is not on PATH",
        ),
        pytest.param(
            ["/etc/passwd"],
            Reason.of("command.cannot_run", name="passwd", error="Permission denied"),
            id="it is no program",
        ),
    ],
)
async def test_what_cannot_be_run_is_unknown(
    commands: CommandProbe, command: list[str], reason: Reason
) -> None:
    seen = await commands.look(check(*command))

    assert (seen.level, seen.reason) == (Level.UNKNOWN, reason)


async def test_a_shell_that_finds_no_program_says_so(commands: CommandProbe) -> None:
    seen = await commands.look(script("no-such-program"))

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "command.exit_said")
    assert seen.reason["status"] == 127
    assert "not found" in str(seen.reason["text"])


@pytest.mark.parametrize(
    ("output", "lines", "perfdata"),
    [
        pytest.param(b"", (), "", id="nothing"),
        pytest.param(b"OK\n", ("OK",), "", id="one line"),
        pytest.param(b"OK | a=1;2;3\n", ("OK",), "a=1;2;3", id="with performance data"),
        pytest.param(
            b"OK|a=1\nlong\ntext | b=2\nc=3\n", ("OK", "long", "text"), "a=1 b=2 c=3", id="the rest"
        ),
        pytest.param(b"\x1b[31mDOWN\x1b[0m\x07 \x1b]0;title\x07x", ("DOWN x",), "", id="colours"),
        pytest.param(b"\xffno\x00text", ("\ufffdno text",), "", id="bytes that are no text"),
        pytest.param(b"a\r\nb", ("a", "b"), "", id="lines of another system"),
    ],
)
def test_a_report_is_taken_apart(output: bytes, lines: tuple[str, ...], perfdata: str) -> None:
    found = report(output)

    assert (found.lines, found.perfdata) == (lines, perfdata)


# -- Debian's own


@asynccontextmanager
async def plugins() -> AsyncIterator[CommandProbe]:
    if not (PLUGINS / "check_http").exists():
        pytest.skip("needs Debian's monitoring-plugins-basic")
    probe = CommandProbe()
    yield probe
    probe.close()


@pytest.mark.parametrize(
    ("words", "level", "said"),
    [
        pytest.param(["check_dummy", "0", "fine"], Level.OK, "OK: fine", id="ok"),
        pytest.param(["check_dummy", "1", "so so"], Level.WARNING, "WARNING: so so", id="warning"),
        pytest.param(["check_dummy", "2", "bad"], Level.CRITICAL, "CRITICAL: bad", id="critical"),
        pytest.param(["check_dummy", "3", "well"], Level.UNKNOWN, "UNKNOWN: well", id="unknown"),
        pytest.param(
            ["check_disk", "-w", "1", "-c", "0", "-p", "/"], Level.OK, "DISK OK", id="a disk"
        ),
        pytest.param(
            ["check_load", "-w", "0,0,0", "-c", "9999,9999,9999"], None, "LOAD ", id="the load"
        ),
        pytest.param(
            ["check_procs", "-c", "1:", "-C", "no-such"],
            Level.CRITICAL,
            "PROCS CRITICAL",
            id="procs",
        ),
        pytest.param(
            ["check_tcp", "-H", "127.0.0.1", "-p", "1"],
            Level.CRITICAL,
            "connect to address 127.0.0.1 and port 1: Connection refused",
            id="a port",
        ),
        pytest.param(["check_disk"], Level.UNKNOWN, "Could not parse arguments", id="misused"),
    ],
)
async def test_the_monitoring_plugins_are_understood(
    words: list[str], level: Level | None, said: str
) -> None:
    async with plugins() as probe:
        seen = await probe.look(check(str(PLUGINS / words[0]), *words[1:]))

    assert str(seen.reason["text"]).startswith(said) or said in str(seen.evidence)
    assert level is None or seen.level is level


async def test_check_http_asks_a_real_server() -> None:
    async with plugins() as probe, serving([OK]) as server:
        words = ["-H", "127.0.0.1", "-p", str(server.port), "-t", "15"]
        seen = await probe.look(check(str(PLUGINS / "check_http"), *words))

    assert seen.level is Level.OK
    assert str(seen.reason["text"]).startswith("HTTP OK: HTTP/1.1 200 OK")
    assert "time=" in str(seen.evidence["perfdata"])


# -- what a program is given


GIVEN = """
import json, os, sys
mask = os.umask(0o077)
json.dump({
    "env": dict(os.environ), "umask": mask, "cwd": os.getcwd(),
    "fds": sorted(int(fd) for fd in os.listdir("/proc/self/fd")),
    "stdin": os.readlink("/proc/self/fd/0"),
    "group": os.getpgid(0) == os.getsid(0) == os.getpid(),
}, open(sys.argv[1], "w"))
"""


async def test_a_program_gets_little_of_us(
    commands: CommandProbe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("WATCHCALL_TWILIO__AUTH_TOKEN", "CREDENTIALS_DIRECTORY", "AWS_SECRET"):
        monkeypatch.setenv(name, "secret")
    leak = os.open("/etc/passwd", os.O_RDONLY)
    os.set_inheritable(leak, True)
    await commands.look(check(sys.executable, "-ISc", GIVEN, str(tmp_path / "told")))
    os.close(leak)

    told = json.loads((tmp_path / "told").read_text())
    assert told["env"].keys() - {"LC_CTYPE"} == {"PATH", "HOME", "LANG"}  # Python adds the other
    assert told["env"]["LANG"] == "C.UTF-8"
    assert told["fds"][:3] == [0, 1, 2]
    assert len(told["fds"]) <= 5  # its own file and its listing
    assert (told["stdin"], told["cwd"], told["umask"]) == ("/dev/null", "/", 0o077)
    assert told["group"] is True


async def test_what_a_program_writes_is_bounded_and_read_to_the_end(
    commands: CommandProbe,
) -> None:
    seen = await commands.look(script("yes | head -c 1000000; echo >&2; exit 1"))

    assert seen.level is Level.WARNING
    assert seen.evidence["truncated"] is True
    assert len(str(seen.evidence)) < 10_000 < MOST


# -- what hangs


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


async def until_gone(pid: int) -> bool:
    for _ in range(1000):
        if not is_running(pid):
            return True
        await asyncio.sleep(0.01)
    return False


async def until_written(path: Path) -> list[int]:
    """The numbers in a file, once it ends with a line."""
    for _ in range(1000):
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return [int(word) for word in text.split()]
        await asyncio.sleep(0.01)
    raise AssertionError(f"{path} was not written")


async def test_a_program_that_hangs_is_unknown_and_killed_with_all_it_started(
    commands: CommandProbe, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    text = f"sleep 600 & sleep 600 & echo $$ $! > {pids}; echo so far; wait"
    seen = await commands.look(script(text, timeout=SOON))

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "command.timeout")
    assert seen.evidence["output"] == ["so far"]
    assert [await until_gone(pid) for pid in await until_written(pids)] == [True, True]


async def test_a_program_that_will_not_be_asked_is_killed(
    commands: CommandProbe, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"
    text = f"trap '' TERM; echo $$ > {pids}; while :; do sleep 0.1; done"
    await commands.look(script(text, timeout=SOON))

    assert await until_gone((await until_written(pids))[0])


async def test_a_program_may_clean_up(commands: CommandProbe, tmp_path: Path) -> None:
    told = tmp_path / "told"
    text = f"trap 'echo 1 > {told}; exit 0' TERM; while :; do sleep 0.05; done"
    seen = await commands.look(script(text, timeout=SOON))

    assert seen.reason.code == "command.timeout"
    assert await until_written(told) == [1]


async def test_who_holds_the_pipe_open_holds_no_look(
    commands: CommandProbe, tmp_path: Path
) -> None:
    """In a session of its own it outlives the program, as a daemon does; and nobody waits."""
    pid = tmp_path / "pid"
    daemon = f"setsid sh -c 'echo $$ > {pid}; exec sleep 600'"
    text = f"{daemon} & while [ ! -s {pid} ]; do :; done; echo it"
    seen = await commands.look(script(text))
    (left,) = await until_written(pid)
    was_running = is_running(left)
    os.kill(left, signal.SIGKILL)

    assert (seen.level, seen.reason, was_running) == (Level.OK, Reason.of("text", text="it"), True)


async def test_what_a_program_leaves_in_its_group_ends_with_it(
    commands: CommandProbe, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    seen = await commands.look(script(f"sleep 600 & echo $! > {pid}; echo it"))

    assert seen.level is Level.OK
    assert await until_gone((await until_written(pid))[0])


async def test_a_look_that_is_given_up_takes_its_program_along(
    commands: CommandProbe, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    task = asyncio.create_task(commands.look(script(f"echo $$ > {pid}; exec sleep 600")))
    (started,) = await until_written(pid)
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert await until_gone(started)


async def test_closing_kills_what_runs(tmp_path: Path) -> None:
    probe, pid = CommandProbe(), tmp_path / "pid"
    task = asyncio.create_task(probe.look(script(f"trap '' TERM; echo $$ > {pid}; sleep 600")))
    (started,) = await until_written(pid)
    probe.close()

    assert await until_gone(started)
    assert (await task).reason == Reason.of("command.signal", name="sh", signal="SIGKILL")


async def test_a_program_that_hangs_delays_no_other(commands: CommandProbe) -> None:
    hung = asyncio.create_task(commands.look(script("sleep 600")))
    others = [replace(script("exit 0"), name=f"other {number}") for number in range(20)]
    seen = await asyncio.gather(*(commands.look(other) for other in others))

    assert {one.level for one in seen} == {Level.OK}
    assert not hung.done()
    hung.cancel()
    await asyncio.wait([hung])


async def test_a_program_that_cannot_even_be_killed_is_started_once(
    commands: CommandProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk that it is on hangs: exec() does not come back."""
    started = []
    hangs, may_end = os.pipe()

    def blocks(_: object) -> Any:
        started.append(1)
        os.read(hangs, 1)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("watchcall.probes.plugin._started", blocks)
    first = await bounded_look(commands, script("exit 0", timeout=SOON), FakeClock())
    second = await commands.look(script("exit 0"))
    os.close(may_end)

    assert first.seen.reason.code == "look.timeout"
    assert (second.level, second.reason) == (
        Level.UNKNOWN,
        Reason.of("command.still_there", name="sh"),
    )
    assert len(started) == 1
    os.close(hangs)


async def test_a_check_looks_again_and_again(commands: CommandProbe) -> None:
    seen = [await commands.look(script("exit 1")) for _ in range(10)]

    assert {one.level for one in seen} == {Level.WARNING}


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_looks_leave_no_descriptor_and_no_zombie(commands: CommandProbe) -> None:
    await commands.look(script("exit 0"))
    before, children = descriptors(), psutil.Process().children()
    for text in ("exit 0", "no-such-program", "kill -9 $$", "sleep 600 & exit 2"):
        await commands.look(script(text))
    await commands.look(check("/no/such/program"))

    assert descriptors() == before
    assert psutil.Process().children() == children


async def test_what_a_command_check_runs_is_nobodys_httpd(
    commands: CommandProbe, processes: ProcessProbe, tmp_path: Path
) -> None:
    pid, mark = tmp_path / "pid", f"wc-{os.getpid()}-httpd"
    text = f"sh -c 'echo $$ > {pid}; sleep 600; : {mark}'; : {mark}"
    task = asyncio.create_task(commands.look(script(text)))
    await until_written(pid)
    target = ProcessTarget(cmdline=re.compile(mark))
    seen = await processes.look(Check(name="httpd", target=target))
    task.cancel()
    await asyncio.wait([task])

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "process.none_like")


async def test_a_check_of_another_type_is_a_mistake_of_ours(commands: CommandProbe) -> None:
    with pytest.raises(TypeError):
        await commands.look(replace(script(""), target=ProcessTarget(process="httpd")))
