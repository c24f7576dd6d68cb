"""What systemd says of a configuration's units before anything is watched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.config.files import ME, TWILIO, write
from watchcall.config.load import load
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.config.unit_rules import units_of, unknown_units
from watchcall.errors import CannotAsk
from watchcall.ports import UnitState

KNOWN = ("httpd.service", "httpd.socket", "rc.service", "nginx.service")


class FakeUnits:
    """Implements ports.Units: systemd knows KNOWN, or is not there."""

    def __init__(self, *, there: bool = True, active: str = "inactive") -> None:
        self._there = there
        self._active = active

    async def state(self, unit: str) -> UnitState:
        if not self._there:
            raise CannotAsk("there is no system bus")
        load = "loaded" if unit in KNOWN else "not-found"
        return UnitState(unit=unit, load=load, active=self._active)

    async def names(self) -> Sequence[str]:
        return KNOWN


def made(folder: Path, *units: str) -> Plan:
    text = "".join(f"[[check]]\nname = '{one}'\ntype = 'unit'\nunit = '{one}'\n" for one in units)
    return plan(load(write(folder, TWILIO + ME + text), environ={}), {})


@pytest.mark.parametrize(
    ("units", "said"),
    [
        pytest.param(["httpd"], [], id="one that there is"),
        pytest.param(
            ["htpd", "nginx"],
            [
                'check "htpd": unit: systemd knows no unit "htpd.service", did you mean '
                '"httpd.service"?'
            ],
            id="a slip of the pen",
        ),
        pytest.param(
            ["htpd.socket"],
            [
                'check "htpd.socket": unit: systemd knows no unit "htpd.socket", did you mean '
                '"httpd.socket"?'
            ],
            id="of another kind",
        ),
        pytest.param(
            ["zzzz"],
            [
                'check "zzzz": unit: systemd knows no unit "zzzz.service", systemctl '
                "list-unit-files names them all"
            ],
            id="the ending alone makes nothing alike",
        ),
        pytest.param(["htpd", "ngix"], ["htpd", "ngix"], id="all at once"),
    ],
)
async def test_units_that_systemd_does_not_know(
    tmp_path: Path, units: list[str], said: list[str]
) -> None:
    found = await unknown_units(made(tmp_path, *units), FakeUnits())

    assert len(found) == len(said)
    assert all(one.startswith(f"{tmp_path / 'config.toml'}: check ") for one in found)
    assert all(part in one for part, one in zip(said, found, strict=True))


async def test_where_there_is_no_systemd_nothing_is_known(tmp_path: Path) -> None:
    assert await unknown_units(made(tmp_path, "htpd"), FakeUnits(there=False)) == []


async def test_a_unit_whose_file_was_removed_while_it_runs_is_there(tmp_path: Path) -> None:
    assert await unknown_units(made(tmp_path, "htpd"), FakeUnits(active="active")) == []


def test_which_units_are_watched(tmp_path: Path) -> None:
    assert units_of(made(tmp_path, "httpd", "a.timer")) == [
        ("httpd", "httpd.service"),
        ("a.timer", "a.timer"),
    ]
