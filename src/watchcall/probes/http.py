"""Probe: HTTP, by libcurl on the loop; a fresh connection for every look."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pycurl

from watchcall.core.check import Check, HttpTarget
from watchcall.core.health import Level, Observation
from watchcall.core.quoting import HIDDEN, quoted
from watchcall.core.reason import Reason
from watchcall.probes.admission import admit
from watchcall.probes.beside import Beside
from watchcall.probes.deadline import own_limit, seconds_of
from watchcall.probes.failures import failure
from watchcall.probes.ours import lacks_descriptors, refuse_if_forbidden
from watchcall.probes.patterns import Budget, TooHard
from watchcall.probes.request import (
    DEFAULT_PORTS,
    Files,
    Place,
    Step,
    ascii_url,
    connects_to,
    new_reply,
    place_of,
    prepare,
)
from watchcall.probes.resolver import (
    Lookup,
    NoAddress,
    Resolver,
    ip_version,
    needs_lookup,
    system_lookup,
)
from watchcall.probes.rules import judge_reply
from watchcall.probes.transfers import Transfers
from watchcall.probes.verdict import CannotLook, Finding, clean, observation, too_hard
from watchcall.probes.visit import Visit, recorded

MOST_REDIRECTS = 5
SHOWN_OF_BODY = 512  # characters
NEEDED = 2  # descriptors of a look at its beginning: a file or the resolver, and the socket
LARGE = 16 * 1024  # bytes of JSON that are never judged on the loop
REDIRECTS = (301, 302, 303, 307, 308)
HOST = re.compile(r"[A-Za-z0-9._-]+|(?=.*:)[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?")  # or an address


class Unanswered(Exception):
    """No reply to judge, and that is the target's failure."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """The last request of a look, and how it got there."""

    last: Visit
    redirects: int
    total_s: float
    secrets: tuple[str, ...] = field(default=(), repr=False)  # that were sent


class HttpProbe:
    """Looks at URLs. Belongs to the loop on which it is first used.

    now:    the time by which certificates are judged
    lookup: names to addresses, blocking; called in threads
    """

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        lookup: Lookup = system_lookup,
    ) -> None:
        self._now = now
        self._resolver = Resolver(lookup)
        self._transfers: Transfers | None = None
        self._beside = Beside("content")
        self._resolving = 0

    async def look(self, check: Check) -> Observation:
        target = check.target
        if not isinstance(target, HttpTarget):
            raise TypeError(f"check {check.name!r} is not about HTTP")
        try:
            await admit(check, NEEDED, self._opening)
            journey = await self._travel(check, target)
            return await self._judged(check, target, journey)
        except Unanswered as none:
            finding = Finding(rule="exchange", level=check.level, reason=none.reason)
            return observation([finding], {"url": without_credentials(target.url)})
        except TooHard as hard:
            return Observation(level=Level.UNKNOWN, reason=too_hard(hard))
        except CannotLook as blind:
            return Observation(level=Level.UNKNOWN, reason=blind.reason)

    def close(self) -> None:
        """Cancel the looks under way and close their connections."""
        if self._transfers is not None:
            self._transfers.close()
            self._transfers = None
        self._beside.close()

    def _opening(self) -> int:
        return self._resolving + (self._transfers.opening if self._transfers else 0)

    async def _judged(self, check: Check, target: HttpTarget, journey: Journey) -> Observation:
        visit = journey.last
        if not visit.is_whole:
            return self._observed([failure(check, target, visit)], journey)

        def judge(budget: Budget) -> list[Finding]:
            return judge_reply(check, target, visit, journey.total_s, self._now(), budget)

        small = target.json is None or visit.reply.size < LARGE
        found = await self._beside.judge(judge, _searched(target), quickly=small)
        return self._observed(found, journey)

    def _observed(self, findings: list[Finding], journey: Journey) -> Observation:
        evidence = self._evidence(journey)
        if any(one.level is not Level.OK for one in findings):
            evidence["body"] = _body(journey) or None
        return observation(findings, evidence)

    def _evidence(self, journey: Journey) -> dict[str, Any]:
        visit = journey.last
        left = visit.expires_at - self._now() if visit.expires_at else None
        return {
            "status": visit.status or None,
            "url": without_credentials(visit.url),
            "redirects": journey.redirects,
            "remote": visit.remote,
            "ms": visit.phases.as_json(),
            "took_ms": round(journey.total_s * 1000, 2),
            "bytes": visit.reply.size,
            "body_truncated": visit.reply.is_truncated,
            "certificate_days": round(left.total_seconds() / 86400, 1) if left else None,
        }

    async def _travel(self, check: Check, target: HttpTarget) -> Journey:
        """Send the request, and follow where its answer leads as far as that is allowed."""
        deadline = asyncio.get_running_loop().time() + own_limit(check)
        files, step, total_s = Files.of(target), _first(target), 0.0
        for redirects in range(MOST_REDIRECTS + 1):
            visit = await self._visit(check, target, step, files, deadline)
            if redirects and visit.outcome.code == pycurl.E_URL_MALFORMAT:
                raise _invalid(step.url)
            total_s += visit.phases.total
            following = _next(target, step, visit)
            if following is None:
                return Journey(
                    last=visit, redirects=redirects, total_s=total_s, secrets=files.secrets
                )
            step = following
        raise Unanswered(Reason.of("http.redirects", count=MOST_REDIRECTS))

    async def _visit(
        self, check: Check, target: HttpTarget, step: Step, files: Files, deadline: float
    ) -> Visit:
        loop = asyncio.get_running_loop()
        before = loop.time()
        addresses = await self._addresses(check, target, step, deadline - before)
        dns_s = loop.time() - before if addresses else None
        reply, curl = new_reply(target, step), _new_curl()
        try:
            left = deadline - loop.time()
            prepare(curl, target, step, files, reply, addresses, left)
            outcome = await self._running_transfers().perform(curl)
            return recorded(curl, step.url, outcome, reply, dns_s)
        except pycurl.error as error:  # an option was refused
            raise CannotLook(Reason.of("http.cannot_look", error=clean(str(error)))) from error
        finally:
            curl.close()

    async def _addresses(
        self, check: Check, target: HttpTarget, step: Step, left_s: float
    ) -> list[str]:
        """Return what the name of the place to connect to stands for; nothing if it is none."""
        host = connects_to(target, step).host
        if not needs_lookup(host):
            if step.place.host == host and ip_version(host) not in _versions(target):
                raise _no_address(target, host)  # a redirect's; the operator's own is refused
            return []
        self._resolving += 1
        try:
            addresses = await asyncio.wait_for(self._resolver.addresses(host), left_s)
        except TimeoutError:
            raise Unanswered(Reason.of("http.timeout.dns", seconds=seconds_of(check))) from None
        except NoAddress:
            if lacks_descriptors():  # not even /etc/hosts could be opened
                raise CannotLook(Reason.of("http.descriptors")) from None
            refuse_if_forbidden()
            raise _unresolved(target, host) from None
        finally:
            self._resolving -= 1
        if target.ip != "any" and not any((":" in one) == (target.ip == "6") for one in addresses):
            raise _no_address(target, host)
        return addresses

    def _running_transfers(self) -> Transfers:
        if self._transfers is None:
            self._transfers = Transfers()
        return self._transfers


