"""`watchcall probe`, as an operator meets it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.files import ME, TWILIO, write


def test_what_was_matched_fits_the_terminal(tmp_path: Path) -> None:
    check = "[[check]]\nname = 'x'\ntype = 'command'\ncommand = ['/bin/sh', '-c', 'echo {}']\n"
    text = " ".join(["a long line of a plugin's"] * 8)
    path = write(tmp_path, TWILIO + ME + check.format(text.replace("'", "")))
    probe = [sys.executable, "-m", "watchcall", "probe", "x", "--config", str(path)]
    environ = {**os.environ, "COLUMNS": "50"}
    done = subprocess.run(probe, capture_output=True, text=True, check=False, env=environ)

    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 50


def test_what_a_processor_does_is_seen_between_two_looks(tmp_path: Path) -> None:
    check = f"[[check]]\nname = 'x'\ntype = 'process'\ncmdline = '{tmp_path}$'\n"
    path = write(tmp_path, TWILIO + ME + check + "cpu = { warning = 0 }\n")
    # A process of its own: what it starts itself would never match.
    probe = [sys.executable, "-m", "watchcall", "probe", "x", "--json", "--config", str(path)]
    with subprocess.Popen([sys.executable, "-c", "while True: pass", str(tmp_path)]) as busy:
        try:
            done = subprocess.run(probe, capture_output=True, text=True, check=False)
        finally:
            busy.kill()

    answer = json.loads(done.stdout)
    assert (done.returncode, answer["level"]) == (1, "warning"), answer
    assert "percent of a core" in answer["reason"]


class TestRoot:
    """Root's look, where the daemon is another user's."""

    pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")
    CHECK = (
        "[[check]]\nname = 'x'\ntype = 'command'\n"
        "command = ['/bin/sh', '-c', 'id -un; test -r /etc/shadow || exit 1']\n"
    )

    def probed(self, folder: Path, unit: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it where systemd says this of the unit."""
        tool = folder / "bin" / "systemctl"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\ncat <<'END'\n{unit}\nEND\n")
        tool.chmod(0o755)
        path = write(folder, TWILIO + ME + self.CHECK)
        socket = str(folder / "control.sock")
        environ = {**os.environ, "PATH": f"{tool.parent}:{os.environ['PATH']}"}
        environ["WATCHCALL_DAEMON__CONTROL_SOCKET"] = socket
        probe = [sys.executable, "-m", "watchcall", "probe", "x", "--config", str(path), *words]
        return subprocess.run(probe, capture_output=True, text=True, check=False, env=environ)

    def test_it_is_made_as_the_user_of_the_service(self, tmp_path: Path) -> None:
        done = self.probed(tmp_path, "LoadState=loaded\nUser=nobody", "--json")

        answer = json.loads(done.stdout)  # and nothing else is written there
        assert (answer["level"], answer["reason"]) == ("warning", "nobody"), answer
        assert done.returncode == 1
        assert done.stderr == (
            "watchcall: looks as nobody, as the daemon does, but outside of the service's sandbox\n"
        )

    def test_it_is_made_as_whom_the_control_socket_belongs_to(self, tmp_path: Path) -> None:
        (tmp_path / "control.sock").touch()
        shutil.chown(tmp_path / "control.sock", "nobody")
        done = self.probed(tmp_path, "LoadState=not-found")

        assert "looks as nobody" in done.stderr
        assert "warning: nobody" in done.stdout

    def test_a_daemon_of_roots_is_nothing_to_be_said(self, tmp_path: Path) -> None:
        done = self.probed(tmp_path, "LoadState=loaded\nUser=")

        assert (done.returncode, done.stderr) == (0, "")
        assert "ok: root" in done.stdout

    def test_where_nobody_knows_as_whom_that_is_said(self, tmp_path: Path) -> None:
        done = self.probed(tmp_path, "LoadState=not-found")

        assert done.returncode == 0
        assert done.stderr == (
            "watchcall: looks as root; a daemon that runs as another user may see less\n"
        )
