"""config.toml as types: one class per table, every key with its default.

What concerns one value is checked here; what concerns several is in `rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from watchcall.config.checks import CommonCheck, Defaults
from watchcall.config.command import CommandCheck
from watchcall.config.daemon import Daemon, Web
from watchcall.config.hints import nearest, one_of
from watchcall.config.host import HostCheck
from watchcall.config.http import HttpCheck
from watchcall.config.later import word_error
from watchcall.config.maintenance import Maintenance
from watchcall.config.notify import Notify
from watchcall.config.people import Channel, Contact, Group
from watchcall.config.process import ProcessCheck
from watchcall.config.table import Table
from watchcall.config.tcp import TcpCheck
from watchcall.config.twilio import Twilio
from watchcall.config.unit import UnitCheck

CHECKS: dict[str, type[CommonCheck]] = {
    "process": ProcessCheck,
    "unit": UnitCheck,
    "http": HttpCheck,
    "tcp": TcpCheck,
    "command": CommandCheck,
    "host": HostCheck,
}


class WrongType(ValueError):
    """A check's type is missing or not one of ours."""


def check_type(value: object) -> object:
    """Refuse a check whose type is not one of ours, before its keys are judged by it."""
    if not isinstance(value, dict):
        return value
    if "type" not in value:
        raise WrongType(f"missing; it is {one_of(CHECKS)}")
    if wrong := word_error(value["type"], CHECKS):
        raise WrongType(wrong)
    return value


def likely_type(entry: Mapping[str, object]) -> str:
    """Return the type by which a check without a right one is judged.

    It is the type that is spelt alike, else the one that has most of its keys.
    """
    near = nearest(str(entry.get("type")), CHECKS)
    return near or max(CHECKS, key=lambda kind: len(entry.keys() & keys(CHECKS[kind])))


def keys(table: type[Table]) -> set[str]:
    """Return the keys of a table, as they are written."""
    return {field.alias or name for name, field in table.model_fields.items()}


CheckEntry = Annotated[
    Annotated[
        ProcessCheck | UnitCheck | HttpCheck | TcpCheck | CommandCheck | HostCheck,
        Field(discriminator="type"),
    ],
    BeforeValidator(check_type),
]


class Draft(BaseSettings):
    """The file as far as it is right: an entry with something wrong in it is None.

    Nothing is read here: `of` is given every layer.
    """

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    twilio: Twilio | None = None
    notify: Notify = Notify()
    defaults: Defaults = Defaults()
    contact: tuple[Contact | None, ...] = ()
    channel: tuple[Channel | None, ...] = ()
    group: tuple[Group | None, ...] = ()
    check: tuple[CheckEntry | None, ...] = ()
    maintenance: tuple[Maintenance | None, ...] = ()
    daemon: Daemon = Daemon()
    web: Web = Web()

    @classmethod
    def of(cls, layers: Sequence[dict[str, Any]]) -> Self:
        """Merge layers of tables, the first wins, and validate the result."""
        given: dict[str, Any] = {"layers": layers}
        return cls(**given)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        layers: list[dict[str, Any]] = init_settings()["layers"]
        return tuple(InitSettingsSource(settings_cls, layer) for layer in layers)


class Config(Draft):
    """A whole configuration."""

    twilio: Twilio = Field(description="the table [twilio], with account_sid and from")
    contact: tuple[Contact, ...] = ()
    channel: tuple[Channel, ...] = ()
    group: tuple[Group, ...] = ()
    check: tuple[CheckEntry, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
