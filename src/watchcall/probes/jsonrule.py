"""The value that a JSONPath (RFC 9535) selects must equal another."""

from __future__ import annotations

import json
from typing import Any

from watchcall.core.check import JsonRule
from watchcall.core.health import Level
from watchcall.core.reason import Reason
from watchcall.probes.verdict import CannotLook, Finding, clean


def judge_json(level: Level, rule: JsonRule, body: bytes) -> Finding:
    """Return whether the rule holds; where a path selects several values, all must equal."""
    try:
        return _judged(level, rule, json.loads(body))
    except ValueError:
        return _finding(level, Reason.of("http.json_invalid"), rule)
    except RecursionError:
        return _finding(level, Reason.of("http.json_deep"), rule)


def _judged(level: Level, rule: JsonRule, document: Any) -> Finding:
    values = select(rule.path, document)
    path, wanted = clean(rule.path), _written(rule.equals)
    if not values:
        return _finding(level, Reason.of("http.json_missing", path=path), rule)
    for value in values:
        if not equal(value, rule.equals):
            other = Reason.of("http.json_differs", path=path, saw=_written(value), wanted=wanted)
            return _finding(level, other, rule, _written(value))
    return _finding(Level.OK, Reason.of("http.found"), rule, wanted)


def select(path: str, document: Any) -> list[Any]:
    """Return the values at a path; raise CannotLook where the path is none.

    A document that is too deep for it is a RecursionError.
    """
    # Imported late: few checks have such a rule, and it brings two regex engines along.
    import jsonpath_rfc9535

    try:
        return list(jsonpath_rfc9535.find(path, document).values())
    except jsonpath_rfc9535.JSONPathRecursionError as error:
        raise RecursionError(str(error)) from error
    except jsonpath_rfc9535.JSONPathError as error:
        reason = Reason.of("http.json_path", path=clean(path), error=clean(str(error)))
        raise CannotLook(reason) from error


def equal(one: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1, at any depth; 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


def _written(value: Any) -> str:
    return clean(json.dumps(value, ensure_ascii=False, default=str))


def _finding(level: Level, reason: Reason, rule: JsonRule, saw: str | None = None) -> Finding:
    facts = {"path": rule.path, "saw": saw, "wanted": _written(rule.equals)}
    return Finding(rule="json", level=level, reason=reason, facts=facts)