def _first(target: HttpTarget) -> Step:
    try:
        url = ascii_url(target.url)
        place = place_of(url)
    except ValueError as error:  # UnicodeError too
        raise CannotLook(Reason.of("http.cannot_look", error=clean(str(error)))) from error
    return Step(url=url, place=place, method=target.method.upper(), body=target.body)


def _next(target: HttpTarget, step: Step, visit: Visit) -> Step | None:
    """Return the request that a redirect asks for, None where there is none to follow."""
    url = visit.redirect_url
    if not (target.follow_redirects and visit.is_whole and visit.status in REDIRECTS and url):
        return None
    if not _scheme(url):
        raise _invalid(url)  # libcurl hands on what it could make nothing of
    if not _is_same_or_better(step.url, url):
        return None
    url, place = _destination(url)
    is_home = step.is_home and _is_home(step.place, place)
    moved = replace(step, url=url, place=place, is_home=is_home)
    as_get = visit.status == 303 or (visit.status in (301, 302) and step.method == "POST")
    if as_get and step.method != "HEAD":
        return replace(moved, method="GET", body=None)
    return moved


def _destination(url: str) -> tuple[str, Place]:
    """Return where a redirect leads; the server may have written anything."""
    try:
        url = ascii_url(url)
        place = Place.of(url)
    except ValueError as error:  # UnicodeError too
        raise _invalid(url) from error
    if not HOST.fullmatch(place.host):
        raise _invalid(url)
    return url, place


def _invalid(url: str) -> Unanswered:
    shown = re.sub(r"//.*@", "//", url, flags=re.DOTALL)  # without what may be a password
    return Unanswered(Reason.of("http.redirect_invalid", url=clean(shown)))


def _is_same_or_better(here: str, there: str) -> bool:
    schemes = _scheme(here), _scheme(there)
    return schemes in (("http", "http"), ("http", "https"), ("https", "https"))


def _scheme(url: str) -> str:
    """Return the scheme of a URL, also where the rest of it is malformed; "" where it has none."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", url)
    return found[1].lower() if found else ""


def _is_home(old: Place, new: Place) -> bool:
    """Whether a redirect stays with the server that the operator named; TLS may be added."""
    upgraded = (old.port, new.port) == (DEFAULT_PORTS["http"], DEFAULT_PORTS["https"])
    return old.host == new.host and (old.port == new.port or upgraded)


def _unresolved(target: HttpTarget, host: str) -> Exception:
    if target.proxy is not None:
        return CannotLook(Reason.of("http.proxy", error=f"no address for {clean(host)}"))
    return Unanswered(Reason.of("http.dns", host=clean(host)))


def _versions(target: HttpTarget) -> tuple[str | None, ...]:
    return (None, "4", "6") if target.ip == "any" else (None, target.ip)


def _no_address(target: HttpTarget, host: str) -> Unanswered:
    return Unanswered(Reason.of("http.no_address", host=clean(host), version=target.ip))


def _searched(target: HttpTarget) -> str:
    """Return what it is that can be hard to find."""
    if target.matches is not None:
        return target.matches.pattern
    return target.json.path if target.json is not None else ""


def _new_curl() -> pycurl.Curl:
    try:
        return pycurl.Curl()
    except (pycurl.error, MemoryError) as error:
        raise CannotLook(Reason.of("http.cannot_look", error=clean(str(error)))) from error


def _body(journey: Journey) -> str:
    """Return the first of the body; a server may send back what it was sent."""
    text = journey.last.reply.beginning
    for secret in journey.secrets:
        text = text.replace(secret, HIDDEN)
    return quoted(text, SHOWN_OF_BODY)


def without_credentials(url: str) -> str:
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
