"""How the account is that all calls go through: what was learnt, and what to make of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from watchcall.core.reason import Reason

BALANCE_FLOOR = Decimal(5)  # Twilio itself writes a mail at 5 (support 223135487)
VOICE, TEXTS = ("voice",), ("sms",)
ALL = VOICE + TEXTS
NOT_LEARNT = "could not be learnt"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """What Twilio says of an account; None is "could not be learnt", which proves nothing.

    reachable:    whether Twilio answered at all
    credentials:  whether Twilio accepts them
    status:       "active", "suspended", "closed"
    type:         "Full", "Trial"
    balance:      in `currency`
    owned:        whether `from` is a number of the account
    voice, sms:   what `from` can do
    caller_id:    whether `from` is only a verified caller ID
    allowed:      by country (ISO 3166), whether Twilio may call there
    problem:      why something could not be learnt, for people
    """

    reachable: bool = True
    credentials: bool | None = None
    status: str | None = None
    type: str | None = None
    balance: Decimal | None = None
    currency: str | None = None
    owned: bool | None = None
    voice: bool | None = None
    sms: bool | None = None
    caller_id: bool | None = None
    allowed: Mapping[str, bool] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is to be made of one part of a report.

    state:  "ok", "warning", "error", or "unknown" where nothing could be learnt
    remedy: what an operator can do; every warning and error has one
    reason: the same in a form that each language can say; None where it is no trouble
    stops:  the types of channels that cannot be used because of it
    """

    subject: str
    state: str
    detail: str
    remedy: str | None = None
    reason: Reason | None = None
    stops: tuple[str, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether nobody can be called at all because of it."""
        return "voice" in self.stops


def assess(
    report: AccountReport,
    *,
    texting: bool,
    balance_floor: Decimal = BALANCE_FLOOR,
    countries: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Return what a report means, in a fixed order: the account, our number, the countries.

    texting:       whether some channel sends texts
    balance_floor: in the account's currency; below it a balance is low
    countries:     those that were asked about, so that one without an answer is named too
    """
    return (
        _twilio(report),
        _credentials(report),
        _account(report),
        _balance(report, balance_floor),
        _from(report, texting=texting),
        *_permissions(report, countries),
    )


def _twilio(report: AccountReport) -> Finding:
    if not report.reachable:
        return Finding(
            subject="Twilio",
            state="error",
            detail=report.problem or "does not answer",
            remedy="check this server's way out, its name service and twilio.api_url; "
            "status.twilio.com says whether Twilio itself has trouble",
            reason=Reason.of("self.unreachable"),
            stops=ALL,
        )
    detail = f"answers, but not everything: {report.problem}" if report.problem else "answers"
    return Finding(subject="Twilio", state="ok", detail=detail)


def _credentials(report: AccountReport) -> Finding:
    if report.credentials is None:
        return _unknown("credentials")
    if report.credentials:
        return Finding(subject="credentials", state="ok", detail="accepted")
    return Finding(
        subject="credentials",
        state="error",
        detail="Twilio does not accept them",
        remedy="compare twilio.account_sid and the token (or the API key and its secret) with "
        "the Twilio console",
        reason=Reason.of("self.credentials"),
        stops=ALL,
    )


def _account(report: AccountReport) -> Finding:
    status, kind = report.status, report.type
    if status in ("suspended", "closed"):
        return Finding(
            subject="account",
            state="error",
            detail=f"is {status}; Twilio places no calls for it",
            remedy="top it up, or ask Twilio's support why; a closed account stays closed",
            reason=Reason.of("self.suspended", status=status),
            stops=ALL,
        )
    if kind == "Trial":
        return _trial()
    if status is None and kind is None:
        return _unknown("account")
    if status != "active" or kind is None:
        return _unknown("account", f"is {status or 'of unknown status'}, {kind or 'unknown type'}")
    return Finding(subject="account", state="ok", detail=f"is active ({kind})")


def _trial() -> Finding:
    """https://www.twilio.com/docs/usage/trials"""
    return Finding(
        subject="account",
        state="warning",
        detail="is a trial: Twilio calls verified numbers only, and each call begins with "
        "Twilio's own announcement until a key is pressed; what WatchCall says may never be "
        "said, so such a call never counts as heard",
        remedy="upgrade the account in the Twilio console; until then verify each contact's "
        "number there, and press a key when it calls",
        reason=Reason.of("self.trial"),
    )


def _balance(report: AccountReport, floor: Decimal) -> Finding:
    balance, currency = report.balance, report.currency or ""
    if balance is None:
        return _unknown("balance")
    shown = f"{balance:.2f} {currency}".rstrip()
    if balance >= floor:
        return Finding(subject="balance", state="ok", detail=shown)
    empty = balance <= 0
    return Finding(
        subject="balance",
        state="error" if empty else "warning",
        detail=f"{shown}; Twilio suspends an account at 0"
        if empty
        else f"{shown}, which lasts for few calls; Twilio suspends the account at 0",
        remedy="top the account up, and turn on auto-recharge: Twilio console, Billing",
        reason=Reason.of("self.balance", balance=f"{balance:.2f}", currency=currency),
        stops=ALL if empty else (),
    )


def _from(report: AccountReport, *, texting: bool) -> Finding:
    if report.owned is None:
        return _unknown("from")
    if not report.owned:
        return _foreign(report.caller_id)
    if report.voice is False:
        return _mute("make calls", "Voice", "self.from_mute", VOICE)
    if texting and report.sms is False:
        return _mute("send texts", "SMS", "self.from_no_texts", TEXTS)
    if report.voice is None or (texting and report.sms is None):
        return _unknown("from", "belongs to the account; what it can do could not be learnt")
    return Finding(
        subject="from",
        state="ok",
        detail="belongs to the account and can make calls" + (" and send texts" * texting),
    )


def _foreign(caller_id: bool | None) -> Finding:
    """A number that is not the account's: a verified caller ID at best.

    Japan: https://support.twilio.com/hc/articles/1260804708349
    """
    if caller_id is None:
        return _unknown("from", "is no number of the account; whether it is verified is not known")
    if caller_id:
        return Finding(
            subject="from",
            state="warning",
            detail="is only a verified caller ID: calls to Japan arrive as withheld (非通知), "
            "which many phones refuse, and nobody can text or call it back",
            remedy="use a Twilio number of the account as twilio.from",
            reason=Reason.of("self.from_unknown"),
        )
    return Finding(
        subject="from",
        state="error",
        detail="is neither a number of the account nor a verified caller ID",
        remedy="set twilio.from to a number of the account: Twilio console, Phone Numbers",
        reason=Reason.of("self.from_unknown"),
        stops=ALL,
    )


def _mute(what: str, capability: str, code: str, stops: tuple[str, ...]) -> Finding:
    return Finding(
        subject="from",
        state="error",
        detail=f"belongs to the account, but cannot {what}",
        remedy=f"set twilio.from to a number of the account with the capability {capability}",
        reason=Reason.of(code),
        stops=stops,
    )


def _permissions(report: AccountReport, countries: Sequence[str]) -> Iterator[Finding]:
    asked = sorted({*countries, *report.allowed})
    nowhere = bool(asked) and all(report.allowed.get(country) is False for country in asked)
    for country in asked:
        yield _permission(country, report.allowed.get(country), VOICE if nowhere else ())


def _permission(country: str, allowed: bool | None, stops: tuple[str, ...]) -> Finding:
    subject = f"permission {country}"
    if allowed is None:
        return _unknown(subject)
    if allowed:
        return Finding(subject=subject, state="ok", detail="calls there are allowed")
    return Finding(
        subject=subject,
        state="error",
        detail="Twilio may not call there; it refuses each call with error 21215",
        remedy="allow the country: Twilio console, Voice, Settings, Geo permissions",
        reason=Reason.of("self.geo", country=country),
        stops=stops,
    )


def _unknown(subject: str, detail: str = NOT_LEARNT) -> Finding:
    return Finding(subject=subject, state="unknown", detail=detail)
