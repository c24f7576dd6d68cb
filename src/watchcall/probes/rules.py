"""What an HTTP reply must be like: each rule gives a finding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from watchcall.core.check import Check, HttpTarget, Limits
from watchcall.core.health import Level
from watchcall.core.reason import Reason
from watchcall.probes.jsonrule import judge_json
from watchcall.probes.patterns import Budget, needs_what_follows, searcher
from watchcall.probes.verdict import Finding, clean
from watchcall.probes.visit import Visit

HOUR, DAY = 3600, 86400


def judge_reply(
    check: Check,
    target: HttpTarget,
    visit: Visit,
    total_s: float,
    now: datetime,
    budget: Budget,
) -> list[Finding]:
    """Return what every rule of a target says of a reply, the status first.

    budget: how long the content may be searched; raises TooHard where that is not enough
    """
    findings = [_status(check, target, visit, total_s)]
    if visit.reply.looks_cut:
        reason = Reason.of("http.cut", bytes=visit.reply.size)
        findings.append(Finding(rule="whole", level=check.level, reason=reason))
    findings += _content(check, target, visit, budget)
    if is_set(target.latency):
        findings.append(_latency(target, total_s))
    if is_set(target.certificate):
        findings.append(_certificate(target, visit, now))
    return findings


def is_set(limits: Limits) -> bool:
    return limits.warning is not None or limits.critical is not None


def _status(check: Check, target: HttpTarget, visit: Visit, total_s: float) -> Finding:
    named = target.status.names(visit.status)
    level = check.level if named is None else named
    if level is Level.OK:
        reason = Reason.of("http.ok", status=visit.status, ms=round(total_s * 1000))
    else:
        reason = Reason.of("http.status", status=visit.status)
    return Finding(rule="status", level=level, reason=reason, facts={"saw": visit.status})


def _content(check: Check, target: HttpTarget, visit: Visit, budget: Budget) -> Iterator[Finding]:
    if target.contains is not None:
        has, wanted = target.contains in visit.reply.text, clean(target.contains)
        lacks = Reason.of("http.lacks", text=wanted)
        yield _found("contains", wanted, has, lacks, check, target, visit)
    if target.not_contains is not None:
        has, unwanted = target.not_contains in visit.reply.text, clean(target.not_contains)
        yield _absent(unwanted, has, check, target, visit)
    if target.matches is not None:
        text = visit.reply.text
        end = searcher(target.matches, budget)(text)
        has = end is not None and not (
            visit.reply.is_truncated and needs_what_follows(target.matches, end, len(text))
        )
        wanted = clean(target.matches.pattern)
        lacks = Reason.of("http.unmatched", pattern=wanted)
        yield _found("matches", wanted, has, lacks, check, target, visit)
    if target.json is not None:
        yield (
            _needs_more("json", check, target)
            if visit.reply.is_truncated
            else judge_json(check.level, target.json, visit.reply.body, budget)
        )


def _found(
    rule: str,
    wanted: str,
    has: bool,
    lacks: Reason,
    check: Check,
    target: HttpTarget,
    visit: Visit,
) -> Finding:
    if not has and visit.reply.is_truncated:
        return _needs_more(rule, check, target)
    level, reason = (Level.OK, Reason.of("http.found")) if has else (check.level, lacks)
    return Finding(rule=rule, level=level, reason=reason, facts={"wanted": wanted, "found": has})


def _absent(unwanted: str, has: bool, check: Check, target: HttpTarget, visit: Visit) -> Finding:
    facts = {"unwanted": unwanted, "found": has}
    if has:
        reason = Reason.of("http.contains", text=unwanted)
        return Finding(rule="not_contains", level=check.level, reason=reason, facts=facts)
    if visit.reply.is_truncated:
        return _needs_more("not_contains", check, target)
    absent = Reason.of("http.found")
    return Finding(rule="not_contains", level=Level.OK, reason=absent, facts=facts)


def _needs_more(rule: str, check: Check, target: HttpTarget) -> Finding:
    """Nothing is known of what lies beyond `max_body`, and a rule was promised to hold."""
    reason = Reason.of("http.body_limit", limit=target.max_body)
    facts = {"needs_more_than": target.max_body}
    return Finding(rule=rule, level=check.level, reason=reason, facts=facts)


def _latency(target: HttpTarget, total_s: float) -> Finding:
    level = target.latency.above(total_s)
    crossed = _limit(target.latency, level)
    reason = Reason.of("http.latency", seconds=round(total_s, 2), limit=_short(crossed))
    return Finding(
        rule="latency", level=level, reason=reason, facts=_facts(total_s, target.latency)
    )


def _certificate(target: HttpTarget, visit: Visit, now: datetime) -> Finding:
    if visit.expires_at is None:
        none = Reason.of("http.no_certificate")
        return Finding(rule="certificate", level=Level.UNKNOWN, reason=none)
    left = (visit.expires_at - now).total_seconds()
    level = target.certificate.below(left)
    return Finding(
        rule="certificate",
        level=level,
        reason=_certificate_reason(left),
        facts=_facts(left, target.certificate),
    )


def _certificate_reason(left: float) -> Reason:
    if left < 0:
        return Reason.of("http.certificate.expired")
    if left < 2 * DAY:
        return Reason.of("http.certificate.hours", hours=int(left // HOUR))
    return Reason.of("http.certificate.days", days=int(left // DAY))


def _limit(limits: Limits, level: Level) -> float:
    return (limits.critical if level is Level.CRITICAL else limits.warning) or 0


def _facts(saw: float, limits: Limits) -> dict[str, Any]:
    return {"saw": round(saw, 4), "warning": limits.warning, "critical": limits.critical}


def _short(seconds: float) -> float:
    return int(seconds) if float(seconds).is_integer() else seconds
