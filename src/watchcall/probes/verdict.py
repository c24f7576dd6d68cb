"""How a look's rules become one observation: the worst finding speaks, all are evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes.patterns import TooHard

TEXT_LIMIT = 200  # characters of foreign text that may travel in a reason or as evidence


class CannotLook(Exception):
    """We could not look: says nothing about the target."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says.

    facts: JSON values for the evidence: what was seen, what was wanted
    """

    rule: str
    level: Level
    reason: Reason
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "level": self.level.value, **self.facts}


def observation(findings: Sequence[Finding], evidence: dict[str, Any]) -> Observation:
    """Return the worst finding as what was seen; the earlier one where two are as bad."""
    worst = max(findings, key=lambda finding: finding.level.rank)
    rules = [finding.as_json() for finding in findings]
    return Observation(
        level=worst.level, reason=worst.reason, evidence={**evidence, "rules": rules}
    )


def too_hard(hard: TooHard) -> Reason:
    """Return the reason where a search did not come to an end."""
    return Reason.of("look.too_hard", text=clean(hard.text))


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return foreign text fit for a log line, a phone and JSON: printable, one line, bounded."""
    printable = "".join(char if char.isprintable() else " " for char in text[: limit * 2])
    words = " ".join(printable.split())
    return words if len(words) <= limit else f"{words[: limit - 1]}…"
