"""Scripts: what they may say, and how a wrong one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.simulator.caller import ME, YOU
from watchcall.errors import ConfigError
from watchcall.simulator.behaviour import Behaviour, Does
from watchcall.simulator.script import Script, load, read

BUSY, ANSWER = Behaviour(does=Does.BUSY), Behaviour(does=Does.ANSWER)


def test_an_empty_script_lets_every_phone_answer() -> None:
    assert read({}).behaviour(ME, 0) == ANSWER
    assert ANSWER.rings_for == 1


def test_a_list_is_gone_through_and_its_last_entry_repeats() -> None:
    script = read({"phones": {ME: ["busy", {"does": "answer"}]}})

    assert [script.behaviour(ME, nth) for nth in range(3)] == [BUSY, ANSWER, ANSWER]


def test_phones_that_are_not_named_do_the_default() -> None:
    assert read({"default": ["busy"], "phones": {ME: "answer"}}).behaviour(YOU, 0) == BUSY


def test_the_example_in_the_documentation_is_a_script(tmp_path: Path) -> None:
    text = str(load.__globals__["__doc__"])
    lines = [line[4:] for line in text.split("Each phone has")[0].splitlines()[2:]]
    example = tmp_path / "script.toml"
    example.write_text("\n".join(lines), encoding="utf-8")
    script = load(example)

    assert script.behaviour(ME, 0) == BUSY
    assert script.behaviour(ME, 9).ring == 2


def test_every_setting_reaches_the_script() -> None:
    settings: dict[str, Any] = {
        "speed": 2,
        "queued": 1,
        "detection": 3,
        "price": 0.5,
        "price_unit": "JPY",
        "price_after": 4,
        "balance": 1,
    }

    assert read(settings) == Script(**settings)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param({"sped": 1}, "s.toml: sped: unknown key, did you mean speed?", id="key"),
        pytest.param({"speed": 0}, "s.toml: speed: must be a number above 0", id="speed"),
        pytest.param(
            {"phones": []},
            "s.toml: phones: must be a table: a number, and a list of what it does",
            id="phones that are no table",
        ),
        pytest.param(
            {"phones": {"09012345678": ["busy"]}},
            's.toml: phones: "09012345678": not an E.164 number such as "+819012345678"',
            id="number",
        ),
        pytest.param(
            {"phones": {ME: []}},
            f's.toml: phones: "{ME}": an empty list; say what the phone does',
            id="empty list",
        ),
        pytest.param(
            {"phones": {ME: ["answer", "bussy"]}},
            f's.toml: phones: "{ME}": entry 2: does: "bussy" is none of '
            f"{', '.join(does.value for does in Does)}",
            id="behaviour",
        ),
        pytest.param(
            {"phones": {ME: [{"does": "answer", "rign": 1}]}},
            f's.toml: phones: "{ME}": entry 1: rign: unknown key, did you mean ring? '
            '("answer" takes answered_by, callbacks, calls_back, keys, keys_after, queue, ring, '
            "talk)",
            id="key of an entry",
        ),
        pytest.param(
            {"phones": {ME: [{"does": "answer", "ring": -1}]}},
            f's.toml: phones: "{ME}": entry 1: ring: must be seconds, 0 or more',
            id="seconds",
        ),
        pytest.param(
            {"phones": {ME: [{"does": "500", "status": 200}]}},
            f's.toml: phones: "{ME}": entry 1: status: must be a whole number from 400 to 599',
            id="status",
        ),
        pytest.param(
            {"default": [{"does": "lost", "phone": "slow"}]},
            "s.toml: default: entry 1: phone: must be one of "
            "answer, busy, fail, human, machine, no-answer",
            id="phone",
        ),
        pytest.param(
            {"default": [{"does": "500", "placed": 1}]},
            "s.toml: default: entry 1: placed: must be true or false",
            id="placed",
        ),
    ],
)
def test_it_names_a_wrong(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        read(data, "s.toml")

    assert wrong.value.problems == (problem,)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as wrong:
        read({"speed": "fast", "phones": {"me": [{"does": "busy", "talk": 1}, {}]}})

    assert len(wrong.value.problems) == 4


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("speed = = 1")
    with pytest.raises(ConfigError, match=r"s\.toml: not TOML: .* line 1"):
        load(tmp_path / "s.toml")
