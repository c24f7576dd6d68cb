"""One filter on the way, and what it does with a failure now."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any


class Effect(enum.Enum):
    """What a filter does; `verdict` in the JSON, which is documented in docs/reference."""

    PASSES = "passes"  # on to the next filter
    HOLDS = "holds"  # for now: told when that ends
    STOPS = "stops"  # here it ends
    TELLS = "tells"  # somebody is told, or is being told


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A filter with its verdict.

    filter:  its name, which scripts may rely on
    channel, contact: which one the step is about; None: the check as a whole
    """

    filter: str
    effect: Effect
    why: str
    channel: str | None = None
    contact: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the contract has it; `channel` and `contact` are additions."""
        return {
            "filter": self.filter,
            "channel": self.channel,
            "contact": self.contact,
            "verdict": self.effect.value,
            "why": self.why,
        }


def at(instant: datetime) -> str:
    """Return an instant as it stands in a sentence."""
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
