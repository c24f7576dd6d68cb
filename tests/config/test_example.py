"""config.toml.example is complete, loads as it is, and shows the true defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.config.files import loaded
from watchcall.config.checks import Defaults
from watchcall.config.daemon import Daemon, Heartbeat, Web
from watchcall.config.maintenance import Maintenance
from watchcall.config.model import CHECKS, Config
from watchcall.config.notify import Notify
from watchcall.config.people import Channel, Contact, Group, QuietHours
from watchcall.config.table import Table
from watchcall.config.translate import plan
from watchcall.config.twilio import Twilio

EXAMPLE = (Path(__file__).parents[2] / "config.toml.example").read_text("utf-8")
OFFERED = re.compile(r"^# ((?:[a-z_]+ = .*)|(?:\[\[?[a-z]+\]\]?))$", re.MULTILINE)
COMPLETE = OFFERED.sub(r"\1", EXAMPLE)

TABLES = [
    *(
        Twilio,
        Notify,
        Defaults,
        Contact,
        QuietHours,
        Channel,
        Group,
        Maintenance,
        Daemon,
        Heartbeat,
        Web,
    ),
    *CHECKS.values(),
]


def test_it_loads_as_it_is(tmp_path: Path) -> None:
    found = loaded(tmp_path, EXAMPLE)

    assert found.warnings == ()
    assert [check.name for check in plan(found, {}).checks] == ["httpd"]


def test_it_loads_with_everything_that_it_offers(tmp_path: Path) -> None:
    found = loaded(tmp_path, COMPLETE)

    assert not any("told twice" in warning for warning in found.warnings)
    assert [check.name for check in plan(found, {}).checks] == [
        *("httpd", "web-server", "home-page", "mail", "certificates", "this-server"),
    ]


def _keys(model: type[Table]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_key_is_shown(model: type[Table]) -> None:
    missing = {key for key in _keys(model) if not re.search(rf"^(# .*)?\b{key} = ", EXAMPLE, re.M)}

    assert set() == missing


@pytest.mark.parametrize("table", list(Config.model_fields))
def test_every_table_is_shown(table: str) -> None:
    assert re.search(rf"^(# |# not yet: )?\[\[?{table}\]\]?$", EXAMPLE, re.MULTILINE)


def test_what_is_offered_as_a_default_is_the_default(tmp_path: Path) -> None:
    config = loaded(tmp_path, COMPLETE).config
    shown = [config.twilio, config.notify, config.defaults, config.daemon]
    shown += [config.channel[0], *config.check]  # the second channel is there to differ

    assert [difference for table in shown for difference in _differences(table)] == []


def _differences(table: BaseModel) -> Iterator[str]:
    """Yield the keys that have a default and are shown with another value."""
    for name, field in type(table).model_fields.items():
        value, default = getattr(table, name), field.default
        an_example = default in (None, ()) or isinstance(default, (Table, dict))
        # None in a check means [defaults]; those are compared themselves
        if not (field.is_required() or an_example or value == default):
            yield f"{type(table).__name__}.{name}: {value!r}, not {default!r}"
