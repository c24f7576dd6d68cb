"""What only systemd can say of a configuration: whether its units exist."""

from __future__ import annotations

from collections.abc import Iterable

from watchcall.config.hints import nearest, quoted
from watchcall.core.check import Check, UnitTarget
from watchcall.errors import CannotAsk
from watchcall.ports import Units


async def unknown_units(checks: Iterable[Check], units: Units) -> list[str]:
    """Return a sentence for each check whose unit systemd does not know.

    Where systemd cannot be asked nothing is known of them: a look will say so.
    """
    try:
        asked = [(one.name, one.target) for one in checks if isinstance(one.target, UnitTarget)]
        missing = [(name, at.unit) for name, at in asked if (await units.state(at.unit)).missing]
        known = await units.names() if missing else ()
    except CannotAsk:
        return []
    return [_sentence(name, unit, known) for name, unit in missing]


def _sentence(check: str, unit: str, known: Iterable[str]) -> str:
    kind = unit.rpartition(".")[2]
    near = nearest(unit, (one for one in known if one.endswith(f".{kind}")))
    hint = f"did you mean {quoted(near)}?" if near else "systemctl list-unit-files names them all"
    return f"check {quoted(check)}: unit: systemd knows no unit {quoted(unit)}, {hint}"
