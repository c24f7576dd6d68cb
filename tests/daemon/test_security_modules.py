"""A security module denies what owners and modes allow: never an outage, and it is named.

What denies here is real: Landlock, a module of the kernel like SELinux and AppArmor, and the error
is the one that those give. Which module it is cannot be seen of Landlock from inside; so for the
words the files are made up in which SELinux and AppArmor say that they are on.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.disks import needs_root
from tests.daemon.landlock import needs_landlock, through
from tests.daemon.server import WITHIN, Server, server
from tests.daemon.test_rights import UNPRIVILEGED

DENIED = "Permission denied"
ALLOWED = f"{DENIED}, though owner and mode allow it; "
SELINUX = "SELinux enforcing, domain watchcall_t, see: ausearch -m avc -ts recent"
APPARMOR = "AppArmor profile watchcall (enforce), see: journalctl -t kernel -t audit | grep DENIED"
NOBODY = "a sandbox, a security module or the file system denies it"


def module(folder: Path, name: str) -> str:
    """Return what makes the daemon believe that a module is on."""
    (folder / "attr").mkdir()
    if name == "SELinux":
        (folder / "on").write_text("1")
        (folder / "attr" / "current").write_text("watchcall_t\0")
        constant = "SELINUX"
    elif name == "AppArmor":
        (folder / "on").write_text("Y\n")
        (folder / "attr" / "current").write_text("watchcall (enforce)\n")
        constant = "APPARMOR"
    else:
        return "pass"
    there = f"confinement.{constant} = Path({str(folder / 'on')!r})"
    ours = f"confinement.OURS = Path({str(folder / 'attr')!r})"
    return f"from pathlib import Path; from watchcall import confinement; {there}; {ours}"


@asynccontextmanager
async def confined(
    folder: Path, *denied: str, named: str = "SELinux", more: str = ""
) -> AsyncIterator[Server]:
    """A server whose daemon is denied something that is there, and whose mode allows it."""
    for name in ("state", "run", "theirs"):
        (folder / name).mkdir(mode=0o700)
    async with server(folder, hurry=module(folder, named)) as web1:
        web1.configure(more)
        port = web1.simulator.url.rpartition(":")[2]
        what = [one.format(folder=folder, twilio=port) for one in denied]
        web1.through = through(*what)
        yield web1


CHECKS = """
[[check]]
name = "pid"
type = "process"
pidfile = "{folder}/theirs/httpd.pid"

[[check]]
name = "web"
type = "http"
url = "http://127.0.0.1:{port}/"

[[check]]
name = "token"
type = "http"
url = "http://127.0.0.1:{port}/"
bearer_token_file = "{folder}/theirs/token"

[[check]]
name = "name"
type = "http"
url = "http://web1.invalid/"

[[check]]
name = "port"
type = "tcp"
host = "127.0.0.1"
port = {port}

[[check]]
name = "port by name"
type = "tcp"
host = "web1.invalid"
port = {port}

