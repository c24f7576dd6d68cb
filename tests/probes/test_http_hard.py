"""Content that is hard to judge delays nobody, and is no outage."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.probes.servers import OK, answer, serving
from watchcall.core.check import Check, HttpTarget, JsonRule
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason
from watchcall.probes import beside
from watchcall.probes.http import HttpProbe

EVIL = "a" * 5000 + "!"
DEEP = "[" * 90 + "1" + "]" * 90


def check(url: str, **target: Any) -> Check:
    return Check(name="web", target=HttpTarget(url=url, **target), timeout=timedelta(seconds=20))


async def look(http: HttpProbe, body: str, **target: Any) -> Observation:
    async with serving([answer(body)]) as server:
        return await http.look(check(server.url(), **target))


@pytest.mark.parametrize(
    ("body", "rule", "text"),
    [
        pytest.param(EVIL, {"matches": re.compile(r"(a+)+$")}, r"(a+)+$", id="an expression"),
        pytest.param(
            json.dumps([{"a": EVIL}]),
            {"json": JsonRule(path="$[?search(@.a, '(a+)+c')]", equals=1)},
            "(a+)+c",
            id="an expression in a JSONPath",
        ),
        pytest.param(
            json.dumps([{"a": EVIL}]),
            {"json": JsonRule(path="$[?match(@.a, '(a|a)*')]", equals=1)},
            "(a|a)*",
            id="one that must match all of it",
        ),
        pytest.param(
            DEEP,
            {"json": JsonRule(path="$..*..*..*..*..*.no", equals=1)},
            "$..*..*..*..*..*.no",
            id="a path with too many ways",
        ),
    ],
)
async def test_what_is_too_hard_is_unknown(
    http: HttpProbe, monkeypatch: pytest.MonkeyPatch, body: str, rule: dict[str, Any], text: str
) -> None:
    monkeypatch.setattr(beside, "SLOW_S", 0.3)

    seen = await look(http, body, **rule)

    assert (seen.level, seen.reason) == (Level.UNKNOWN, Reason.of("look.too_hard", text=text))


async def test_while_something_hard_is_judged_others_are_looked_at(
    http: HttpProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "SLOW_S", 5)
    async with serving([answer(EVIL)]) as evil, serving([OK]) as fine:
        hard = [
            asyncio.create_task(http.look(check(evil.url(), matches=re.compile(r"(a+)+$"))))
            for _ in range(2)
        ]
        for _ in range(20):
            assert (await http.look(check(fine.url()))).level is Level.OK

        assert not any(task.done() for task in hard)
        for task in hard:
            task.cancel()
        await asyncio.gather(*hard, return_exceptions=True)


async def test_no_more_than_a_few_hard_ones_are_judged_at_a_time(
    http: HttpProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, they cannot pile up."""
    monkeypatch.setattr(beside, "SLOW_S", 0.5)
    async with serving([answer(EVIL)]) as evil:
        seen = await asyncio.gather(
            *(http.look(check(evil.url(), matches=re.compile(r"(a+)+$"))) for _ in range(12))
        )

    assert {one.reason.code for one in seen} == {"look.too_hard"}
    worker = http._beside._slow
    assert all(worker.acquire(blocking=False) for _ in range(beside.MOST_SLOW))
    for _ in range(beside.MOST_SLOW):
        worker.release()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("$[?search(@.a, 'h.llo')].n", "http.ok", id="search"),
        pytest.param("$[?match(@.a, 'h.llo')].n", "http.json_missing", id="match wants all of it"),
        pytest.param("$[?match(@.a, 'say h[.e]llo\\nworld')].n", "http.ok", id="and gets it"),
        pytest.param("$[?search(@.a, '[')].n", "http.json_missing", id="no expression"),
        pytest.param("$[?search(@.n, '1')].n", "http.json_missing", id="no text"),
        pytest.param("$[?search(@.a, 'o.w')].n", "http.json_missing", id="no line end is a dot"),
    ],
)
async def test_expressions_in_a_json_path(http: HttpProbe, path: str, code: str) -> None:
    body = json.dumps([{"a": "say hello\nworld", "n": 1}])

    seen = await look(http, body, json=JsonRule(path=path, equals=1))

    assert seen.reason.code == code


async def test_a_large_document_is_judged_like_a_small_one(http: HttpProbe) -> None:
    body = json.dumps({"rows": [{"s": "ok"}] * 20_000})

    seen = await look(http, body, json=JsonRule(path="$.rows[*].s", equals="ok"))

    assert seen.level is Level.OK
