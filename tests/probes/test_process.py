"""Which processes a check means, seen on real ones."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import psutil
import pytest

from tests.probes.victims import Victims
from watchcall.core.check import Check, HttpTarget, Limits, ProcessTarget, Range
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.core.words.en import ENGLISH
from watchcall.probes import held
from watchcall.probes.census import judge
from watchcall.probes.cpu import CpuMeter
from watchcall.probes.matching import Found
from watchcall.probes.memory import Sightings
from watchcall.probes.process import ProcessProbe
from watchcall.probes.procfs import is_watchcall


def check(level: Level = Level.CRITICAL, **target: Any) -> Check:
    return Check(name="victim", target=ProcessTarget(**target), level=level)


def zombies(seen: Observation) -> list[int]:
    found = seen.evidence["zombies"]
    assert isinstance(found, list)
    return found


def pids(seen: Observation) -> list[int]:
    found = seen.evidence["pids"]
    assert isinstance(found, list)
    return found


# -- by name


async def test_a_process_is_found_by_the_name_of_its_program(
    processes: ProcessProbe, victims: Victims
) -> None:
    name = victims.name()
    pid = victims.start(victims.program(name))

    seen = await processes.look(check(process=name))

    assert (Level.OK, [pid]) == (seen.level, pids(seen))
    assert Reason.of("process.running", name=name, count=1) == seen.reason


async def test_a_process_that_ended_is_a_failure(processes: ProcessProbe, victims: Victims) -> None:
    name = victims.name()
    victims.end(victims.start(victims.program(name)))

    seen = await processes.look(check(process=name))

    assert (Level.CRITICAL, Reason.of("process.none", name=name)) == (seen.level, seen.reason)


async def test_a_plain_failure_has_the_level_of_its_check(
    processes: ProcessProbe, victims: Victims
) -> None:
    seen = await processes.look(check(Level.WARNING, process=victims.name()))

    assert seen.level is Level.WARNING


async def test_a_process_is_found_by_argv0(processes: ProcessProbe, victims: Victims) -> None:
    name = victims.name()
    pid = victims.start(victims.program(victims.name()), [f"/opt/x/{name}", "600"])

    assert [pid] == pids(await processes.look(check(process=name)))


async def test_a_process_is_found_by_a_title_of_its_own(
    processes: ProcessProbe, victims: Victims
) -> None:
    name = victims.name()
    pid = victims.start(victims.program(victims.name()), [f"{name}: worker process", "600"])

    assert [pid] == pids(await processes.look(check(process=name)))


async def test_a_process_is_found_by_comm(processes: ProcessProbe, victims: Victims) -> None:
    name = victims.name()
    pid = victims.renamed(name)

    assert [pid] == pids(await processes.look(check(process=name)))


async def test_a_process_is_found_by_exe_whatever_it_calls_itself(
    processes: ProcessProbe, victims: Victims
) -> None:
    name = victims.name()
    link = victims.program(name).parent / victims.name()
    link.symlink_to(name)
    pid = victims.start(link, ["other", "600"])

    assert [pid] == pids(await processes.look(check(process=name)))


async def test_a_longer_name_is_another_name(processes: ProcessProbe, victims: Victims) -> None:
    name = victims.name()
    victims.start(victims.program(f"{name}x"))

    assert pids(await processes.look(check(process=name))) == []


async def test_names_that_differ_after_the_fifteenth_letter_differ(
    processes: ProcessProbe, victims: Victims
) -> None:
    stem = f"{victims.name()}-watchcall-victim"
    pid = victims.start(victims.program(f"{stem}-a"))
    victims.start(victims.program(f"{stem}-b"))

    assert [pid] == pids(await processes.look(check(process=f"{stem}-a")))


async def test_a_name_cut_to_fifteen_letters_is_not_the_name(
    processes: ProcessProbe, victims: Victims
) -> None:
    stem = f"{victims.name()}-watchcall-victim"
    victims.renamed(stem[:15])

    assert pids(await processes.look(check(process=stem))) == []


async def test_a_script_with_a_long_name_is_found(
    processes: ProcessProbe, victims: Victims, tmp_path: Path
) -> None:
    name = f"{victims.name()}-long-daemon.sh"
    (tmp_path / name).write_text("#!/bin/sh\nkill -STOP $$\n")
    (tmp_path / name).chmod(0o755)
    pid = victims.start(tmp_path / name)

    assert [pid] == pids(await processes.look(check(process=name)))


# -- which one it was


async def test_a_process_that_is_gone_is_named(processes: ProcessProbe, victims: Victims) -> None:
    program = victims.program(victims.name())
    one = check(process=program.name)
    pid = victims.start(program)
    await processes.look(one)
    victims.end(pid)
    seen = await processes.look(one)

    assert seen.reason.code == "process.none.last"
    assert (seen.reason["name"], seen.reason["pid"]) == (program.name, pid)
    assert seen.evidence["last"]["pids"] == [pid]  # type: ignore[index]
    assert ENGLISH.spoken_reason(seen.reason) == f"no process named {program.name} is running"


async def test_a_check_that_means_another_process_now_has_seen_none(
    processes: ProcessProbe, victims: Victims
) -> None:
    program = victims.program(victims.name())
    pid = victims.start(program)
    await processes.look(check(process=program.name))
    victims.end(pid)
    seen = await processes.look(check(exe=program))

    assert (seen.reason.code, "last" in seen.evidence) == ("process.none", False)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        pytest.param({"process": "httpd"}, "process.none.last", id="by its name"),
        pytest.param({"unit": "httpd.service"}, "process.none_of.last", id="by its unit"),
        pytest.param({"cmdline": re.compile("x")}, "process.none_like.last", id="by a pattern"),
    ],
)
def test_the_last_process_is_told_with_when_it_was_there(target: dict[str, Any], code: str) -> None:
    now = [1000.0]
    sightings, one = Sightings(lambda: now[0]), check(**target)
    sightings.saw(one, [812, 815])
    sightings.saw(one, [])
    now[0] += 3.2
    wanted = one.target
    assert isinstance(wanted, ProcessTarget)
    seen = judge(one, wanted, Found(), CpuMeter(), sightings.last(one))

    assert (seen.reason.code, seen.reason["pid"], seen.reason["ago"]) == (code, 812, 3)
    assert seen.evidence["last"] == {"pids": [812, 815], "ago_s": 3.2}


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (3, "no process named httpd is running, the last one, PID 812, was there 3 seconds before"),
        (
            7500,
            "no process named httpd is running, the last one, PID 812, was there 2 hours and "
            "5 minutes before",
        ),
    ],
)
def test_how_long_ago_is_said_in_words(ago: int, said: str) -> None:
    reason = Reason.of("process.none.last", name="httpd", pid=812, ago=ago)

    assert ENGLISH.reason(reason) == said
    assert ENGLISH.reason(Reason.from_json(reason.as_json())) == said


# -- by the other matchers


async def test_the_command_line_is_searched_whole(
    processes: ProcessProbe, victims: Victims
) -> None:
    mark = victims.name()
    pid = victims.python("", "--config", f"/etc/{mark}.conf")

    assert [pid] == pids(await processes.look(check(cmdline=re.compile(rf"--config /etc/{mark}"))))


async def test_a_command_line_may_be_very_long(processes: ProcessProbe, victims: Victims) -> None:
    mark = victims.name()
    pid = victims.python("", "x" * 100_000, mark)

    assert [pid] == pids(await processes.look(check(cmdline=re.compile(f"{mark}$"))))


async def test_what_is_excluded_does_not_count(processes: ProcessProbe, victims: Victims) -> None:
    program = victims.program(victims.name())
    pid = victims.start(program, [str(program), "600"])
    victims.start(program, [str(program), "601"])

    seen = await processes.look(check(exe=program, exclude=re.compile(r"60[1-9]$")))

    assert [pid] == pids(seen)


async def test_an_exe_is_the_file_not_its_name(processes: ProcessProbe, victims: Victims) -> None:
    name = victims.name()
    pid = victims.start(victims.program(name))
    victims.start(victims.program(f"other/{name}"))

    seen = await processes.look(check(exe=Path(f"/proc/{pid}/exe").resolve()))

    assert [pid] == pids(seen)


async def test_a_program_replaced_by_an_upgrade_is_still_running(
    processes: ProcessProbe, victims: Victims
) -> None:
    program = victims.program(victims.name())
    pid = victims.start(program)
    program.unlink()

    assert [pid] == pids(await processes.look(check(exe=program)))


async def test_a_process_has_the_user_it_runs_as(processes: ProcessProbe, victims: Victims) -> None:
    program = victims.program(victims.name())
    pid = victims.start(program)

    assert [pid] == pids(await processes.look(check(exe=program, user=str(os.getuid()))))
    assert pids(await processes.look(check(exe=program, user="65533"))) == []


async def test_a_user_that_does_not_exist_is_unknown(processes: ProcessProbe) -> None:
    seen = await processes.look(check(user="nobody-has-this-name"))

    assert seen.level is Level.UNKNOWN
    assert Reason.of("process.no_user", user="nobody-has-this-name") == seen.reason


async def test_all_matchers_must_hold(processes: ProcessProbe, victims: Victims) -> None:
    name = victims.name()
    victims.start(victims.program(name))

    seen = await processes.look(check(process=name, cmdline=re.compile("no such argument")))

    assert Reason.of("process.none", name=name) == seen.reason


# -- what never matches


async def test_what_watchcall_started_never_matches(
    processes: ProcessProbe, victims: Victims
) -> None:
    program = victims.program(victims.name())
    child = await asyncio.create_subprocess_exec(program, "600")
    seen = await processes.look(check(process=program.name))
    child.kill()
    await child.wait()

    assert Reason.of("process.none", name=program.name) == seen.reason


PARENT = """
import ctypes, sys
exec_done, open_until_exec = os.pipe()
if os.fork() == 0:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    os.close(9)
    os.execv({program!r}, [{program!r}, "600"])
