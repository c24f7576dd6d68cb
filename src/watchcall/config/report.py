"""From what pydantic found to sentences an operator can act on: who, where, what would be right.

No sentence repeats a value here: it may be a secret. Where showing it helps and is safe, the
value's own parser has done so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from watchcall.config.checks import CommonCheck
from watchcall.config.hints import meant, quoted, shown
from watchcall.config.model import CHECKS, Config, WrongType, keys
from watchcall.config.sources import PREFIX, Problem, Sources, Where
from watchcall.config.table import Table

LISTS = ("contact", "channel", "group", "check", "maintenance")

RIGHT = {
    "string_type": "must be text in quotes",
    "string_sub_type": "must be text in quotes",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "dict_type": "must be a table",
    "mapping_type": "must be a table",
    "tuple_type": "must be a list",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false, without quotes",
    "string_unicode": "must be UTF-8 text",
}


def problems_of(error: ValidationError, sources: Sources) -> list[Problem]:
    """Return pydantic's findings as problems."""
    return [_problem(detail, sources) for detail in _details(error)]


def problems_in(check: Where, error: ValidationError, sources: Sources) -> Iterator[Problem]:
    """Yield what is wrong with a check of unknown type, whichever type it may be of."""
    common = keys(CommonCheck)
    for detail in _details(error):
        where, kind = _untagged(detail["loc"]), detail["type"]
        needed = kind == "missing" and len(where) == 3 and where[-1] not in common
        foreign = kind == "extra_forbidden" and where[-1] in keys_at(where[:-1], sources)
        if where[:2] == check and not needed and not foreign:
            yield _problem(detail, sources)


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_input=False)


def _problem(detail: ErrorDetails, sources: Sources) -> Problem:
    where = _untagged(detail["loc"])
    if detail["type"] == "missing":
        return Problem(where, f"missing; it is {_description(where, sources)}")
    if detail["type"] == "extra_forbidden":
        return Problem(where, _unknown(where, sources))
    if detail["type"] == "value_error" and isinstance(detail["ctx"]["error"], WrongType):
        return Problem((*where, "type"), str(detail["ctx"]["error"]))
    if detail["type"] == "value_error":
        return Problem(where, str(detail["ctx"]["error"]))
    if detail["type"] == "literal_error":
        return Problem(where, f"must be {detail['ctx']['expected']}".replace("'", '"'))
    if detail["type"] == "tuple_type" and where[0] in LISTS and len(where) == 1:
        return Problem(where, f"must be a list of tables; write [[{where[0]}]] above each")
    return Problem(where, RIGHT.get(detail["type"], "is not right"))


def _untagged(loc: tuple[int | str, ...]) -> Where:
    """Drop the check's type, which pydantic puts behind its position."""
    return (*loc[:2], *loc[3:]) if loc[0] == "check" and len(loc) > 2 else loc


def _unknown(where: Where, sources: Sources) -> str:
    *table, key = where
    known = keys_at(tuple(table), sources)
    if not table:
        return f"unknown table, {meant(str(key), known, 'the tables are')}"
    other = next((kind for kind, model in CHECKS.items() if key in _aliased(model)), None)
    if table[0] == "check" and len(table) == 2 and other and key not in known:
        return f'unknown key here; it belongs to checks of type "{other}"'
    return f"unknown key, {meant(str(key), known)}"


def _description(where: Where, sources: Sources) -> str:
    field = _fields_at(where[:-1], sources).get(str(where[-1]))
    return (field and field.description) or "needed here"


def keys_at(table: Where, sources: Sources) -> tuple[str, ...]:
    """Return the keys that a table may have."""
    return tuple(_fields_at(table, sources))


def _fields_at(table: Where, sources: Sources) -> dict[str, FieldInfo]:
    fields = _aliased(Config)
    for depth, step in enumerate(table):
        if isinstance(step, int):
            continue
        if step == "check" and depth == 0:
            fields = _fields_of_check(sources.at((*table[:2], "type")))
            continue
        inner = next(_tables_in(fields[step].annotation), None) if step in fields else None
        fields = _aliased(inner) if inner else {}
    return fields


def _fields_of_check(kind: object) -> dict[str, FieldInfo]:
    """Return the keys that a check may have; of all types where it has none of them."""
    models = [CHECKS[str(kind)]] if kind in tuple(CHECKS) else CHECKS.values()
    return {key: info for model in models for key, info in _aliased(model).items()}


def _aliased(model: Any) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _tables_in(annotation: Any) -> Iterator[type[Table]]:
    """Yield the tables inside an annotation such as tuple[Contact, ...]."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    elif get_origin(annotation) in (tuple, Annotated, Union, UnionType):
        for part in get_args(annotation):
            yield from _tables_in(part)


def sentence(problem: Problem, sources: Sources) -> str:
    """Return a problem as one line: source, table, key, what would be right."""
    owner = sources.blamed(problem)
    if owner is sources.environment:
        name, rest = _variable(problem.where, sources.environ)
        return ": ".join(["environment", name, *_place(rest, sources), problem.text])
    if owner is sources.credentials:
        return f"systemd credential {'_'.join(map(str, problem.where))}: {problem.text}"
    source = "command line" if owner is sources.flags else str(sources.text.path)
    return ": ".join([source, *_place(problem.where, sources), problem.text])


def _variable(where: Where, environ: Mapping[str, str]) -> tuple[str, Where]:
    """Return the variable that holds a value, and what is left of the way to it."""
    given = {name.upper(): name for name in environ}
    in_list = len(where) > 1 and isinstance(where[1], int)
    for length in range(len(where), 0, -1):
        name = PREFIX + "__".join(str(step) for step in where[:length]).upper()
        if name in given:
            return given[name], where if in_list else where[length:]
    return f"{PREFIX}{where[0]}".upper(), where


def _place(where: Where, sources: Sources) -> Iterator[str]:
    """Yield the words for a place: `check "httpd"`, `headers.accept`."""
    if not where:
        return
    table, *rest = where
    if table in LISTS and rest:
        yield _entry(str(table), rest.pop(0), sources)
    else:
        yield shown(table)
    keys = ""
    for step in rest:
        keys += f" #{step + 1}" if isinstance(step, int) else f".{shown(step)}"
    if keys:
        yield keys.removeprefix(".")


def _entry(table: str, position: str | int, sources: Sources) -> str:
    if not isinstance(position, int):
        return f"{table} {quoted(position)}"
    name = sources.names(table).get(position)
    return f"{table} {quoted(name)}" if name else f"{table} #{position + 1}"


def place_in_file(problem: Problem, sources: Sources) -> tuple[bool, tuple[int, ...]]:
    """Return a sort key: the order of the file, what is missing first; then everything else."""
    if sources.blamed(problem) is not sources.text.tables:
        return True, ()
    return False, tuple(_steps(problem.where, sources.text.tables))


def _steps(where: Where, value: Any) -> Iterator[int]:
    for depth, step in enumerate(where):
        if isinstance(step, int):
            yield step
            value = value[step] if isinstance(value, list) and step < len(value) else None
        elif isinstance(value, Mapping) and step in value:
            yield list(value).index(step)
            value = value[step]
        else:
            # a table that is missing comes last, a key that is missing at the head of its table
            yield -1 if depth else 1_000_000
            return
