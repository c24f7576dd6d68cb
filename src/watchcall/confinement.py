"""Security modules: SELinux and AppArmor may deny what owners and modes allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SELINUX = Path("/sys/fs/selinux/enforce")  # selinux(8): there where it is on; 1 is enforcing
APPARMOR = Path("/sys/module/apparmor/parameters/enabled")
OURS = Path("/proc/self/attr")  # proc(5), "attr"; apparmor/ is there since Linux 5.8
SELINUX_SAYS = "ausearch -m avc -ts recent"
# The kernel gives what it denies to auditd, where one runs, and then only the journal's own ear for
# the audit log has it; ausearch does not find AppArmor's.
APPARMOR_SAYS = "journalctl -t kernel -t audit | grep DENIED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A security module that is on, and what this process is to it.

    denies: whether it may deny something to this process
    asked:  the command that shows what it has denied
    """

    name: str
    standing: str
    denies: bool
    asked: str

    def __str__(self) -> str:
        return f"{self.name} {self.standing}"


def modules() -> tuple[Module, ...]:
    """Return the modules that are on. Others (Landlock, seccomp) cannot be seen from inside."""
    return tuple(_modules())


def suspect() -> str | None:
    """Return which module may have denied something and what shows whether it has."""
    found = next((one for one in modules() if one.denies), None)
    return f"{found}, see: {found.asked}" if found else None


def _modules() -> Iterator[Module]:
    enforcing = _read(SELINUX)
    if enforcing:
        mode = "enforcing" if enforcing == "1" else "permissive"
        yield Module(
            name="SELinux",
            standing=f"{mode}, domain {_read(OURS / 'current') or 'unknown'}",
            denies=enforcing == "1",
            asked=SELINUX_SAYS,
        )
    if _read(APPARMOR) == "Y":
        label = _read(OURS / "apparmor" / "current") or _read(OURS / "current") or "unknown"
        yield Module(
            name="AppArmor",
            standing=f"profile {label}",
            denies=not label.endswith(("unconfined", "(unconfined)", "(complain)")),
            asked=APPARMOR_SAYS,
        )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip("\0\n ")
    except OSError:  # it is not there, or even that is denied
        return ""