os.close(open_until_exec)
os.read(exec_done, 1)
"""


@pytest.mark.parametrize(
    ("parent", "word", "code"),
    [
        pytest.param("watchcall", "run", "process.none", id="of the daemon: a plugin"),
        pytest.param("watchcall", "demo", "process.running", id="of the rehearsal"),
        pytest.param("python", "run", "process.running", id="of anybody else"),
    ],
)
async def test_whose_child_a_process_is(
    processes: ProcessProbe, victims: Victims, parent: str, word: str, code: str
) -> None:
    """`watchcall probe httpd` while the daemon runs a plugin that is called httpd too."""
    program = victims.program(victims.name())
    victims.python(PARENT.format(program=str(program)), word, called=parent)

    seen = await processes.look(check(process=program.name))

    assert seen.reason.code == code


async def test_a_process_in_a_container_is_a_process_of_this_machine(
    processes: ProcessProbe, victims: Victims
) -> None:
    """With a PID namespace of its own; `unit` and `user` tell it from others of its name."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a namespace here")
    program = victims.program(victims.name())
    unshare = shutil.which("unshare")
    assert unshare is not None
    argv = [unshare, "--pid", "--fork", "--kill-child", str(program), "600"]
    victims.start(unshare, argv)
    async with asyncio.timeout(20):
        while not pids(seen := await processes.look(check(process=program.name))):
            pass

    assert seen.evidence["count"] == 1


