"""A booted systemd with httpd.service, and how to reach into it."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# What every test module here says of itself; the first test may have to build the testbed.
IN_TESTBED = [pytest.mark.acceptance, pytest.mark.timeout(600)]
SCRIPT = Path(__file__).with_name("testbed.sh")
BOOT_S = 120.0  # seconds; it takes less than one where the machine is not busy
GONE_S = 30.0
ASKS = "import urllib.request; urllib.request.urlopen('http://127.0.0.1/', timeout=5)"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "container": "systemd-nspawn",
}


class Booted(ABC):
    """A booted system, and what can be done in it, as root."""

    within = 60.0  # seconds for anything that is to happen
    pause = 0.05  # seconds between two looks whether it has

    @abstractmethod
    def run(self, *argv: str, input: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program outside of every unit; return how it ended and what it wrote."""

    def exec(self, *argv: str, input: str = "", check: bool = True) -> str:
        """Do the same; return what it writes."""
        done = self.run(*argv, input=input)
        assert not check or done.returncode == 0, f"{argv}: {done.stderr or done.stdout}"
        return done.stdout

    @property
    @abstractmethod
    def booted(self) -> float:
        """When it was booted, in seconds of its CLOCK_BOOTTIME."""

    @abstractmethod
    def reboot(self) -> None:
        """Let it reboot itself, in order; what was written to its files is there again."""

    def put(self, source: Path, *, into: str = "/opt", name: str = "") -> str:
        """Copy a file inside; return where it is there."""
        target = f"{into}/{name or source.name}"
        coded = base64.b64encode(source.read_bytes()).decode()
        self.exec("sh", "-c", 'base64 -d >"$0"', target, input=coded)
        return target

    def exists(self, path: str) -> bool:
        """Whether there is something of that name, be it a link that leads nowhere."""
        return self.run("test", "-e", path, "-o", "-L", path).returncode == 0

    def read(self, path: str) -> str:
        return self.exec("cat", path)

    def systemctl(self, *words: str) -> None:
        self.exec("systemctl", *words)

    def restart(self) -> None:
        """Restart httpd, and wait until it answers.

        systemd calls it started when it is executed: a SIGWINCH that comes before it listens to
        signals would be lost, and the next stop would last until systemd loses its patience.
        """
        self.systemctl("restart", "httpd")
        self.wait_for_httpd()

    def wait_for_httpd(self) -> None:
        deadline = time.monotonic() + GONE_S
        while self.run("python3", "-c", ASKS).returncode != 0:
            assert time.monotonic() < deadline, "httpd does not answer"


