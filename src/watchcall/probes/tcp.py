"""Probe: a TCP connection, what is said on it, and what has to be answered."""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from watchcall.core.check import Check, TcpTarget
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.admission import admit
from watchcall.probes.apart import Apart
from watchcall.probes.beside import Beside
from watchcall.probes.deadline import own_limit, seconds_of
from watchcall.probes.line import Line, dial
from watchcall.probes.ours import OUR_ERRNOS, lacks_descriptors, refuse_if_forbidden
from watchcall.probes.patterns import Budget, TooHard, searcher
from watchcall.probes.resolver import Lookup, NoAddress, Resolver, ip_version, system_lookup
from watchcall.probes.tls import TLS_CAUSES
from watchcall.probes.verdict import CannotLook, Finding, clean, observation, too_hard
from watchcall.rights import explained

MOST = 64 * 1024  # bytes that are read for `expect`
NEEDED = 2  # descriptors of a look at its beginning: a file or the resolver, and the socket
PAUSE_S = 0.01  # between two pieces: what is dripped byte by byte is not searched byte by byte
TRUSTED_S = 600  # how long the system's certificate authorities are taken as read

Phase = Literal["dns", "connect", "tls", "expect"]


class Failed(Exception):
    """The target's failure."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(slots=True)
class Talk:
    """How far a look has come.

    ended: when each phase was over, in seconds of the loop's clock
    """

    began: float
    phase: Phase = "dns"
    ended: dict[Phase, float] = field(default_factory=dict)
    remote: str | None = None
    tls: str | None = None
    received: bytearray = field(default_factory=bytearray)

    def passed(self, following: Phase) -> None:
        self.ended[self.phase] = asyncio.get_running_loop().time()
        self.phase = following

    @property
    def total_s(self) -> float:
        return max(self.ended.values(), default=self.began) - self.began

    def evidence(self) -> dict[str, Any]:
        spans, before = {}, self.began
        for phase, end in self.ended.items():
            spans[phase], before = round((end - before) * 1000, 2), end
        return {
            "remote": self.remote,
            "ms": {**spans, "total": round(self.total_s * 1000, 2)},
            "tls": self.tls,
            "bytes": len(self.received),
            "received": clean(decoded(bytes(self.received))) or None,
        }


class TcpProbe:
    """Looks at ports. Belongs to the loop on which it is first used.

    lookup: names to addresses, blocking; called in threads
    """

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._resolver = Resolver(lookup)
        self._reader = Apart[ssl.SSLContext]("tls-trust")  # files may hang
        self._trust: tuple[float, ssl.SSLContext] | None = None
        self._beside = Beside("expected")
        self._opening = 0

    async def look(self, check: Check) -> Observation:
        target = check.target
        if not isinstance(target, TcpTarget):
            raise TypeError(f"check {check.name!r} is not about TCP")
        talk = Talk(asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(own_limit(check)):
                await admit(check, NEEDED, lambda: self._opening)
                await self._talk(target, talk)
        except CannotLook as blind:
            return Observation(level=Level.UNKNOWN, reason=blind.reason)
        except TooHard as hard:
            return Observation(level=Level.UNKNOWN, reason=too_hard(hard))
        except (Failed, NoAddress, OSError) as error:
            try:
                reason = why(check, target, talk, error)
            except CannotLook as blind:
                return Observation(level=Level.UNKNOWN, reason=blind.reason)
            rule = "expect" if talk.phase == "expect" else "connection"
            failure = Finding(rule=rule, level=check.level, reason=reason)
            return observation([failure], talk.evidence())
        return observation(findings(target, talk), talk.evidence())

    def close(self) -> None:
        """What a look opens it closes itself."""
        self._beside.close()

    async def _talk(self, target: TcpTarget, talk: Talk) -> None:
        self._opening += 1
        try:
            numeric = ip_version(target.host) is not None
            addresses = [target.host] if numeric else await self._resolver.addresses(target.host)
            talk.passed("connect")
            line = await dial(addresses, target.port)
        finally:
            self._opening -= 1
        try:
            talk.remote = line.remote
            talk.passed("tls" if target.tls else "expect")
            if target.tls:
                talk.tls = await line.encrypt(await self._context(target), target.host)
                talk.passed("expect")
            if target.send is not None:
                await line.send(target.send.encode())
            if target.expect is not None:
                await self._hear(line, target.expect, talk)
                talk.passed("expect")
        finally:
            line.close()

    async def _hear(self, line: Line, wanted: re.Pattern[str], talk: Talk) -> None:
        """Read until what is wanted has come."""
        loop = asyncio.get_running_loop()
        while len(talk.received) < MOST:
            piece = await line.receive()
            if not piece:
                raise Failed(_closed(wanted, talk))
            talk.received += piece[: MOST - len(talk.received)]
            began = loop.time()
            if await self._holds(wanted, decoded(bytes(talk.received))):
                return
            # The longer a search takes, the longer it is collected what is searched next.
            await asyncio.sleep(max(PAUSE_S, 9 * (loop.time() - began)))
        raise Failed(Reason.of("http.body_limit", limit=MOST))

    async def _holds(self, wanted: re.Pattern[str], text: str) -> bool:
        def search(budget: Budget) -> bool:
            return searcher(wanted, budget)(text) is not None

        return await self._beside.judge(search, wanted.pattern)

    async def _context(self, target: TcpTarget) -> ssl.SSLContext:
        """Return whom to trust; a file of the operator's own is read for every look."""
        now = asyncio.get_running_loop().time()
        if not target.verify_tls:
            return _trusting_anybody()
        if target.ca_file is None and self._trust and now < self._trust[0] + TRUSTED_S:
            return self._trust[1]
        context = await self._reader.ask(target.ca_file, lambda: _trusting(target.ca_file))
        if target.ca_file is None:
            self._trust = (now, context)
        return context


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8 where it is that, apart from a last character that is not
    whole yet; else Latin-1, which takes anything."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        if len(data) - error.start < 4 and error.reason == "unexpected end of data":
            return data[: error.start].decode()
        return data.decode("latin-1")


