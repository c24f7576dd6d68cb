"""What the account may do: its standing, its numbers, the people and countries it may call.

A request for a call is held against it before the phone's list is looked at. The codes are
those of https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

from watchcall.simulator.countries import COUNTRIES, country_of
from watchcall.simulator.refusal import Refusal
from watchcall.simulator.script import Script


def check_active(script: Script) -> None:
    """Refuse what costs money, unless the account is active."""
    if script.account_status != "active":
        raise Refusal(20005)


def check_call(script: Script, to: str, caller: str) -> None:
    """Refuse a call that this account may not make."""
    if not may_call_from(script, caller):
        raise Refusal.about(21210, caller)
    if script.account_type == "Trial" and to not in script.verified:
        raise Refusal.about(21219, f"{to}; trial accounts call verified numbers only")
    country = country_of(to)
    if country is not None and not script.geo.get(country, True):
        raise Refusal.about(21215, f"{to} is in {COUNTRIES[country].name}")


def check_text(script: Script, to: str, sender: str | None) -> None:
    """Refuse a text that this account may not send; a Messaging Service has its own numbers."""
    if sender is not None and not may_text_from(script, sender):
        raise Refusal.about(21606, sender)
    if script.account_type == "Trial" and to not in script.verified:
        raise Refusal.about(21608, f"{to}; trial accounts text verified numbers only")


def may_text_from(script: Script, sender: str) -> bool:
    """Return whether a text may have this sender; names and short codes are not held to it."""
    if script.owned is None or not sender.startswith("+"):
        return True
    return sender in {one.number for one in script.owned if one.sms}


def may_call_from(script: Script, number: str) -> bool:
    """Return whether a number can be a call's From: owned, with a voice, or a verified caller ID.

    What Twilio answers where a number is owned but has no voice could not be verified; here it
    counts as one that is not owned.
    """
    if script.owned is None:
        return True
    voiced = {one.number for one in script.owned if one.voice}
    return number in voiced or number in script.caller_ids