async def test_watchcall_itself_never_matches(processes: ProcessProbe) -> None:
    me = psutil.Process()

    seen = await processes.look(check(exe=Path(me.exe()), cmdline=re.compile(".")))

    assert os.getpid() not in pids(seen)


async def test_another_watchcall_never_matches(processes: ProcessProbe, victims: Victims) -> None:
    program = victims.program(victims.name())
    victims.start(program, ["/usr/bin/watchcall", "600"])

    seen = await processes.look(check(exe=program))

    assert seen.reason.code == "process.none"


@pytest.mark.parametrize(
    ("cmdline", "is_one"),
    [
        pytest.param("/usr/bin/watchcall run", True, id="installed"),
        pytest.param("python3 /usr/bin/watchcall run", True, id="by its interpreter"),
        pytest.param("/usr/bin/python3.11 -m watchcall run", True, id="as a module"),
        pytest.param("less /usr/share/doc/watchcall", False, id="not who reads about it"),
        pytest.param("python3 app.py watchcall", False, id="not who is told of it"),
        pytest.param("python3", False, id="not every python"),
        pytest.param("", False, id="not a kernel thread"),
    ],
)
def test_what_is_a_watchcall(cmdline: str, is_one: bool) -> None:
    assert is_watchcall(cmdline.split()) is is_one


