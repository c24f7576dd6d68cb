"""What only systemd can say of a configuration: whether its units exist."""

from __future__ import annotations

from collections.abc import Iterable

from watchcall.config.hints import nearest, quoted
from watchcall.config.plan import Plan
from watchcall.core.check import UnitTarget
from watchcall.errors import CannotAsk
from watchcall.ports import Units


def units_of(plan: Plan) -> list[tuple[str, str]]:
    """Return the checks of units by their names, each with its unit."""
    targets = ((check.name, check.target) for check in plan.checks)
    return [(name, target.unit) for name, target in targets if isinstance(target, UnitTarget)]


async def unknown_units(plan: Plan, units: Units) -> list[str]:
    """Return a sentence for each check whose unit systemd does not know.

    Where systemd cannot be asked nothing is known of them: a look will say so.
    """
    try:
        missing = [one for one in units_of(plan) if (await units.state(one[1])).missing]
        known = await units.names() if missing else ()
    except CannotAsk:
        return []
    source = f"{plan.path}: " if plan.path else ""
    return [f"{source}{_sentence(name, unit, known)}" for name, unit in missing]


def _sentence(check: str, unit: str, known: Iterable[str]) -> str:
    name, _, kind = unit.rpartition(".")
    ending = f".{kind}"  # the same for all: it would make everything look alike
    near = nearest(name, (one.removesuffix(ending) for one in known if one.endswith(ending)))
    hint = (
        f"did you mean {quoted(near + ending)}?"
        if near
        else "systemctl list-unit-files names them all"
    )
    return f"check {quoted(check)}: unit: systemd knows no unit {quoted(unit)}, {hint}"
