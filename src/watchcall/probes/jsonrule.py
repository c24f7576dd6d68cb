"""The value that a JSONPath (RFC 9535) selects must equal another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from watchcall.core.check import JsonRule
from watchcall.core.health import Level
from watchcall.core.reason import Reason
from watchcall.probes.patterns import Budget, bounded
from watchcall.probes.verdict import CannotLook, Finding, clean


def judge_json(level: Level, rule: JsonRule, body: bytes, budget: Budget) -> Finding:
    """Return whether the rule holds; where a path selects several values, all must equal."""
    try:
        return _judged(level, rule, json.loads(body, parse_constant=_refuse), budget)
    except ValueError:
        return _finding(level, Reason.of("http.json_invalid"), rule)
    except RecursionError:
        return _finding(level, Reason.of("http.json_deep"), rule)


def _refuse(constant: str) -> Any:
    """Python would read NaN and Infinity, which RFC 8259 does not know."""
    raise ValueError(constant)


def _judged(level: Level, rule: JsonRule, document: Any, budget: Budget) -> Finding:
    values = select(rule.path, document, budget)
    path, wanted = clean(rule.path), _written(rule.equals)
    if not values:
        return _finding(level, Reason.of("http.json_missing", path=path), rule)
    for value in values:
        if not equal(value, rule.equals):
            other = Reason.of("http.json_differs", path=path, saw=_written(value), wanted=wanted)
            return _finding(level, other, rule, _written(value))
    return _finding(Level.OK, Reason.of("http.found"), rule, wanted)


def select(path: str, document: Any, budget: Budget) -> list[Any]:
    """Return the values at a path; raise CannotLook where the path is none.

    A document that is too deep for it is a RecursionError, one that is too hard TooHard.
    """
    # Imported late: few checks have such a rule, and it brings two regex engines along.
    import jsonpath_rfc9535

    try:
        query = _environment(budget).compile(path)
        nodes: Iterable[Any] = [
            jsonpath_rfc9535.JSONPathNode(value=document, location=(), parent=None, root=document)
        ]
        for segment in query.segments:
            nodes = _watched(segment.resolve(nodes), path, budget)
        return [node.value for node in nodes]
    except jsonpath_rfc9535.JSONPathRecursionError as error:
        raise RecursionError(str(error)) from error
    except jsonpath_rfc9535.JSONPathError as error:
        reason = Reason.of("http.json_path", path=clean(path), error=clean(str(error)))
        raise CannotLook(reason) from error


def _watched(nodes: Iterable[Any], path: str, budget: Budget) -> Iterator[Any]:
    """Three `..` in a path ask for more nodes than anybody can wait for."""
    for node in nodes:
        budget.left(path)
        yield node


def _environment(budget: Budget) -> Any:
    """Return JSONPath whose `match()` and `search()` come to an end too."""
    import jsonpath_rfc9535
    import regex
    from iregexp_check import check
    from jsonpath_rfc9535 import function_extensions

    def search(method: str, text: object, pattern: object) -> bool:
        if not isinstance(text, str) or not isinstance(pattern, str) or not check(pattern):
            return False
        try:
            compiled = regex.compile(_of_iregexp(pattern, method), regex.VERSION1)
        except regex.error:
            return False
        return bounded(compiled, text, budget.left(pattern), pattern) is not None

    class Match(function_extensions.Match):
        def __call__(self, string: object, pattern: object) -> bool:
            return search("match", string, pattern)

    class Search(function_extensions.Search):
        def __call__(self, string: object, pattern: object) -> bool:
            return search("search", string, pattern)

    environment = jsonpath_rfc9535.JSONPathEnvironment()
    environment.function_extensions.update(match=Match(), search=Search())
    return environment


def _of_iregexp(pattern: str, method: str) -> str:
    """RFC 9485 in the words of `regex`: its dot is neither of two line ends."""
    dots = r"\\.|\[(?:\\.|[^\]\\])*\]|\."
    written = re.sub(dots, lambda sign: r"[^\r\n]" if sign[0] == "." else sign[0], pattern)
    return rf"\A(?:{written})\Z" if method == "match" else written


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