async def test_zombies_do_not_run(processes: ProcessProbe, victims: Victims) -> None:
    name = victims.name()
    victims.parent_of_zombie(name)

    seen = await processes.look(check(process=name))

    assert (Level.CRITICAL, Reason.of("process.zombie", name=name, count=1)) == (
        seen.level,
        seen.reason,
    )


# -- how many


@pytest.mark.parametrize(
    ("running", "count", "warning", "level", "code"),
    [
        pytest.param(2, Range(min=2), Range(), Level.OK, "running", id="enough"),
        pytest.param(1, Range(min=2), Range(), Level.CRITICAL, "too_few", id="too few"),
        pytest.param(2, Range(max=1), Range(), Level.CRITICAL, "too_many", id="too many"),
        pytest.param(0, Range(min=0, max=0), Range(), Level.OK, "running", id="none is right"),
        pytest.param(1, Range(min=0, max=0), Range(), Level.CRITICAL, "too_many", id="one is not"),
        pytest.param(
            1, Range(min=1), Range(min=2), Level.WARNING, "too_few", id="few enough to warn"
        ),
        pytest.param(
            2, Range(min=1), Range(max=1), Level.WARNING, "too_many", id="many enough to warn"
        ),
    ],
)
async def test_how_many_are_right(
    processes: ProcessProbe,
    victims: Victims,
    running: int,
    count: Range,
    warning: Range,
    level: Level,
    code: str,
) -> None:
    program = victims.program(victims.name())
    for _ in range(running):
        victims.start(program)

    seen = await processes.look(check(process=program.name, count=count, warning=warning))

    assert (level, f"process.{code}") == (seen.level, seen.reason.code)
    assert running == seen.evidence["count"]


# -- memory and CPU


@pytest.mark.parametrize(
    ("limits", "level"),
    [
        pytest.param(Limits(warning=1, critical=1 << 50), Level.WARNING, id="above the softer"),
        pytest.param(Limits(warning=1, critical=2), Level.CRITICAL, id="above both"),
        pytest.param(Limits(warning=1 << 50), Level.OK, id="below"),
    ],
)
async def test_memory_has_limits(
    processes: ProcessProbe, victims: Victims, limits: Limits, level: Level
) -> None:
    program = victims.program(victims.name())
    victims.start(program)

    seen = await processes.look(check(process=program.name, memory=limits))

    assert seen.level is level


async def test_memory_is_summed(processes: ProcessProbe, victims: Victims) -> None:
    program = victims.program(victims.name())
    each = [psutil.Process(victims.start(program)).memory_info().rss for _ in range(2)]

    seen = await processes.look(check(process=program.name, memory=Limits(critical=sum(each))))

    assert seen.level is Level.CRITICAL


async def test_the_first_look_has_no_cpu_value(processes: ProcessProbe, victims: Victims) -> None:
    program = victims.program(victims.name())
    victims.start(program)

    seen = await processes.look(check(process=program.name, cpu=Limits(critical=0)))

    assert seen.level is Level.OK
    assert {"rule": "cpu", "level": "ok", "saw": None, "warning": None, "critical": 0} in rules(
        seen
    )


def rules(seen: Observation) -> list[dict[str, Any]]:
    found = seen.evidence["rules"]
    assert isinstance(found, list)
    return found


# -- PID files


@pytest.fixture
def pidfile(tmp_path: Path) -> Path:
    return tmp_path / "victim.pid"


async def test_a_pidfile_names_the_process(
    processes: ProcessProbe, victims: Victims, pidfile: Path
) -> None:
    pid = victims.start(victims.program(victims.name()))
    pidfile.write_text(f"{pid}\nmore\n")

    seen = await processes.look(check(pidfile=pidfile))

    assert (Level.OK, [pid]) == (seen.level, pids(seen))


async def test_a_missing_pidfile_is_a_failure(processes: ProcessProbe, pidfile: Path) -> None:
    seen = await processes.look(check(pidfile=pidfile))

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "process.pidfile_missing")


