"""What concerns several keys or tables at once: names, groups, programs, the web."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from watchcall.config.hints import meant, quoted
from watchcall.config.model import Draft
from watchcall.config.people import Channel
from watchcall.config.sources import Problem, Sources, Where
from watchcall.config.urls import is_loopback
from watchcall.core import contact as core
from watchcall.core.incident import OWN

NAMED = ("contact", "channel", "group", "check", "maintenance")


@dataclass(slots=True)
class Findings:
    """What the rules have found."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def wrong(self, where: Where, text: str, *needs: str) -> None:
        self.problems.append(Problem(where, text, needs))

    def odd(self, where: Where, text: str) -> None:
        """Warn, once: a person may be odd in the same way on every channel."""
        problem = Problem(where, text)
        if problem not in self.warnings:
            self.warnings.append(problem)


def find(draft: Draft, sources: Sources, found: Findings) -> None:
    """Look at what is neither one check's, one channel's, nor on the way between them."""
    for table in NAMED:
        _unique(table, sources, found)
    _reserved(sources, found)
    _groups(draft, sources, found)
    _undelivered(draft, sources, found)
    _web(draft, found)
    _heartbeat(draft, sources, found)


def channels_of(draft: Draft) -> list[tuple[Where, Channel]]:
    """Return the channels with their places; where the file has none, the one called phone."""
    if not draft.channel:
        return [(("channel", "phone"), Channel(name="phone"))]
    return [(("channel", at), one) for at, one in enumerate(draft.channel) if one is not None]


def _unique(table: str, sources: Sources, found: Findings) -> None:
    first: dict[str, int] = {}
    for at, name in sources.names(table).items():
        if name in first:
            text = f"{table} #{first[name] + 1} has this name too; names must differ"
            found.wrong((table, at, "name"), text, "name")
        first.setdefault(name, at)


def _reserved(sources: Sources, found: Findings) -> None:
    for at, name in sources.names("check").items():
        if name == OWN:
            text = f"{quoted(name)} is how WatchCall calls its own trouble; name it otherwise"
            found.wrong(("check", at, "name"), text, "name")


def _groups(draft: Draft, sources: Sources, found: Findings) -> None:
    channels = list(sources.names("channel").values()) or ["phone"]
    for at, group in enumerate(draft.group):
        if group is None:
            continue
        for nth, name in enumerate(group.channels):
            if name not in channels:
                hint = meant(name, channels, "the channels are")
                text = f"unknown channel {quoted(name)}, {hint}"
                found.wrong(("group", at, "channels", nth), text)
        for nth, pattern in enumerate(group.checks):
            members(("group", at, "checks", nth), pattern, draft, sources, found)


def members(where: Where, pattern: str, draft: Draft, sources: Sources, found: Findings) -> None:
    """Look at a name, a glob or a tag: does it mean any check?"""
    names = list(sources.names("check").values())
    tags = {tag for check in draft.check if check for tag in check.tags}
    if any(core.selects(pattern, name, tags) for name in names):
        return
    if pattern.startswith("tag:") or set(pattern) & set("*?["):
        found.odd(where, f"{quoted(pattern)} matches no check")
    else:
        hint = meant(pattern, names, "the checks are")
        found.wrong(where, f"unknown check {quoted(pattern)}, {hint}")


def behind(channel: Channel, channels: Mapping[str, Channel]) -> list[str]:
    """Return the names of the channels that come after one, in order.

    Where they lead in a circle, the first that comes again is the last.
    """
    names: list[str] = []
    name = channel.fallback
    while name is not None and name in channels and name not in names:
        names.append(name)
        name = channels[name].fallback
    return names


def _undelivered(draft: Draft, sources: Sources, found: Findings) -> None:
    """The program may still come, and validate may run as somebody who cannot see it: warn."""
    if draft.notify.on_undelivered is None:
        return
    if why := missing(draft.notify.on_undelivered[0], sources):
        found.odd(("notify", "on_undelivered", 0), why)


def missing(program: str, sources: Sources) -> str | None:
    """Return why a program could not be run now, None where it could or that cannot be seen."""
    if "/" in program:
        return _no_program(sources.text.path.absolute().parent / program)
    if shutil.which(program, path=sources.environ.get("PATH") or os.defpath):
        return None
    return f"{quoted(program)} is not found on PATH; give its absolute path"


def _no_program(path: Path) -> str | None:
    """Return why a file cannot be run, None where it can or where that cannot be seen."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return f"{path} does not exist"
    except OSError:
        return None
    if not stat.S_ISREG(mode):
        return f"{path} is no file"
    return None if mode & 0o111 else f"{path} cannot be executed; chmod +x {path}"


def _web(draft: Draft, found: Findings) -> None:
    both = ("listen", "public_url")
    if draft.web.public_url and not draft.web.listen:
        text = 'needs listen, the address of this machine that it leads to, as "127.0.0.1:9911"'
        found.wrong(("web", "public_url"), text, *both)
    if draft.web.listen and not draft.web.public_url:
        text = "not available yet (this version has no web page); with public_url it is"
        found.wrong(("web", "listen"), text, *both)


def _heartbeat(draft: Draft, sources: Sources, found: Findings) -> None:
    """Who knows its URL can say that all is well when it is not: it is like a password."""
    where = ("daemon", "heartbeat", "url")
    if draft.daemon.heartbeat is None:
        return
    parts = urlsplit(draft.daemon.heartbeat.url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        text = "goes over the network unencrypted, and may be a secret; write https://"
        found.odd(where, text)
    if "@" in parts.netloc:
        text = (
            "holds a user or a password; a URL that is secret by itself, such as "
            "https://hc-ping.com/your-uuid, needs neither"
        )
        found.odd(where, text)
    mode, path = sources.text.mode, sources.text.path
    in_file = sources.owner(where) is sources.text.tables
    if in_file and mode & stat.S_IROTH and ("@" in parts.netloc or parts.path.strip("/")):
        text = (
            f"may be a secret, and stands in a file that everybody can read (mode {mode:04o}); "
            f"chmod 640 {path}"
        )
        found.odd(where, text)


def core_groups(draft: Draft) -> tuple[core.Group, ...]:
    """Return the groups as core knows them."""
    return tuple(
        core.Group(name=group.name, checks=group.checks, channels=group.channels)
        for group in draft.group
        if group
    )
