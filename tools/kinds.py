"""What a key of config.toml takes, in words: told by the validators of its type."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BeforeValidator, PlainValidator
from pydantic.fields import FieldInfo

from watchcall.config import daemon, hints, host, http, notify, numbers, table, times, types, urls

READ = {
    types.duration: "duration",
    types.size: "size",
    types.percent: "percentage",
    types.flag: "true or false",
    types.whole: "whole number",
    types.line: "text",
    types.name: "name",
    types.spoken: "name that can be said",
    types.language: "language (BCP 47)",
    types.regex: "regular expression",
    types.template: "template",
    types.secret: "secret",
    types.file: "path",
    types.program: "absolute path",
    types.command: "list of text",
    types.unit: "systemd unit",
    host.place: "absolute path",
    http.status_rule: "list, or table of lists",
    http.sendable: "table of text",
    http.json_path: "JSONPath",
    http.json_value: "any value of JSON",
    daemon.sqlite_only: "path, or URL",
    numbers.phone: "phone number",
    times.time_of_day: "time of day",
    times.moment: "date and time",
    times.zone: "time zone (IANA)",
    times.schedule: "cron, five fields",
    urls.heartbeat_url: "URL",
    urls.http_url: "URL",
    urls.callback_url: "URL",
    urls.outlet_url: "URL",
    urls.proxy_url: "URL",
    urls.api_url: "URL",
    urls.public_url: "URL",
    urls.host_and_port: "host:port",
    urls.listen_address: "host:port",
    urls.host: "name or address",
}
# They change or bound what another one has read.
BESIDES = {
    types.usable: None,
    http.family: None,
    types.filled: "not empty",
    host.at_most_all: "at most 100",
    notify.at_least_one_call: None,  # within() says it too
}
PLAIN = {str: "text", bool: "true or false", Path: "path", timedelta: "duration", float: "number"}


def kind(field: FieldInfo) -> str:
    """Return what a key takes, such as "duration, at least 100ms"."""
    marks = [*_marks(field.annotation), *field.metadata]
    functions = [one.func for one in marks if isinstance(one, _VALIDATORS)]
    if sentence := next(filter(None, map(_closed, functions)), None):
        return _many(field.annotation, sentence)
    words = [READ[one] for one in functions if one in READ]
    read = words[-1] if words else _plain(field.annotation)
    more = [word for one in functions if one in BESIDES and (word := BESIDES[one])]
    known = {*READ, *BESIDES}
    unknown = [one for one in functions if one not in known and "low" not in _inside(one)]
    if unknown:
        raise LookupError(f"tools/kinds.py has no word for {unknown}")
    bounds = dict(pair for one in functions for pair in _bound(one))  # the last is the narrowest
    more += [_bounded(word, value) for word, value in bounds.items()]
    return ", ".join([_many(field.annotation, read), *more])


_VALIDATORS = (AfterValidator, BeforeValidator, PlainValidator)


def _marks(annotation: Any) -> Iterator[Any]:
    """Yield what stands beside a type, the innermost first."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from _marks(inner)
        yield from marks
    elif get_origin(annotation) in (Union, UnionType, tuple):
        for part in get_args(annotation):
            yield from _marks(part)


def _closed(function: Any) -> str | None:
    """Return the words of a closed set, or of a form that is described."""
    inside = _inside(function)
    if "available" in inside:
        return " / ".join(f"`{one}`" for one in inside["available"])
    if "right" in inside:
        return str(inside["right"])
    return "nothing yet" if "why" in inside else None


def _bound(function: Any) -> list[tuple[str, Any]]:
    """Return the bounds that `within` has set."""
    inside = _inside(function)
    if "low" not in inside:
        return []
    low, high = inside["low"], inside.get("high")
    found = [] if low in (0, timedelta(0)) else [("at least", low)]
    return found + ([("at most", high)] if high is not None else [])


def _inside(function: Any) -> Mapping[str, Any]:
    """Return what a validator that was made by a function knows."""
    return inspect.getclosurevars(function).nonlocals


def _many(annotation: Any, what: str) -> str:
    """Return what a list of it is called."""
    bare = [part for part in _parts(annotation) if get_origin(part) is tuple]
    known = what.startswith("list")
    return f"list of {what}" if bare and not known else what


def _plain(annotation: Any) -> str:
    """Return what a type without a parser of ours is called."""
    parts = [part for part in _parts(annotation) if part is not NoneType]
    (found,) = parts
    if get_origin(found) is Literal:
        return " / ".join(f"`{one}`" for one in get_args(found))
    if get_origin(found) is tuple:
        return _plain(get_args(found)[0])
    if isinstance(found, type) and issubclass(found, table.Table):
        inside = (f"{info.alias or name}" for name, info in found.model_fields.items())
        return f"table: {', '.join(f'`{key}`' for key in inside)}"
    if get_origin(found) is not None and issubclass(get_origin(found), Mapping):
        return "table of text"
    return PLAIN[found]


def _parts(annotation: Any) -> list[Any]:
    """Return the alternatives of a type, without what stands beside them."""
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [part for one in get_args(annotation) for part in _parts(one)]
    return [annotation]


def _bounded(word: str, value: Any) -> str:
    if value == types.MS:
        return "more than 0"
    return f"{word} {hints.spell(value) if isinstance(value, timedelta) else f'{value:,}'}"
