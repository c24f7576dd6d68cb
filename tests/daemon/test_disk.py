"""A disk that takes nothing, at the start and while it runs: people are called all the same."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.disks import EXT4, TMPFS, SmallDisk, needs_root, small_disk
from tests.daemon.server import Server, server
from tests.store.older import laid_out

pytestmark = needs_root

SOON = "from watchcall.store import disk; disk.AGAIN_S = 0.2"
IN_MEMORY = "WatchCall goes on in memory"


@asynccontextmanager
async def on_a_small_disk(
    folder: Path, kind: str = TMPFS
) -> AsyncIterator[tuple[Server, SmallDisk]]:
    async with (
        small_disk(folder / "state", kind) as disk,
        server(folder, hurry=SOON, through=disk.through) as web1,
    ):
        yield web1, disk


async def told_of_itself(web1: Server) -> dict[str, Any]:
    """What `status` says, once the pager knows of the disk."""
    await web1.logged("pager is degraded: cannot write to the database")
    code, _, _ = await web1.run("status")
    assert code == 1
    found: dict[str, Any] = await web1.json("status")
    return found


async def test_full_while_it_runs_people_are_called_and_nothing_is_forgotten(
    tmp_path: Path,
) -> None:
    async with on_a_small_disk(tmp_path) as (web1, disk):
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        disk.fill()
        await web1.kill_httpd()
        await web1.logged("reached")
        status = await told_of_itself(web1)
        own = next(one for one in await web1.json("incidents") if one["check"] == "WatchCall")
        silenced = await web1.run("silence", "httpd", "--for", "1h")
        assert "a restart before it can be written again forgets this" in silenced[1]
        assert status["checks"][0]["state"] == "failing"
        assert status["pager"]["state"] == "degraded"
        assert "database or disk is full; " + IN_MEMORY in status["troubles"][0]
        assert own["reason"].startswith("this server's disk cannot be written")

        disk.make_room()
        await web1.logged("the database can be written again")
        await web1.until(lambda: any("no longer: cannot write" in line for line in web1.log))
        status = await web1.json("status")
        assert (status["troubles"], status["pager"]["state"]) == ([], "ok")
        assert "forgets" not in (await web1.run("unsilence", "1"))[1]
        await web1.kill()
        await web1.start()
        assert (await web1.json("calls"))[0]["outcome"] == "answered"
        assert (await web1.json("status"))["checks"][0]["state"] == "failing"
        assert len(web1.simulator.calls) == 1


async def test_told_to_stop_it_still_carries_over_what_it_can(tmp_path: Path) -> None:
    async with on_a_small_disk(tmp_path) as (web1, disk):
        web1.hurry = ""  # it would not try for five seconds
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        disk.fill()
        await web1.kill_httpd()
        await web1.logged("reached")
        disk.make_room()
        assert await web1.stop() == 0
        await web1.start()

        assert (await web1.json("calls"))[0]["outcome"] == "answered"
        assert len(web1.simulator.calls) == 1


def written(web1: Server) -> bool:
    """Whether the last that was said of the disk is that it takes what is written.

    SQLite makes a little room itself when it opens a file anew, so this may have been so before.
    """
    begun, over = "CRITICAL cannot write", "WARNING  the database can be written again"
    said = [line for line in web1.log if begun in line or over in line]
    return bool(said) and over in said[-1]


@pytest.mark.parametrize(
    ("fault", "ended"),
    [
        ("full", "killed"),
        ("full", "stopped"),
        ("full", "never there"),
        ("read-only", "killed"),
        ("read-only", "stopped"),
    ],
)
async def test_at_the_start_it_watches_calls_and_knows_what_it_can_read(
    tmp_path: Path, fault: str, ended: str
) -> None:
    async with on_a_small_disk(tmp_path) as (web1, disk):
        if ended != "never there":
            await web1.start()
            await web1.logged("check 'httpd' is ok")
            await (web1.kill() if ended == "killed" else web1.stop())
        else:
            (disk.seen / "lock").touch()
        if fault == "full":
            disk.fill()
        else:
            await disk.mount_again("ro")
        before = len(web1.log)
        await web1.start()
        watches = next(nth for nth, line in enumerate(web1.log[before:]) if "watches" in line)
        assert any(IN_MEMORY in line for line in web1.log[before:][:watches])
        await web1.kill_httpd()
        await web1.logged("reached")
        status = await told_of_itself(web1)
        assert status["checks"][0]["state"] == "failing"

        if fault == "full":
            disk.make_room()
        else:
            await disk.mount_again("rw")
        await web1.until(lambda: written(web1))
        await web1.kill()
        await web1.start()
        assert (await web1.json("calls"))[0]["outcome"] == "answered"
        assert len(web1.simulator.calls) == 1


async def test_a_read_only_place_that_never_held_anything_is_a_wrong_place(tmp_path: Path) -> None:
    async with on_a_small_disk(tmp_path) as (web1, disk):
        await disk.mount_again("ro")
        code, _, err = await web1.run("run")

        assert code == 78
        assert f"daemon: state_dir: cannot write to {disk.folder}: Read-only file system" in err


async def test_read_only_while_it_runs_people_are_called(tmp_path: Path) -> None:
    """As ext4 does it by itself after an error of the disk."""
    async with on_a_small_disk(tmp_path, EXT4) as (web1, disk):
        await web1.start()
        await web1.logged("check 'httpd' is ok")
        disk.break_down()
        await web1.kill_httpd()
        await web1.logged("reached")
        status = await told_of_itself(web1)

        assert IN_MEMORY in status["troubles"][0]
        assert len(web1.simulator.calls) == 1


async def test_without_room_for_a_copy_it_is_not_upgraded(tmp_path: Path) -> None:
    async with on_a_small_disk(tmp_path) as (web1, disk):
        shutil.copy(laid_out("schema-2", tmp_path), disk.seen)
        disk.fill()
        code, _, err = await web1.run("run")
        assert code == 1
        assert "schema 2" in err
        assert "Traceback" not in err

        disk.make_room()
        await web1.start()
        assert any("the database is upgraded" in line for line in web1.log)
