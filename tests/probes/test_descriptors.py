"""Out of file descriptors nothing is down: that is our trouble, and it passes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

# In a process of its own: pytest and the loop need descriptors too.
LOOKS = """
import asyncio, json, os, re, resource, socket, sys
from pathlib import Path
from datetime import timedelta
from watchcall import descriptors
from watchcall.core.check import *
from watchcall.probes import probe_for

descriptors.left_for_looks = lambda: 1000  # it is let in, and others take them all after that

listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
never = Limits(critical=1000)
pidfile = Path(sys.argv[2])
pidfile.write_text("1")
target = {
    "tcp": TcpTarget(host="127.0.0.1", port=port),
    "tcp by name": TcpTarget(host="localhost", port=port),
    "command": CommandTarget(command=("/bin/true",)),
    "process": ProcessTarget(process=Path("/proc/1/comm").read_text().rstrip()),
    "pidfile": ProcessTarget(pidfile=pidfile),
    "memory": HostTarget(memory_used=never),
    "swap": HostTarget(swap_used=never),
    "disk": HostTarget(disk_used=never),
}[sys.argv[1]]
check = Check(name="x", target=target, timeout=timedelta(seconds=20))

async def main():
    probe = probe_for(check.type, None)  # none of these asks systemd
    seen = [await probe.look(check)]
    free = os.dup(0)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for left in range(4):  # what was opened first fails, or what comes after it
        resource.setrlimit(resource.RLIMIT_NOFILE, (free + left, hard))
        try:
            seen.append(await probe.look(check))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    seen.append(await probe.look(check))
    print(json.dumps([(one.level.value, one.reason.code) for one in seen]))

asyncio.run(main())
"""


OURS = {"http.descriptors", "http.cannot_look", "process.cannot_look", "process.pidfile_unreadable"}


@pytest.mark.parametrize(
    "kind", ["tcp", "tcp by name", "command", "process", "pidfile", "memory", "swap"]
)
def test_without_descriptors_nothing_is_down(kind: str, tmp_path: Path) -> None:
    (first, _), (none, why), *few, (last, _) = looks(kind, tmp_path)

    assert (first, none, last) == ("ok", "unknown", "ok")
    assert why in OURS
    assert {level for level, _ in few} <= {"ok", "unknown"}


def test_a_disk_is_looked_at_without_any_descriptor(tmp_path: Path) -> None:
    assert {level for level, _ in looks("disk", tmp_path)} == {"ok"}


def looks(kind: str, folder: Path) -> list[tuple[str, str]]:
    """Level and reason of a look before, some with next to no descriptors, and one after."""
    run = subprocess.run(
        [sys.executable, "-c", LOOKS, kind, str(folder / "pid")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stderr == ""
    return [(level, code) for level, code in json.loads(run.stdout)]