async def test_a_pidfile_of_a_dead_process_is_a_failure(
    processes: ProcessProbe, victims: Victims, pidfile: Path
) -> None:
    pid = victims.start(victims.program(victims.name()))
    victims.end(pid)
    pidfile.write_text(str(pid))

    seen = await processes.look(check(pidfile=pidfile))

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "process.pidfile_dead")


@pytest.mark.parametrize(
    ("ends", "how"),
    [
        ("os._exit(3)", {"status": 3}),
        ("os.kill(os.getpid(), signal.SIGKILL)", {"signal": 9, "core_dumped": False}),
        pytest.param("os._exit(0)", None, id="the kernel says 0 to those who may not know too"),
    ],
)
async def test_how_a_zombie_ended_is_known(
    processes: ProcessProbe, victims: Victims, ends: str, how: dict[str, Any] | None
) -> None:
    name = victims.name()
    victims.parent_of_zombie(name, ends)

    seen = await processes.look(check(process=name))

    (pid,) = zombies(seen)
    assert seen.evidence["ended"] == ([{"pid": pid, **how}] if how else [])


async def test_a_pidfile_of_a_zombie_is_a_failure(
    processes: ProcessProbe, victims: Victims, pidfile: Path
) -> None:
    parent = victims.parent_of_zombie(victims.name())
    pidfile.write_text(str(psutil.Process(parent).children()[0].pid))

    seen = await processes.look(check(pidfile=pidfile))

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "process.pidfile_dead")


async def test_a_stale_pidfile_whose_number_another_program_has_is_a_failure(
    processes: ProcessProbe, victims: Victims, pidfile: Path
) -> None:
    pidfile.write_text(str(victims.start(victims.program(victims.name()))))

    seen = await processes.look(check(pidfile=pidfile, process="httpd"))

    assert (seen.level, seen.reason.code) == (Level.CRITICAL, "process.pidfile_other")


@pytest.mark.parametrize(
    ("booted", "level", "code"),
    [
        pytest.param(True, Level.CRITICAL, "process.none_of", id="where systemd runs"),
        pytest.param(False, Level.UNKNOWN, "unit.cannot_look", id="where it does not"),
    ],
)
async def test_no_process_of_a_unit(
    processes: ProcessProbe,
    booted: bool,
    level: Level,
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = tmp_path if booted else tmp_path / "none"
    monkeypatch.setattr("watchcall.probes.process.SYSTEMD", there)

    seen = await processes.look(check(unit="watchcall-test-nobody.service"))

    assert (seen.level, seen.reason.code) == (level, code)


@pytest.mark.parametrize(
    "text", ["", "none", "-5", "0", "12 34", "12345678901", "\x00"], ids=lambda text: repr(text)
)
async def test_a_pidfile_without_a_number_is_unknown(
    processes: ProcessProbe, pidfile: Path, text: str
) -> None:
    pidfile.write_text(text)

    seen = await processes.look(check(pidfile=pidfile))

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "process.pidfile_no_number")


async def test_a_pidfile_that_cannot_be_read_is_unknown(
    processes: ProcessProbe, pidfile: Path
) -> None:
    pidfile.mkdir()

    seen = await processes.look(check(pidfile=pidfile))

    assert (seen.level, seen.reason.code) == (Level.UNKNOWN, "process.pidfile_unreadable")


async def test_a_pidfile_that_is_a_pipe_does_not_hold_the_scan(
    processes: ProcessProbe, pidfile: Path
) -> None:
    os.mkfifo(pidfile)

    assert (await processes.look(check(pidfile=pidfile))).level is Level.UNKNOWN


# -- evidence


async def test_the_evidence_shows_what_matched_and_why(
    processes: ProcessProbe, victims: Victims
) -> None:
    program = victims.program(victims.name())
    pid = victims.start(program, [str(program), "600"])

    seen = await processes.look(check(process=program.name))

    assert [
        {
            "pid": pid,
            "name": program.name,
            "user": psutil.Process().username(),
            "cmdline": f"{program} 600"[:200],
            "rss": psutil.Process(pid).memory_info().rss,
            "cgroup": ANY,  # whatever this machine runs tests in
            "unit": ANY,
        }
    ] == seen.evidence["matched"]
    assert [rule["rule"] for rule in rules(seen)] == ["count"]


