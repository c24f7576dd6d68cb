"""What `doctor` looks at on this machine: the state directory, the daemon, systemd."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from watchcall import __version__
from watchcall.cli.show import local
from watchcall.core.account import Finding
from watchcall.core.contact import masked
from watchcall.errors import UnreachableError, WatchCallError
from watchcall.service import fitness
from watchcall.service.material import laid_down
from watchcall.service.standing import Standing
from watchcall.web.client import ask_on
from watchcall.witness.unit import facts_of

BOOTED = Path("/run/systemd/system")  # sd_booted(3): there where systemd runs this machine
UNITS = tuple(
    Path(folder) / "watchcall.service"
    for folder in (
        "/etc/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
    )
)
GASP = "watchcall-lastgasp.service"
WANTED = Path("/etc/systemd/system")  # here `systemctl enable` makes *.wants/
STATES = {"ok": "ok", "degraded": "warning", "down": "error"}
LOG = "journalctl -u watchcall says more"
START = (
    "start it: systemctl start watchcall, or watchcall run; if it runs, be root or in its group, "
    "and name the configuration that it has"
)
MEND = "mend why it failed, which the row of the service says below"
# What helps, by the status with which the service ended: EX_CONFIG, and systemd.exec(5).
HELPS = {
    78: "watchcall validate names what is wrong with the configuration, and journalctl -u "
    "watchcall what the start has found; then: systemctl restart watchcall",
    203: "the program cannot be run: install this version anew, and start it",
    217: "let systemd-sysusers make the user, and start it: systemctl restart watchcall",
    238: "the state directory must be a folder, no symbolic link, where systemd can write",
    243: "a credential cannot be handed over: an encrypted one must be this machine's, under the "
    "name that it was encrypted with",
}


def state_directory(folder: Path) -> Finding:
    """Whether the daemon could keep its database there, as far as this user can tell."""
    subject = "state directory"
    try:
        there = _nearest(folder)
        foreign = os.geteuid() not in (0, there.stat().st_uid)
    except OSError as error:
        return Finding(subject=subject, state="unknown", detail=f"{folder}: {error.strerror}")
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        detail = f"{folder} can be written" if there == folder else f"{folder} can be made"
        return Finding(subject=subject, state="ok", detail=detail)
    if foreign:
        return Finding(
            subject=subject,
            state="unknown",
            detail=f"{there} is another user's; only root and that user can tell",
        )
    return Finding(
        subject=subject,
        state="error",
        detail=f"{there} cannot be written",
        remedy="let the daemon's user write there, or set daemon.state_dir to another place",
    )


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(one for one in (folder, *folder.absolute().parents) if one.exists())


def daemon(control_socket: Path, *, failed: bool = False) -> Iterator[Finding]:
    """What the running daemon says of itself, its pager and the people it cannot call.

    failed: systemd says of it that it has failed
    """
    try:
        answer = ask_on(control_socket, "GET", "/status")
    except UnreachableError as error:
        yield Finding(
            subject="daemon",
            state="warning",
            detail=str(error),
            remedy=MEND if failed else START,
        )
        return
    except WatchCallError as error:
        yield Finding(subject="daemon", state="error", detail=str(error), remedy=LOG)
        return
    yield _version(answer)
    for trouble in answer["troubles"]:
        yield Finding(subject="daemon", state="error", detail=trouble, remedy=LOG)
    yield _pager(answer["pager"])
    if "confined" in answer:  # a daemon of an older version does not say
        yield _confined(answer["confined"])
    if answer.get("heartbeat"):  # a daemon of an older version has none
        yield _heartbeat(answer["heartbeat"])
    for contact in answer["contacts"]:
        yield Finding(
            subject=f"contact {masked(contact['name'])}",
            state="warning",
            detail=contact["reason"],
            remedy=f"mend that, then: watchcall test-call {contact['name']}",
        )


def _version(answer: dict[str, Any]) -> Finding:
    version = answer["version"]
    if version != __version__:
        return Finding(
            subject="daemon",
            state="warning",
            detail=f"is WatchCall {version}, while {__version__} is installed",
            remedy="restart it: systemctl restart watchcall",
        )
    since = local(answer["started_at"])
    return Finding(subject="daemon", state="ok", detail=f"runs since {since} ({version})")


def _confined(modules: Sequence[str]) -> Finding:
    """What they deny is said where it is missed; here only that they are there."""
    said = "; ".join(modules) or "the daemon sees neither SELinux nor AppArmor"
    return Finding(subject="security modules", state="ok", detail=said)


def _pager(pager: dict[str, Any]) -> Finding:
    state = STATES.get(pager["state"], "unknown")
    return Finding(
        subject="pager",
        state=state,
        detail=f"{pager['state']}: {pager['reason']}",
        remedy=f"mend what is wrong with Twilio, below; {LOG}"
        if state in ("warning", "error")
        else None,
    )


def _heartbeat(beat: dict[str, Any]) -> Finding:
    wrong = beat["state"] in ("failing", "held")
    remedy = "check daemon.heartbeat.url, and that this machine reaches it"
    if beat["state"] == "held":
        remedy = "mend that; it is sent again as soon as WatchCall works"
    return Finding(
        subject="heartbeat",
        state="warning" if wrong else "unknown" if beat["state"] == "pending" else "ok",
        detail=f"{beat['state']}: {beat['reason']}"
        if wrong
        else f"{beat['state']}, to {beat['to']}",
        remedy=remedy if wrong else None,
    )


def failed(service: Standing | None) -> bool:
    """Whether systemd has given up starting it, or is about to try again."""
    found = service.properties if service else {}
    again = found.get("SubState") == "auto-restart"
    return found.get("ActiveState") == "failed" or again


def why_failed(service: Standing | None) -> Iterator[Finding]:
    """Yield why the service does not run, where systemd knows."""
    if service is None or not failed(service):
        return
    facts = facts_of(service.properties)
    ended = f": {facts['ended']}" if facts["ended"] else ""
    how = f"{facts['result']}{ended}"
    yield Finding(
        subject="service",
        state="error",
        detail=f"watchcall.service has failed ({how})"
        if service.properties["ActiveState"] == "failed"
        else f"watchcall.service keeps failing, and is started again ({how})",
        remedy=HELPS.get(facts["status"] or 0, LOG),
    )


def systemd() -> Finding:
    """Whether the daemon comes back with the machine."""
    subject = "systemd"
    if not BOOTED.is_dir():
        return Finding(
            subject=subject,
            state="unknown",
            detail="does not run this machine; checks of units are unknown, all others work",
        )
    version = fitness.systemd_version()
    if version is not None and version < fitness.OLDEST:
        return Finding(
            subject=subject,
            state="warning",
            detail=f"version {version} runs this machine, and the unit needs {fitness.OLDEST}: "
            "an older one hands over no credential, so the daemon ends with exit code 78",
            remedy="give the token by twilio.auth_token_file, a file of group watchcall with "
            "mode 0640",
        )
    unit = next((unit for unit in UNITS if unit.exists()), None)
    if unit is None:
        return Finding(
            subject=subject,
            state="warning",
            detail="knows no unit watchcall.service; nothing starts the daemon at boot",
            remedy="watchcall install-service, as root",
        )
    if not any(WANTED.glob("*.wants/watchcall.service")):
        return Finding(
            subject=subject,
            state="warning",
            detail=f"{unit} is not enabled; nothing starts the daemon at boot",
            remedy="systemctl enable watchcall",
        )
    if not any(one.with_name(GASP).exists() for one in UNITS):
        return Finding(
            subject=subject,
            state="warning",
            detail=f"knows no unit {GASP}; nobody is called when the daemon has failed for good",
            remedy="install this version anew, as docs/how-to/install.md says",
        )
    return Finding(subject=subject, state="ok", detail=f"{unit} is enabled")


def shadowed() -> Iterator[Finding]:
    """A unit that keeps systemd from a package's: what upgrades change in that one is not seen."""
    units = [unit for unit in UNITS if unit.is_file()]  # a mask is no file
    if len(units) < 2 or not BOOTED.is_dir():
        return
    detail = f"{units[0]} comes before {units[1]}, which systemd does not see"
    if laid_down(units[0].read_text("utf-8", "replace")):
        remedy = "watchcall install-service --remove && systemctl enable --now watchcall"
    else:
        remedy = (
            "systemctl revert watchcall; what you changed belongs into systemctl edit watchcall"
        )
    yield Finding(subject="systemd", state="warning", detail=detail, remedy=remedy)
