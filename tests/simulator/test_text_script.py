"""What a script may say of texts, and how a wrong one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.simulator.caller import ME, YOU
from watchcall.errors import ConfigError
from watchcall.simulator.script import load, read
from watchcall.simulator.textbehaviour import TextBehaviour, TextDoes

DELIVERED = TextBehaviour()


def test_an_empty_script_delivers_every_text() -> None:
    assert read({}).text_behaviour(ME, 0) == DELIVERED


def test_numbers_that_are_not_named_do_the_default() -> None:
    script = read({"default_text": ["sent"], "texts": {ME: "delivered"}})

    assert script.text_behaviour(YOU, 3).fate is TextDoes.SENT
    assert script.text_behaviour(ME, 3) == DELIVERED


def test_the_example_in_the_documentation_has_texts(tmp_path: Path) -> None:
    text = str(load.__globals__["__doc__"])
    lines = [line[4:] for line in text.split("Each phone has")[0].splitlines()[2:]]
    example = tmp_path / "script.toml"
    example.write_text("\n".join(lines), encoding="utf-8")
    script = load(example)

    assert script.text_behaviour(ME, 0).failure == 30003
    assert script.text_behaviour(ME, 9).reply == "ack {code}"
    assert script.behaviour("+819000000000", 0).calls_back == 5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text_sent_after", 3),
        ("text_delivered_after", 0),
        ("text_price", 0.5),
        ("text_from", "+15005550009"),
        ("code_pattern", "[0-9]+"),
    ],
)
def test_every_setting_reaches_the_script(name: str, value: Any) -> None:
    assert getattr(read({name: value}), name) == value


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param({"text_price": "1"}, "text_price: must be a number", id="price"),
        pytest.param(
            {"text_sent_after": -1}, "text_sent_after: must be seconds, 0 or more", id="seconds"
        ),
        pytest.param(
            {"text_from": "me"},
            'text_from: must be an E.164 number such as "+15005550006"',
            id="sender",
        ),
        pytest.param(
            {"code_pattern": "["}, "code_pattern: must be a regular expression", id="pattern"
        ),
        pytest.param({"text": {}}, "text: unknown key, did you mean texts?", id="key"),
        pytest.param(
            {"texts": ["sent"]},
            "texts: must be a table: a number, and a list of what becomes of its texts",
            id="texts that are no table",
        ),
        pytest.param(
            {"texts": {"me": "sent"}},
            'texts: "me": not an E.164 number such as "+819012345678"',
            id="number",
        ),
        pytest.param(
            {"texts": {ME: []}},
            f'texts: "{ME}": an empty list; say what becomes of a text',
            id="empty list",
        ),
        pytest.param(
            {"default_text": ["busy"]},
            'default_text: entry 1: does: "busy" is none of '
            f"{', '.join(does.value for does in TextDoes)}",
            id="behaviour",
        ),
        pytest.param(
            {"default_text": {"does": "delivered", "repyl": "x"}},
            "default_text: entry 1: repyl: unknown key, did you mean reply? "
            '("delivered" takes reply, reply_after)',
            id="key of an entry",
        ),
        pytest.param(
            {"default_text": {"does": "lost", "text": "reject"}},
            "default_text: entry 1: text: must be one of delivered, failed, sent, undelivered",
            id="fate",
        ),
        pytest.param(
            {"default_text": {"does": "failed", "code": 3}},
            "default_text: entry 1: code: must be a whole number from 10000 to 999999",
            id="code",
        ),
        pytest.param(
            {"phones": {ME: {"does": "busy", "calls_back": "soon"}}},
            f'phones: "{ME}": entry 1: calls_back: must be seconds, 0 or more',
            id="calling back",
        ),
    ],
)
def test_it_names_a_wrong(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        read(data, "s.toml")

    assert wrong.value.problems == (f"s.toml: {problem}",)