async def test_a_command_line_full_of_control_characters_is_shown_clean(
    processes: ProcessProbe, victims: Victims
) -> None:
    mark = victims.name()
    victims.python("", f"{mark}\x1b[31m\nrm")

    seen = await processes.look(check(cmdline=re.compile(mark)))

    shown = str(seen.evidence["matched"])
    assert mark in shown
    assert "\\x1b" not in shown


# -- what may not be seen

BLIND = """
import asyncio, os, sys
from pathlib import Path
from watchcall.core.check import Check, ProcessTarget
from watchcall.probes.process import ProcessProbe

if sys.argv[1] == "hidden":
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(0x20000) == 0  # CLONE_NEWNS
    assert libc.mount(b"none", b"/", None, 0x44000, None) == 0  # MS_REC | MS_PRIVATE
    assert libc.mount(b"proc", b"/proc", b"proc", 0, b"hidepid=2") == 0
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
target = ProcessTarget(**eval(sys.argv[2]))
seen = asyncio.run(ProcessProbe().look(Check(name="x", target=target)))
print(seen.level.value, seen.reason.code)
"""


def seen_by_nobody(kind: str, target: str) -> str:
    if os.geteuid() != 0:
        pytest.skip("only root can become nobody")
    run = subprocess.run(
        [sys.executable, "-c", BLIND, kind, target], capture_output=True, text=True, timeout=30
    )
    if kind == "hidden" and "AssertionError" in run.stderr:
        pytest.skip("no mount namespaces here")
    assert run.stderr == ""
    return run.stdout.strip()


def test_where_processes_are_hidden_nothing_is_down() -> None:
    assert seen_by_nobody("hidden", "{'process': 'no-such-program'}") == "unknown process.hidden"


def test_where_the_program_may_not_be_seen_nothing_is_down(victims: Victims) -> None:
    program = victims.program(victims.name())
    victims.start(program)

    seen = seen_by_nobody("visible", f"{{'exe': Path({str(program)!r})}}")

    assert seen == "unknown process.unreadable"


def test_a_program_that_nobody_is_called_after_is_down_even_without_privileges() -> None:
    target = "{'exe': Path('/no/such/program')}"

    assert seen_by_nobody("visible", target) == "critical process.none"


async def test_an_exe_may_be_given_as_a_link(processes: ProcessProbe, victims: Victims) -> None:
    program = victims.program(victims.name())
    link = program.with_name(victims.name())
    link.symlink_to(program)
    pid = victims.start(program)

    assert [pid] == pids(await processes.look(check(exe=link)))


def test_a_name_that_nobody_has_is_a_failure_even_without_privileges() -> None:
    target = "{'process': 'no-such-program'}"

    assert seen_by_nobody("visible", target) == "critical process.none"


def test_a_name_that_others_have_is_found_without_privileges(victims: Victims) -> None:
    name = victims.name()
    victims.renamed(name)

    assert seen_by_nobody("visible", f"{{'process': {name!r}}}") == "ok process.running"


async def test_a_proc_that_is_not_mounted_hides_everything(
    processes: ProcessProbe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))

    seen = await processes.look(check(process="httpd"))

    assert (Level.UNKNOWN, Reason.of("process.hidden")) == (seen.level, seen.reason)


async def test_a_check_of_another_type_is_a_mistake_of_ours(processes: ProcessProbe) -> None:
    with pytest.raises(TypeError):
        await processes.look(replace(check(), target=HttpTarget(url="http://127.0.0.1/")))


async def test_a_process_that_may_no_longer_be_read_is_named_with_the_reason(
    processes: ProcessProbe, victims: Victims, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = victims.name()
    pid = victims.renamed(name)

    def refused(one: int, file: str, place: str) -> bytes:
        if (one, file) == (pid, "stat"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(one, file, place)

    read = held.read
    monkeypatch.setattr(held, "read", refused)
    seen = await processes.look(check(process=name))

    assert seen.level is Level.UNKNOWN
    assert f"/proc/{pid}: Permission denied" in ENGLISH.reason(seen.reason)