@dataclass
class Testbed(Booted):
    """Boots on `start`, is gone after `stop`.

    binds: folders of this machine that are shown inside, read-only, by where
    more: Debian's packages that are installed in it besides, with what they need
    """

    __test__ = False  # no test class, whatever pytest thinks of its name

    name: str
    console: Path  # where what it says while it boots is written to
    binds: dict[str, Path] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    _nspawn: subprocess.Popen[bytes] | None = None
    _leader: int = 0
    _born: str = ""

    def start(self) -> None:
        shown = " ".join(f"{source}:{target}" for target, source in self.binds.items())
        told = {"WATCHCALL_TESTBED_BIND": shown, "WATCHCALL_TESTBED_WITH": " ".join(self.more)}
        subprocess.run([SCRIPT, "build"], env={**os.environ, **told}, check=True)
        with self.console.open("wb") as console:
            self._nspawn = subprocess.Popen(
                [SCRIPT, "boot", self.name],
                env={**os.environ, **told},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_booted()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Pull the plug: what is inside is in memory, and nobody's."""
        if self._nspawn is not None:
            self._nspawn.kill()  # all inside go with it; see testbed.sh
            self._nspawn.wait()
            self._wait_until_gone()
            subprocess.run([SCRIPT, "clear", self.name], check=False, stderr=subprocess.DEVNULL)
            self._nspawn = None

    def reboot(self) -> None:
        self.systemctl("reboot", "--no-block")
        self._wait_until_gone()
        self._leader = 0
        self._wait_until_booted()

    @property
    def booted(self) -> float:
        self._inside()  # the clock is the machine's in there too
        return int(self._born) / os.sysconf("SC_CLK_TCK")

    @property
    def root(self) -> Path:
        """The files inside, seen from here."""
        return Path(f"/proc/{self._inside()}/root")

    @property
    def bus(self) -> str:
        """The address of the system bus inside, for root here."""
        return f"unix:path={self.root}/run/dbus/system_bus_socket"

    def run(self, *argv: str, input: str = "") -> subprocess.CompletedProcess[str]:
        words = self._enter("-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", *argv)
        return subprocess.run(
            words, env=ENVIRONMENT, input=input, text=True, capture_output=True, check=False
        )

    def put(self, source: Path, *, into: str = "/opt", name: str = "") -> str:
        """Copy a file or a folder inside; return where it is there."""
        target = self.root / into.lstrip("/") / (name or source.name)
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
        return f"{into}/{target.name}"

    def exists(self, path: str) -> bool:
        return os.path.lexists(self.root / path.lstrip("/"))

    def read(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()

    def service(self, unit: str, *argv: str, **properties: str) -> subprocess.Popen[str]:
        """Start a program inside as a unit of its own, with its standard output as a pipe.

        It ends when the unit is stopped: the process that is returned only hands on what it says.
        """
        given = [f"--property={key}={value}" for key, value in properties.items()]
        run = ["systemd-run", f"--unit={unit}", "--quiet", "--pipe", "--wait", "--collect", *given]
        words = self._enter("-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", *run, "--", *argv)
        nothing, pipe = subprocess.DEVNULL, subprocess.PIPE
        return subprocess.Popen(words, env=ENVIRONMENT, text=True, stdin=nothing, stdout=pipe)

    def inside(self, *argv: str) -> list[str]:
        """Return what runs a program inside, from here: for who brings a terminal along."""
        return self._enter("-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", *argv)

    def _enter(self, *words: str) -> list[str]:
        return ["nsenter", "--target", str(self._inside()), *words]

    def _inside(self) -> int:
        """Return the first process inside, if it is still the one that was found."""
        assert _born(self._leader) == self._born, "the testbed is down"
        return self._leader

    def _wait_until_gone(self) -> None:
        deadline = time.monotonic() + GONE_S
        while self._leader and _born(self._leader) == self._born:
            assert time.monotonic() < deadline, f"process {self._leader} is left of the testbed"
            time.sleep(0.02)

    def _wait_until_booted(self) -> None:
        assert self._nspawn is not None
        deadline = time.monotonic() + BOOT_S
        state = ""
        while state not in ("running", "degraded"):
            late = time.monotonic() > deadline
            ended = self._nspawn.poll() is not None
            if late or ended:
                said = self.console.read_text(errors="replace")[-2000:]
                raise AssertionError(f"no boot ({state or 'not up'}):\n{said}")
            if not self._leader:
                self._leader = _first_inside(self._nspawn.pid)
                self._born = _born(self._leader)
            if self._leader:
                state = self.exec("systemctl", "is-system-running", "--wait", check=False).strip()
            time.sleep(0.02)


def _first_inside(above: int) -> int:
    """Return the descendant that is process 1 inside, 0 where there is none yet.

    It is so in a namespace within nspawn's, which is one within ours.
    """
    for child in _children(above):
        numbers = _field(child, "NSpid")
        if len(numbers) > 2 and numbers[-1] == "1":
            return child
        if found := _first_inside(child):
            return found
    return 0


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []


def _field(pid: int, name: str) -> list[str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    return next((line.split()[1:] for line in lines if line.startswith(f"{name}:")), [])


def _born(pid: int) -> str:
    """Return what tells a process from a later one with its number: when it started."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
