"""What the questions are asked amid."""

from __future__ import annotations

from dataclasses import dataclass, field

from watchcall.init.answers import Answers, Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where, in which language, on which machine, and what was answered before.

    region:   the country (ISO 3166) whose numbers may be written as there; None where unclear
    language: in which the questions are asked (BCP 47)
    offers:   what was found on this machine
    units:    the units that systemd knows, None where it could not be asked
    before:   earlier answers, which are the defaults of what is asked again
    """

    region: str | None = None
    language: str = "en-US"
    offers: tuple[Offer, ...] = ()
    units: frozenset[str] | None = None
    before: Answers = field(default_factory=Answers)