[[check]]
name = "plugin"
type = "command"
command = ["{folder}/theirs/plugin"]
"""
RESOLV = Path("/etc/resolv.conf").resolve()


@needs_landlock
@pytest.mark.parametrize(
    ("named", "said"),
    [
        pytest.param("SELinux", SELINUX, id="SELinux"),
        pytest.param("AppArmor", APPARMOR, id="AppArmor"),
        pytest.param("", "", id="what cannot be seen"),
    ],
)
async def test_what_is_denied_is_unknown_never_down_and_all_else_is_watched(
    tmp_path: Path, named: str, said: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        checks = CHECKS.format(folder=tmp_path, port=listening.getsockname()[1])
        theirs = "{folder}/theirs"
        denied = [f"read={theirs}/httpd.pid", f"read={theirs}/token", f"exec={theirs}/plugin"]
        denied += [f"read={RESOLV}", "connect={twilio}"]
        async with confined(tmp_path, *denied, named=named, more=checks) as web1:
            for name in ("httpd.pid", "token", "plugin"):
                (tmp_path / "theirs" / name).write_text("1")
                (tmp_path / "theirs" / name).chmod(0o700)
            await web1.start()
            seen = await looked_at(web1)
            file, other = f"{ALLOWED}{said or NOBODY}", f"{DENIED}; {said}" if said else DENIED
            names = f"the request could not be made: {RESOLV}: {file}"

            assert reasons(seen) == {
                "httpd": "httpd: 1 running",
                "pid": f"the PID file {tmp_path}/theirs/httpd.pid cannot be read: {file}",
                "web": f"the request could not be made: {other}",
                "token": f"{tmp_path}/theirs/token cannot be read: {file}",
                "name": names.replace(str(RESOLV), "/etc/resolv.conf"),
                "port": f"the connection could not be tried: {other}",
                "port by name": names.replace(str(RESOLV), "/etc/resolv.conf"),
                "plugin": f"plugin cannot be run: {file}",
            }
            assert {one["state"] for name, one in seen.items() if name != "httpd"} == {"pending"}
            await web1.kill_httpd()
            await web1.until(lambda: web1.rung(1))
            assert len(web1.simulator.calls) == 1


@needs_landlock
@pytest.mark.parametrize(
    ("named", "said"),
    [
        pytest.param(
            "SELinux",
            f"the processes cannot be read: /proc/1/comm: {DENIED}; {SELINUX}",
            id="SELinux",
        ),
        pytest.param(
            "", "this server hides other users' processes from WatchCall", id="what cannot be seen"
        ),
    ],
)
async def test_processes_that_may_not_be_read_are_unknown(
    tmp_path: Path, named: str, said: str
) -> None:
    async with confined(tmp_path, "read=/proc/1", named=named) as web1:
        await web1.start()

        assert reasons(await looked_at(web1)) == {"httpd": said}
        assert not web1.simulator.calls


@needs_landlock
async def test_one_process_that_may_not_be_read_might_be_the_one(tmp_path: Path) -> None:
    async with confined(tmp_path) as web1:
        assert web1.httpd is not None
        web1.through = through(f"read=/proc/{web1.httpd.pid}")
        await web1.start()

        (reason,) = reasons(await looked_at(web1)).values()
        assert "httpd: WatchCall may not see the programs of" in reason
        assert not web1.simulator.calls


@needs_landlock
@pytest.mark.parametrize(
    ("denied", "code", "where"),
    [
        pytest.param(
            "write={folder}/state",
            78,
            "daemon: state_dir: cannot write to {folder}/state: ",
            id="the state directory",
        ),
        pytest.param(
            "write={folder}/run",
            1,
            "cannot listen on the control socket {folder}/run/control.sock: ",
            id="the folder of the control socket",
        ),
        pytest.param(
            "read={folder}/config.toml",
            78,
            "{folder}/config.toml: cannot be read: ",
            id="the configuration",
        ),
        pytest.param(
            "read={folder}/theirs/token",
            78,
            "{folder}/theirs/token cannot be read: ",
            id="the file with the token",
        ),
    ],
)
async def test_what_is_denied_at_the_start_is_named(
    tmp_path: Path, denied: str, code: int, where: str
) -> None:
    async with confined(tmp_path, denied) as web1:
        (tmp_path / "theirs" / "token").write_text("5ecre7")
        (tmp_path / "theirs" / "token").chmod(0o600)
        environ = {"WATCHCALL_DAEMON__CONTROL_SOCKET": str(tmp_path / "run" / "control.sock")}
        if "token" in denied:
            web1.configure(**{"[twilio]\n": '[twilio]\nauth_token_file = "theirs/token"\n'})
            environ["WATCHCALL_TWILIO__AUTH_TOKEN"] = ""
        got, out, err = await web1.run("run", **environ)

        assert (got, out) == (code, "")
        blamed = NOBODY if "read=" in denied else SELINUX  # what is read aside was not told
        assert f"{where.format(folder=tmp_path)}{ALLOWED}{blamed}".lower() in err.lower()
        assert "Traceback" not in err


@needs_landlock
async def test_a_database_that_is_denied_is_watched_without_and_said(tmp_path: Path) -> None:
    """Its lock may be taken, so it starts; SQLite itself says no more than that it cannot."""
    async with confined(tmp_path) as web1:
        await web1.start()
        assert await web1.stop() == 0
        (tmp_path / "state" / "watchcall.db-shm").touch()
        web1.through = through(
            *(f"write={tmp_path}/state/watchcall.db{end}" for end in ("", "-wal", "-shm"))
        )
        await web1.spawn(WATCHCALL_DAEMON__CONTROL_SOCKET=str(tmp_path / "run" / "control.sock"))
        await web1.logged("owner and mode allow it")

        assert any(SELINUX in line for line in web1.log)


@needs_landlock
async def test_a_twilio_that_may_not_be_connected_to_is_said_to_be_denied(tmp_path: Path) -> None:
    async with confined(tmp_path, "connect=1") as web1:
        (found,) = [one for one in await web1.json("doctor") if one["subject"] == "Twilio"]

        assert found["state"] == "error"
        assert f"cannot connect to Twilio ({DENIED})" in found["detail"]


@needs_root
async def test_a_bus_that_may_not_be_used_is_not_one_that_is_missing(tmp_path: Path) -> None:
    unit = '[[check]]\nname = "unit"\ntype = "unit"\nunit = "httpd"\n'
    async with confined(tmp_path, more=unit) as web1:
        web1.through = UNPRIVILEGED
        with socket.socket(socket.AF_UNIX) as bus:
            bus.bind(str(tmp_path / "bus"))
            bus.listen()
            (tmp_path / "bus").chmod(0)
            address = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/bus"}
            await web1.start(**address)
            seen = await looked_at(web1)

            why = f"the system bus {tmp_path}/bus may not be used: {DENIED}"
            assert reasons(seen)["unit"] == f"systemd cannot be asked: {why}"
            assert (await web1.json("status"))["events"]["units"] == f"polling: {why}"


async def test_status_and_doctor_say_what_confines_the_daemon(tmp_path: Path) -> None:
    async with confined(tmp_path) as web1:
        web1.through = ()
        await web1.start()

        assert (await web1.json("status"))["confined"] == ["SELinux enforcing, domain watchcall_t"]
        (found,) = [
            one for one in await web1.json("doctor") if one["subject"] == "security modules"
        ]
        assert found["detail"] == "SELinux enforcing, domain watchcall_t"


async def looked_at(web1: Server) -> Mapping[str, dict[str, Any]]:
    """Return the checks by name, when each has been looked at."""
    async with asyncio.timeout(WITHIN):
        while True:
            checks = (await web1.json("status"))["checks"]
            if all(one["last_seen_at"] for one in checks):
                return {one["name"]: one for one in checks}


def reasons(checks: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    return {name: one["reason"] for name, one in checks.items()}
