"""A server is upgraded: what its old WatchCall owed is told, and what it told stays told."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.daemon.server import Server, server
from tests.store.fixtures.make import configuration, program
from tests.store.older import OLDER, laid_out, version_of

WORDS = ["status", "incidents", "calls", "stats", "explain web", "ack 1", "silences", "doctor"]


async def moved_in(web1: Server, name: str) -> Path:
    """The state and the configuration of a server that ran an older WatchCall, now in its folder.

    Whoever owned the incident of `web` owns it until it recovers: that was long ago.
    """
    web1.config.write_text(configuration(web1, first="first" in name))
    (web1.folder / "state").mkdir()
    file = laid_out(name, web1.folder / "state")
    with sqlite3.connect(file) as database:
        columns = [row[1] for row in database.execute("pragma table_info(incident)")]
        if "acknowledged_until" in columns:
            database.execute("update incident set acknowledged_until = null")
    database.close()
    return file


@pytest.mark.parametrize("name", OLDER)
async def test_what_was_owed_is_told_and_what_was_told_is_not_told_again(
    tmp_path: Path, name: str
) -> None:
    """When it was killed `mail` was well again, `web` had been told, and `db` was being called."""
    async with server(tmp_path) as web1:
        await moved_in(web1, name)
        mail = await program("mail")
        try:
            await web1.start()
            await web1.logged("'phone': reached")
            calls = await web1.json("calls")
            incidents = {one["check"]: one for one in await web1.json("incidents")}
        finally:
            mail.kill()
            await mail.wait()

        assert not [words for words in web1.words if "web" in words.split() or "mail" in words]
        assert any("db" in words for words in web1.words)
        told = {one["outcome"] for one in calls if one["incident"] == incidents["db"]["id"]}
        assert "answered" in told
        assert incidents["web"]["closed_at"] is None
        assert incidents["mail"]["closed_at"] is not None
        assert any("the database is upgraded" in line for line in web1.log) is (name != "schema-3")


async def test_what_only_asks_upgrades_nothing(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        file = await moved_in(web1, "schema-2")
        before = file.read_bytes()
        for words in WORDS:
            code, _, err = await web1.run(*words.split())
            assert code in (0, 1, 69), err
            assert "Traceback" not in err

        assert (file.read_bytes(), version_of(file)) == (before, "2")
        assert not list(file.parent.glob("*.bak"))


async def test_of_two_that_start_at_once_one_upgrades_and_the_other_says_why_it_ends(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as web1:
        file = await moved_in(web1, "schema-2")
        sockets = [str(tmp_path / name) for name in "12"]
        both = [await web1.command("run", WATCHCALL_DAEMON__CONTROL_SOCKET=one) for one in sockets]
        ended, running = await asyncio.wait(
            [asyncio.create_task(one.wait()) for one in both],
            return_when=asyncio.FIRST_COMPLETED,
        )
        said = [await one.stderr.read() for one in both if one.returncode and one.stderr]
        for one in both:
            if one.returncode is None:
                await web1.until(lambda: version_of(file) == "3")
                one.terminate()
        await asyncio.gather(*running)

        assert len(ended) == 1
        assert b"another WatchCall runs on" in said[0]
        assert [one.name for one in file.parent.glob("*.bak")] == ["watchcall.db.schema2.bak"]


async def test_systemd_is_told_to_wait(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await moved_in(web1, "schema-2")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(tmp_path / "notify"))
            await web1.start(NOTIFY_SOCKET=str(tmp_path / "notify"))
            told = [manager.recv(4096).decode() for _ in range(2)]

    assert told == [
        f"STATUS=upgrading the database: {what} it\nEXTEND_TIMEOUT_USEC=600000000"
        for what in ("copying", "checking")
    ]


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        file = await moved_in(web1, "schema-3")
        with sqlite3.connect(file) as database:
            database.execute("update meta set value = '4' where key = 'schema'")
        database.close()
        code, _, err = await web1.run("run")

        assert code == 1
        assert "schema 4, this version knows up to 3: it was written by a newer WatchCall" in err
        assert "Traceback" not in err
