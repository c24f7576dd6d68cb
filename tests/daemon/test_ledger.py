"""What is known the morning after: calls, incidents, figures."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.daemon.people import KEI, MIA, OTHERS, made, text_channel
from tests.daemon.server import ME, Server, server

CALL = {
    *("id", "incident", "event", "channel", "contact", "to", "type", "sid", "attempt", "round"),
    *("outcome", "error_code", "error", "placed_at", "answered_at", "ended_at", "duration_s"),
    *("price", "price_unit"),
}
INCIDENT = {
    *("id", "check", "level", "opened_at", "acknowledged_by", "acknowledged_at", "closed_at"),
    *("reason", "told", "quiet"),
}
OUTCOMES = {
    ("phone", "me", "busy"),
    ("phone", "kei", "rejected"),
    ("phone", "mia", "human"),
    ("text", "kei", "delivered"),
}


async def test_the_morning_after_a_night(tmp_path: Path) -> None:
    """Twilio knows prices three seconds after the end; it is asked for them after five."""
    phones = {
        ME: ["busy"],
        KEI: [{"does": "reject", "code": 21217}],
        MIA: [{"does": "answer", "talk": 2000}],
    }
    async with server(tmp_path, script={"price_after": 600, "phones": phones}) as web1:
        web1.configure(OTHERS + text_channel("text", "kei", default="true"))
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("channel 'phone': reached")
        await web1.start_httpd()
        await web1.logged("incident 1 closed")

        calls = await made(web1)
        _see_calls(calls)
        _see_incidents(await web1.json("incidents"))
        stats = await web1.json("stats")
        assert stats["unpriced"] > 0
        while stats["unpriced"]:
            stats = await web1.json("stats", "--since", "1h")
        _see_stats(stats)
        assert stats["duration_s"] == sum(call["duration_s"] or 0 for call in calls)
        _see_prices(await made(web1), stats["cost"])
        await _see_tables(web1)


def _see_calls(calls: list[dict[str, Any]]) -> None:
    assert {(one["channel"], one["contact"], one["outcome"]) for one in calls} == OUTCOMES
    assert {one["price"] for one in calls if one["type"] == "voice"} == {None}
    (rejected,) = (one for one in calls if one["outcome"] == "rejected")
    assert (rejected["error_code"], rejected["sid"], rejected["placed_at"]) == (21217, None, None)
    for call in calls:
        assert call.keys() >= CALL


def _see_incidents(incidents: list[dict[str, Any]]) -> None:
    (incident,) = incidents
    assert incident.keys() >= INCIDENT
    assert (incident["id"], incident["check"], incident["level"]) == (1, "httpd", "critical")
    assert incident["opened_at"] < incident["closed_at"]
    assert incident["reason"].startswith("no process named httpd is running")
    told = {(one["channel"], one["contact"], one["outcome"]) for one in incident["told"]}
    assert told == OUTCOMES
    assert {one["why"] for one in incident["quiet"]} == {"recoveries are not told"}


def _see_stats(stats: dict[str, Any]) -> None:
    assert stats["calls"] == {"busy": 1, "rejected": 1, "human": 1}
    assert stats["sms"] == {"delivered": 1}
    assert stats["by_contact"] == {
        "kei": {"delivered": 1, "rejected": 1},
        "me": {"busy": 1},
        "mia": {"human": 1},
    }
    month = {"busy": 1, "delivered": 1, "human": 1, "rejected": 1}
    assert stats["by_month"] == {f"{datetime.now(UTC):%Y-%m}": month}
    seconds = stats["seconds"]
    assert 0 < seconds["to_ring"]["median"] <= seconds["to_answer"]["median"]
    assert seconds["to_acknowledge"] == {"median": None, "p95": None}


def _see_prices(calls: list[dict[str, Any]], cost: dict[str, str]) -> None:
    paid = [one for one in calls if one["price"] is not None]
    assert {"human", "delivered"} <= {one["outcome"] for one in paid}
    assert {one["price_unit"] for one in paid} == {"USD"} == cost.keys()
    assert Decimal(cost["USD"]) == sum(Decimal(str(one["price"])) for one in paid) > 0


async def _see_tables(web1: Server) -> None:
    for command in ("calls", "incidents", "stats", "status"):
        code, table, err = await web1.run(command, COLUMNS="80")
        assert (code, err) == (0, "")
        assert max(map(len, table.splitlines())) <= 80, table
        assert not any(number in table for number in ("\x1b", ME, KEI, MIA))
    assert "1 busy, 1 human, 1 rejected" in (await web1.run("stats"))[1]
