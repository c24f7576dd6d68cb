"""Files and folders that belong to somebody else, or that too many may read: said, with what
would be right. The daemon is root's without root's privileges: to it, files are as to anybody."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.daemon.disks import needs_root
from tests.daemon.server import server

pytestmark = needs_root

UNPRIVILEGED = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--")
NOBODY = 65534


def foreign(name: str, mode: int = 0o700) -> Callable[[Path], None]:
    """A file or folder that belongs to nobody."""

    def give_away(folder: Path) -> None:
        os.chown(folder / name, NOBODY, NOBODY)
        (folder / name).chmod(mode)

    return give_away


def mode(name: str, bits: int) -> Callable[[Path], None]:
    return lambda folder: (folder / name).chmod(bits)


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        pytest.param(
            foreign("state"),
            78,
            "state_dir: cannot write to {folder}/state: {folder}/state belongs to nobody with "
            "mode 0700, and WatchCall runs as root: it must belong to root with mode 0700",
            id="a state directory of somebody else",
        ),
        pytest.param(
            mode("state", 0o500),
            78,
            "{folder}/state belongs to root with mode 0500, and WatchCall runs as root: it must",
            id="a state directory that cannot be written",
        ),
        pytest.param(
            foreign("state/lock", 0o600),
            78,
            "state_dir: cannot write to {folder}/state: {folder}/state/lock belongs to nobody",
            id="a lock of somebody else",
        ),
        pytest.param(
            foreign("state/watchcall.db", 0o600),
            78,
            "daemon: database: cannot open {folder}/state/watchcall.db: {folder}/state/"
            "watchcall.db belongs to nobody with mode 0600, and WatchCall runs as root: it must ",
            id="a database of somebody else",
        ),
        pytest.param(
            mode("state/watchcall.db", 0o400),
            78,
            "daemon: database: cannot open {folder}/state/watchcall.db: {folder}/state/"
            "watchcall.db belongs to root with mode 0400, and WatchCall runs as root: it must ",
            id="a database that cannot be written",
        ),
        pytest.param(
            foreign("config.toml", 0o600),
            78,
            "config.toml: ",
            id="a configuration of somebody else",
        ),
        pytest.param(
            foreign("run"),
            1,
            "control socket {folder}/run/control.sock: Permission denied; set [daemon]",
            id="a folder for the control socket of somebody else",
        ),
        pytest.param(
            mode("run", 0o500),
            1,
            "control socket {folder}/run/control.sock: Permission denied; set [daemon]",
            id="a folder for the control socket that cannot be written",
        ),
    ],
)
async def test_what_belongs_to_others_is_named_with_what_would_be_right(
    tmp_path: Path, spoil: Callable[[Path], None], code: int, said: str
) -> None:
    async with server(tmp_path, through=UNPRIVILEGED) as web1:
        (tmp_path / "run").mkdir()
        socket = {"WATCHCALL_DAEMON__CONTROL_SOCKET": str(tmp_path / "run" / "control.sock")}
        await web1.start(**socket)
        assert await web1.stop() == 0
        spoil(tmp_path)
        got, out, err = await web1.run("run", **socket)

        assert (got, out) == (code, "")
        assert said.format(folder=tmp_path) in err
        assert len(err.splitlines()) == 1
        assert "Traceback" not in err


async def test_a_database_where_one_may_not_even_look_is_a_wrong_place(tmp_path: Path) -> None:
    async with server(tmp_path, through=UNPRIVILEGED) as web1:
        (tmp_path / "theirs" / "deep").mkdir(parents=True)
        foreign("theirs")(tmp_path)
        database = str(tmp_path / "theirs" / "deep" / "watchcall.db")
        code, _, err = await web1.run("run", WATCHCALL_DAEMON__DATABASE=database)

        assert code == 78
        assert f"daemon: database: cannot open {database}: unable to open database file" in err
        assert "Traceback" not in err


async def test_what_others_may_write_or_read_is_said_and_watching_goes_on(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        assert await web1.stop() == 0
        mode("state", 0o777)(tmp_path)
        mode("state/watchcall.db", 0o644)(tmp_path)
        await web1.start()

        state = tmp_path / "state"
        assert any(
            f"others can write into {state} (mode 0777): chmod 700" in line for line in web1.log
        )
        assert any(f"{state}/watchcall.db (mode 0644): chmod 600" in line for line in web1.log)
        assert (await web1.run("status"))[0] == 0
