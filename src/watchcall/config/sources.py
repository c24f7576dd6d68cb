"""Where values come from, and who wins: the layers under one configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from watchcall.config.hints import meant
from watchcall.config.locate import Text, too_deep
from watchcall.config.model import Config
from watchcall.config.types import EnvironmentText
from watchcall.errors import ConfigError

PREFIX = "WATCHCALL_"
OURS = {"WATCHCALL_CONFIG"}  # names the file, is not in it

Where = tuple[str | int, ...]  # a table, perhaps a position in it, perhaps keys


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, or worth a warning.

    needs: keys of the same table without which this cannot be judged; if one of them is wrong
           itself, that is what the operator has to hear first
    in_file: it is said of the file, whatever wins over it
    """

    where: Where
    text: str
    needs: tuple[str, ...] = ()
    in_file: bool = False


class Environment(EnvSettingsSource):
    """The environment; lists and tables in it are JSON."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """Leave what is not JSON as text: the model says what belongs there."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except (ValueError, RecursionError):
            return value


@dataclass(frozen=True, slots=True)
class Sources:
    """All layers of one configuration; the first wins. They hold secrets, so no repr shows them."""

    text: Text
    environ: Mapping[str, str] = field(repr=False)
    flags: dict[str, Any] = field(repr=False)
    environment: dict[str, Any] = field(repr=False)
    credentials: dict[str, Any] = field(repr=False)

    @property
    def layers(self) -> tuple[dict[str, Any], ...]:
        return (self.flags, self.environment, self.credentials, self.text.tables)

    def at(self, where: Where) -> object:
        """Return the value that counts, None where nothing is given."""
        owner = self.owner(where)
        return None if owner is None else value_at(owner, where)

    def owner(self, where: Where) -> dict[str, Any] | None:
        """Return the layer that a value comes from."""
        return next((layer for layer in self.layers if value_at(layer, where) is not None), None)

    def blamed(self, problem: Problem) -> dict[str, Any]:
        """Return the layer in which a problem is to be mended; what is missing, in the file.

        A list comes whole from one layer, and so do all its entries.
        """
        in_list = len(problem.where) > 1 and isinstance(problem.where[1], int)
        where = problem.where[:1] if in_list else problem.where
        owner = None if problem.in_file else self.owner(where)
        return self.text.tables if owner is None else owner

    def names(self, table: str) -> dict[int, str]:
        """Return the names in a list of tables by position, also of entries that are wrong."""
        entries = self.at((table,))
        named = enumerate(entries) if isinstance(entries, Sequence) else ()
        return {
            index: entry["name"]
            for index, entry in named
            if isinstance(entry, Mapping) and isinstance(entry.get("name"), str)
        }


def environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what the environment says, as tables."""
    source = Environment(Config, env_prefix=PREFIX, env_nested_delimiter="__")
    source.env_vars = {
        name.lower(): EnvironmentText(value)
        for name, value in environ.items()
        if name.upper().startswith(PREFIX) and value
    }
    tables: dict[str, Any] = source()
    deep = sorted(name for name, value in tables.items() if too_deep(value))
    if deep:
        raise ConfigError(
            [f"environment: {PREFIX}{name.upper()}: is nested too deeply" for name in deep]
        )
    return tables


def stray(environ: Mapping[str, str]) -> list[str]:
    """Return what is wrong with variables that look like ours and name no table."""
    names = sorted(name for name in environ if name.startswith(PREFIX) and name not in OURS)
    return [f"environment: {name}: {why}" for name in names if (why := _stray(name))]


def _stray(name: str) -> str | None:
    tables = [table.upper() for table in Config.model_fields]
    table, mark, _ = name.removeprefix(PREFIX).partition("__")
    if table in tables:
        return None
    if mark:
        return f"unknown table, {meant(table, tables)}"
    if near := next((known for known in tables if table.startswith(f"{known}_")), None):
        key = table.removeprefix(f"{near}_")
        return f"two underscores part table and key; did you mean {PREFIX}{near}__{key}?"
    return None  # somebody else's


def value_at(value: object, where: Where) -> Any:
    """Return what stands at a place inside tables and lists, None where there is nothing."""
    for step in where:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
