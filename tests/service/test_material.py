"""What is laid down, for a program that is not where a package has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.systemd.unit import Unit
from watchcall.service import material
from watchcall.service.material import Laid, marked, service, unchanged

PROGRAM = Path("/opt/watchcall/bin/watchcall")
SYSTEMD = Path(__file__).parents[2] / "systemd"


def laid(name: str) -> Laid:
    (one,) = (one for one in service(PROGRAM) if one.place.name == name)
    return one


def test_every_unit_the_user_and_an_example_are_laid_down() -> None:
    assert sorted(str(one.place) for one in service(PROGRAM)) == sorted(
        [
            *(f"etc/systemd/system/{unit.name}" for unit in SYSTEMD.glob("*.service")),
            "etc/sysusers.d/watchcall.conf",
            "etc/watchcall/config.toml.example",
        ]
    )


def test_the_unit_starts_the_program_that_lays_it_down() -> None:
    unit = Unit(laid("watchcall.service").text)

    for name in ("ExecStart", "ExecReload"):
        assert (unit.get(name) or "").startswith(f"{PROGRAM} ")


@pytest.mark.parametrize("unit", sorted(SYSTEMD.glob("*.service")), ids=lambda unit: unit.name)
def test_no_unit_names_a_program_of_ours_at_another_place(unit: Path) -> None:
    assert "/usr/bin/watchcall" not in laid(unit.name).text


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        pytest.param("ExecStart=/usr/bin/watchcall run", f"ExecStart={PROGRAM} run", id="ours"),
        pytest.param("/usr/bin/watchcall-mail", "/usr/bin/watchcall-mail", id="somebody else's"),
    ],
)
def test_only_our_own_program_is_put_in(line: str, becomes: str) -> None:
    assert material.PACKAGED.sub(str(PROGRAM), line) == becomes


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        pytest.param(marked("a\nb\n"), True, id="as it was written"),
        pytest.param(marked("a\nb\n") + "c\n", False, id="a line more"),
        pytest.param(marked("a\nb\n").replace("a\n", "x\n"), False, id="a line changed"),
        pytest.param("a\nb\n", False, id="somebody else's"),
        pytest.param("", False, id="empty"),
    ],
)
def test_a_file_knows_whether_it_was_changed(text: str, ours: bool) -> None:
    assert unchanged(text) is ours
