"""A machine with a kernel of its own: what a container shares with its host is real in there.

Its processor is emulated, always: /dev/kvm may be there and not work. It has no network device.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.testbed import BOOT_S, Booted

SCRIPT = Path(__file__).with_name("kernel.sh")
QEMU = "qemu-system-x86_64"
TOOLS = (QEMU, "mke2fs", "setpriv")
ANSWERS_S = 120.0  # seconds for a program inside
# With every processor's features, and one processor more than it needs: systemd starts in parallel.
MACHINE = ("-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "1024")
# NVMe and serial ports are built into the kernel; the first port is its console, the other ours.
DEVICES = ("-nodefaults", "-display", "none", "-no-reboot", "-device", "nvme,drive=disk,serial=1")
APPARMOR = "security=apparmor"
SELINUX = "security=selinux enforcing=1"


def missing() -> str:
    """Return what keeps such a machine from running here, empty where nothing does."""
    if os.uname().machine != "x86_64":
        return "needs an x86_64"
    tools = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"needs {', '.join(tools)}: apt install qemu-system-x86 e2fsprogs" if tools else ""


def disk(deb: Path) -> Path:
    """Return the disk on which a package is installed; make it where nobody has."""
    words = [str(SCRIPT), "disk", str(deb)]
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, check=True)
    return Path(done.stdout.strip())


@dataclass
class Emulated(Booted):
    """Boots on `start`, from a disk that is its own and outlives `stop`.

    made:   the disk that it starts with, beside the kernel
    folder: where its own and its console are
    given:  what the kernel is told: which security module is on
    """

    made: Path
    folder: Path
    given: str
    within = 240.0
    pause = 1.0  # each look takes the processor from what is waited for
    _qemu: subprocess.Popen[bytes] | None = None
    _rest: bytes = b""

    def start(self) -> None:
        own = self.folder / "disk"
        if not own.exists():
            subprocess.run(["cp", "--sparse=always", self.made, own], check=True)
        # Killed with whoever started it.
        words = ["setpriv", "--pdeathsig", "KILL", QEMU, *MACHINE, *DEVICES]
        words += ["-drive", f"file={own},format=raw,if=none,id=disk,cache=unsafe"]
        words += ["-serial", f"file:{self.folder / 'console.log'}", "-serial", "stdio"]
        words += ["-kernel", str(self.made.with_name("vmlinuz"))]
        words += ["-append", f"console=ttyS0 root=/dev/nvme0n1 rw panic=-1 {self.given}"]
        self._qemu = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._rest = b""
        try:
            self._line(BOOT_S)
            self.exec("systemctl", "is-system-running", "--wait", check=False)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Cut the power."""
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait()
            for pipe in (self._qemu.stdin, self._qemu.stdout):
                assert pipe is not None
                pipe.close()
            self._qemu = None

    def reboot(self) -> None:
        self.systemctl("poweroff", "--no-block")
        assert self._qemu is not None
        self._qemu.wait(ANSWERS_S)
        self.stop()
        self.start()

    @property
    def booted(self) -> float:
        return 0.0

    def run(self, *argv: str, input: str = "") -> subprocess.CompletedProcess[str]:
        assert self._qemu is not None
        assert self._qemu.stdin is not None
        self._qemu.stdin.write(json.dumps({"argv": argv, "input": input}).encode() + b"\n")
        self._qemu.stdin.flush()
        said = json.loads(self._line(ANSWERS_S))
        return subprocess.CompletedProcess(argv, said["status"], said["out"], said["err"])

    def _line(self, within: float) -> bytes:
        """Return what the agent says next, or fail with what is on the console."""
        assert self._qemu is not None
        assert self._qemu.stdout is not None
        deadline = time.monotonic() + within
        while b"\n" not in self._rest:
            left = max(0.0, deadline - time.monotonic())
            ready, _, _ = select.select([self._qemu.stdout], [], [], left)
            heard = os.read(self._qemu.stdout.fileno(), 65536) if ready else b""
            if not heard:
                raise AssertionError(f"it says nothing:\n{self.console}")
            self._rest += heard
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    @property
    def console(self) -> str:
        """The end of what the kernel and systemd have said."""
        log = self.folder / "console.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""
