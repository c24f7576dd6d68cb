"""What concerns several keys of one check, and the files that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from watchcall.config import process_rules
from watchcall.config.checks import CommonCheck
from watchcall.config.command import CommandCheck
from watchcall.config.hints import one_of
from watchcall.config.host import LIMITS, HostCheck
from watchcall.config.http import HttpCheck
from watchcall.config.limit_rules import (
    equal,
    everything,
    is_limited,
    limiting,
    reachable,
    rising,
)
from watchcall.config.model import Draft
from watchcall.config.process import ProcessCheck
from watchcall.config.rules import Findings
from watchcall.config.sources import Where
from watchcall.config.tcp import TcpCheck
from watchcall.config.urls import ip_version

FILES = ("ca_file", "client_cert", "client_key", "password_file", "bearer_token_file")
CONTENT = ("contains", "not_contains", "matches", "json_match")
LOW_LOAD = 10  # percent: below, cores were meant


def find(draft: Draft, folder: Path, found: Findings) -> None:
    """Look at every check by itself."""
    usual = draft.defaults.timeout
    for at, check in enumerate(draft.check):
        if isinstance(check, ProcessCheck):
            process_rules.find(("check", at), check, found)
        elif isinstance(check, HttpCheck):
            _http(("check", at), check, found)
            reachable(("check", at), check, check.timeout or usual, found)
            _files(("check", at), check, FILES, folder, found)
        elif isinstance(check, TcpCheck):
            _tcp(("check", at), check, found)
            reachable(("check", at), check, check.timeout or usual, found)
            _files(("check", at), check, ("ca_file",), folder, found)
        elif isinstance(check, CommandCheck):
            _command(("check", at), check, folder, found)
        elif isinstance(check, HostCheck):
            _host(("check", at), check, found)


def _http(where: Where, check: HttpCheck, found: Findings) -> None:
    rising(where, "latency", check, found)
    limiting(where, "certificate", check, found)
    left = check.certificate
    if left.warning is not None and left.critical is not None and left.warning < left.critical:
        text = "warning must be more than critical: it is the time that is left"
        found.wrong((*where, "certificate"), text, "certificate")
    equal((*where, "certificate"), left, found)
    if left != type(left)() and check.url.startswith("http:"):
        found.wrong((*where, "certificate"), "needs an https url", "certificate", "url")
    if other := _other_family(check):
        text = f'is "{check.ip}", but the connection goes to an address of IP version {other}'
        found.wrong((*where, "ip"), text, "ip", "url", "connect_to")
    for key in _bodiless(check):
        name = key.removesuffix("_match")
        found.wrong(
            (*where, name), 'needs an answer with content; write method = "GET"', "method", name
        )
    everything((*where, "matches"), check.matches, found)
    for key, text in _lonely(check):
        found.wrong((*where, key), text, *FILES, "username")


def _lonely(check: HttpCheck) -> Iterator[tuple[str, str]]:
    """Yield the keys that mean nothing without, or not together with, another one."""
    if check.client_key and not check.client_cert:
        yield "client_key", "needs client_cert"
    if check.username and ":" in check.username:  # RFC 7617: it would end there
        yield "username", "must be without a colon"
    if check.password_file and not check.username:
        yield "password_file", "needs username"
    if check.bearer_token_file and check.username:
        yield "bearer_token_file", f"excludes {one_of(['username'])}: only one can be sent"


def _bodiless(check: HttpCheck) -> Iterator[str]:
    """Yield the rules of content, where no answer has any (RFC 9110, 9.3.2)."""
    if check.method == "HEAD":
        yield from (key for key in CONTENT if getattr(check, key) is not None)


def _other_family(check: HttpCheck) -> str | None:
    """Return the IP version of the address to connect to, where it is not the wanted one."""
    place = f"//{check.connect_to}" if check.connect_to else check.url
    other = ip_version(urlsplit(place).hostname or "")
    return None if check.ip == "any" or other == check.ip else other


def _tcp(where: Where, check: TcpCheck, found: Findings) -> None:
    rising(where, "latency", check, found)
    everything((*where, "expect"), check.expect, found)
    for key in ("verify_tls", "ca_file"):
        if key in check.model_fields_set and not check.tls:
            found.wrong((*where, key), "needs tls = true", key, "tls")


def _command(where: Where, check: CommandCheck, folder: Path, found: Findings) -> None:
    """The argument list is not repeated: it may hold secrets."""
    program = check.command[0]
    if "/" in program and _missing(folder / program):
        found.odd((*where, "command"), f"{folder / program} does not exist")


def _host(where: Where, check: HostCheck, found: Findings) -> None:
    limited = [key for key in LIMITS if is_limited(getattr(check, key))]
    if not limited:
        text = f"says nothing about what to look at; give at least one of {', '.join(LIMITS)}"
        found.wrong(where, text, "type", *LIMITS)
    for key in LIMITS:
        rising(where, key, check, found)
    _disk(where, check, found)
    low = [value for value in (check.load.warning, check.load.critical) if value is not None]
    if any(value < LOW_LOAD for value in low):
        text = "is in percent: 150 is one and a half processes for each core"
        found.odd((*where, "load"), text)
    if "level" in check.model_fields_set:
        text = 'means nothing for type "host": its limits say what is warning, what critical'
        found.odd((*where, "level"), text)


def _disk(where: Where, check: HostCheck, found: Findings) -> None:
    inside = check.disk_used.path
    if check.path and "disk_used" not in check.model_fields_set:
        text = "names a disk without limits; write disk_used = { warning = 80, critical = 95 }"
        found.wrong((*where, "path"), text, "path", "disk_used")
    if inside and check.path and inside != check.path:
        text = f"is not the path in disk_used, {inside}; give only one"
        found.wrong((*where, "path"), text, "path", "disk_used")


def _files(
    where: Where, check: CommonCheck, keys: Sequence[str], folder: Path, found: Findings
) -> None:
    """A file may still come, and validate may run as somebody who cannot see it: only warn."""
    for key in keys:
        path: Path | None = getattr(check, key)
        if path is not None and _missing(folder / path):
            found.odd((*where, key), f"{folder / path} does not exist")


def _missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:
        return False