def findings(target: TcpTarget, talk: Talk) -> list[Finding]:
    """Return what every rule of a target says of a connection that held."""
    host, ms = clean(target.host), round(talk.total_s * 1000)
    there = Reason.of("tcp.ok", host=host, port=target.port, ms=ms)
    found = [Finding(rule="connection", level=Level.OK, reason=there)]
    if target.expect is not None:
        facts = {"wanted": clean(target.expect.pattern), "found": True}
        heard = Reason.of("http.found")
        found.append(Finding(rule="expect", level=Level.OK, reason=heard, facts=facts))
    if target.latency.given:
        found.append(_latency(target, talk.total_s))
    return found


def _latency(target: TcpTarget, total_s: float) -> Finding:
    level, saw = target.latency.above(total_s), round(total_s, 3)
    limit = target.latency.crossed(level)
    reason = Reason.of("tcp.latency", seconds=round(total_s, 1 if saw >= 1 else 3), limit=limit)
    wanted = {"warning": target.latency.warning, "critical": target.latency.critical}
    return Finding(rule="latency", level=level, reason=reason, facts={"saw": saw, **wanted})


def why(check: Check, target: TcpTarget, talk: Talk, error: Failed | NoAddress | OSError) -> Reason:
    """Return why a look failed; raise CannotLook where the fault is ours."""
    if isinstance(error, Failed):
        return error.reason
    if isinstance(error, NoAddress):
        if lacks_descriptors():  # not even /etc/hosts could be opened
            raise CannotLook(Reason.of("http.descriptors"))
        refuse_if_forbidden()
        return Reason.of("http.dns", host=clean(target.host))
    if error.errno is None and isinstance(error, TimeoutError):
        return _late(check, target, talk)
    if error.errno in OUR_ERRNOS and not isinstance(error, ssl.SSLError):  # has numbers of its own
        raise _blind(error)
    if talk.phase == "connect":
        return _unconnected(target, error)
    return _untrusted(target, error) if talk.phase == "tls" else _broken(target, talk, error)


def _late(check: Check, target: TcpTarget, talk: Talk) -> Reason:
    seconds = seconds_of(check)
    match talk.phase:
        case "dns":
            return Reason.of("http.timeout.dns", seconds=seconds)
        case "connect":
            return Reason.of("http.timeout.connect", seconds=seconds)
        case "tls":
            return Reason.of("http.timeout.tls", seconds=seconds)
    if not talk.received or target.expect is None:
        return Reason.of("http.timeout.first_byte", seconds=seconds)
    pattern = clean(target.expect.pattern)
    return Reason.of("tcp.timeout.expected", pattern=pattern, seconds=seconds)


def _unconnected(target: TcpTarget, error: OSError) -> Reason:
    host, text = clean(target.host), clean(error.strerror or str(error))
    if isinstance(error, ConnectionRefusedError):
        return Reason.of("http.refused", host=host, port=target.port)
    return Reason.of("http.no_connection", host=host, port=target.port, error=text)


def _blind(error: OSError) -> CannotLook:
    if lacks_descriptors():
        return CannotLook(Reason.of("http.descriptors"))
    return CannotLook(Reason.of("tcp.cannot_look", error=clean(explained(error))))


def _untrusted(target: TcpTarget, error: OSError) -> Reason:
    code = None
    if isinstance(error, ssl.SSLCertVerificationError):
        code = TLS_CAUSES.get(error.verify_code)
    if code == "http.tls.wrong_name":
        return Reason.of(code, host=clean(target.host))
    return Reason.of(code) if code else Reason.of("http.tls.failed", error=_said(error))


def _broken(target: TcpTarget, talk: Talk, error: OSError) -> Reason:
    """A connection that is reset without a word was closed without an answer."""
    if isinstance(error, ConnectionResetError | BrokenPipeError) and target.expect is not None:
        return _closed(target.expect, talk)
    return Reason.of("http.broken", error=_said(error))


def _closed(wanted: re.Pattern[str], talk: Talk) -> Reason:
    if not talk.received:
        return Reason.of("http.empty")
    return Reason.of("tcp.closed", pattern=clean(wanted.pattern))


def _said(error: OSError) -> str:
    """OpenSSL's reason without where in its source it was found."""
    reason = error.reason if isinstance(error, ssl.SSLError) else error.strerror
    return clean((reason or str(error)).replace("_", " ").lower() or "closed")


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError too: no certificates in it
        path = clean(str(ca_file or os.devnull))
        text = _said(error) if isinstance(error, ssl.SSLError) else clean(explained(error, ca_file))
        raise CannotLook(Reason.of("http.file_unreadable", path=path, error=text)) from error


def _trusting_anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
