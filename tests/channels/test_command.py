"""Commands: what they are given, and what is made of how they end."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.outlets import DOCUMENT, NOTICE
from watchcall.channels.command import CommandOutlet
from watchcall.channels.outlets import outlet_of
from watchcall.core.contact import Address
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure


def shell(script: str) -> Address:
    return Address(shown="/bin/sh", command=("/bin/sh", "-c", script))


async def refusal(address: Address, deadline: timedelta = timedelta(seconds=20)) -> PhoneError:
    with pytest.raises(PhoneError) as caught:
        await CommandOutlet(address, deadline).deliver(NOTICE)
    return caught.value


async def test_it_reads_the_document_on_its_standard_input(tmp_path: Path) -> None:
    given = tmp_path / "given"
    await outlet_of("command", shell(f"cat > {given}")).deliver(NOTICE)

    assert json.loads(given.read_text("utf-8")) == DOCUMENT


async def test_no_shell_reads_its_arguments(tmp_path: Path) -> None:
    argv = ("/usr/bin/touch", str(tmp_path / "a; $(b) *"))
    await CommandOutlet(Address(shown=argv[0], command=argv)).deliver(NOTICE)

    assert [path.name for path in tmp_path.iterdir()] == ["a; $(b) *"]


async def test_one_that_reads_nothing_has_still_taken_it() -> None:
    await CommandOutlet(shell("exit 0")).deliver(NOTICE)


@pytest.mark.parametrize("status", [1, 2, 64, 74, 76, 127])
async def test_a_status_that_says_no_is_a_refusal_with_the_first_line_of_its_errors(
    status: int,
) -> None:
    error = await refusal(shell(f"echo no such room >&2; echo more >&2; exit {status}"))

    assert isinstance(error, Rejected)
    assert (str(error), error.code) == (f"/bin/sh exited with {status}: no such room", None)


async def test_status_75_is_tried_again() -> None:
    error = await refusal(shell("echo later >&2; exit 75"))

    assert isinstance(error, NotPlaced)
    assert str(error) == "/bin/sh exited with 75: later"


@pytest.mark.parametrize("program", ["/nowhere/at-all", "/etc/passwd", "no-such-program-at-all"])
async def test_one_that_cannot_be_started_is_tried_again(program: str) -> None:
    error = await refusal(Address(shown=program, command=(program,)))

    assert isinstance(error, NotPlaced)
    assert str(error).startswith(f"{program} cannot be run: ")


async def test_one_that_is_killed_is_tried_again() -> None:
    assert isinstance(await refusal(shell("kill -9 $$")), Unsure)


async def test_one_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f'sleep 300 & echo $! $$ > {pids}; trap "" TERM; wait'
    began = time.monotonic()
    error = await refusal(shell(script), timedelta(seconds=0.5))

    assert isinstance(error, Unsure)
    assert "was killed after" in str(error)
    assert time.monotonic() - began < 10
    for pid in map(int, pids.read_text().split()):
        await gone(pid)


async def test_what_it_leaves_behind_does_not_make_it_late() -> None:
    """A child that keeps the standard error open: the program itself has said that all is well."""
    await CommandOutlet(shell("sleep 300 & exit 0"), timedelta(seconds=0.5)).deliver(NOTICE)


async def test_it_never_sees_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHCALL_TWILIO__AUTH_TOKEN", "not-for-others")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/watchcall.service")
    seen = tmp_path / "environment"
    await CommandOutlet(shell(f"env > {seen}")).deliver(NOTICE)

    assert "PATH=" in seen.read_text()
    assert "not-for-others" not in seen.read_text()
    assert "CREDENTIALS_DIRECTORY" not in seen.read_text()


async def gone(pid: int) -> None:
    """Wait until a process has ended; nobody else reaps an orphan but init."""
    async with asyncio.timeout(10):
        while runs(pid):  # noqa: ASYNC110 - a stranger's end can only be asked for
            await asyncio.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
