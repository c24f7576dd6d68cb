"""`watchcall run` by somebody who is not root, in the places that are theirs."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.disks import needs_root
from tests.daemon.server import Server, server

pytestmark = needs_root  # which may be anybody

SOMEBODY = 4301
# Reading is free, since the interpreter that runs the tests may lie where only root gets to;
# to write, and to enter where something is made, owner and mode have to allow it.
AS_SOMEBODY = (
    "setpriv",
    *(f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups"),
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"),
    *("--bounding-set=-all,+dac_read_search", "--"),
)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that is theirs, and on the way to which nothing is closed to them."""
    folder = Path(tempfile.mkdtemp(prefix="watchcall-home-"))
    try:
        (folder / "session").mkdir(mode=0o700)
        for path in (folder, folder / "session"):
            os.chown(path, SOMEBODY, SOMEBODY)
        yield folder
    finally:
        shutil.rmtree(folder)


def session(web1: Server, **more: str) -> dict[str, str]:
    """The environment of a login session, and nothing that names our places."""
    folder = web1.folder
    os.chown(web1.config, SOMEBODY, SOMEBODY)
    return {
        "WATCHCALL_DAEMON__STATE_DIR": "",
        "WATCHCALL_DAEMON__CONTROL_SOCKET": "",
        "XDG_RUNTIME_DIR": str(folder / "session"),
        **more,
    }


async def test_it_runs_in_the_users_own_places(home: Path) -> None:
    async with server(home, through=AS_SOMEBODY) as web1:
        environ = session(web1)
        await web1.start(**environ)
        code, out, _ = await web1.run("status", **environ)
        folder = home / "session" / "watchcall"

        assert (code, "httpd" in out) == (0, True)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert await web1.stop() == 0


async def test_a_folder_that_is_named_is_made_for_the_socket(home: Path) -> None:
    async with server(home, through=AS_SOMEBODY) as web1:
        named = home / "new" / "sub" / "c.sock"
        environ = session(web1, WATCHCALL_DAEMON__CONTROL_SOCKET=str(named))
        await web1.start(**environ)

        assert (await web1.run("status", **environ))[0] == 0
        assert stat.S_IMODE(named.parent.stat().st_mode) == 0o700


async def test_a_folder_in_tmp_that_somebody_else_has_made_is_named(home: Path) -> None:
    """Whoever made it could answer in the daemon's name."""
    async with server(home, through=AS_SOMEBODY) as web1:
        (home / "tmp").mkdir()
        (home / "tmp").chmod(0o1777)
        (home / "tmp" / f"runtime-{SOMEBODY}").mkdir()  # root's
        environ = session(web1, XDG_RUNTIME_DIR="", TMPDIR=str(home / "tmp"))
        told = {words: await web1.run(*words, **environ) for words in (("run",), ("status",))}

        said = f"watchcall: there is no folder for the control socket: runtime directory {home}"
        assert [code for code, _, _ in told.values()] == [1, 69]
        assert told["run",][2].startswith(said)
        assert all(len(err.splitlines()) == 1 and str(home) in err for _, _, err in told.values())
