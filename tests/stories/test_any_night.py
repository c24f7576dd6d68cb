"""Any night at all, with people who want to sleep: nobody asleep is woken, nobody is forgotten."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stories.nights import TOKYO
from tests.stories.town import ALICE, BOB, CAROL, PHONE, Town, check, town
from watchcall.core.calendar import QuietHours
from watchcall.core.contact import Channel

CHECKS = {"httpd": "w", "db": "c", "mail": "w"}
HAPPENS = st.tuples(
    st.sampled_from(["fail", "fail", "fail", "recover", "acknowledge", "restart"]),
    st.sampled_from(list(CHECKS)),
    st.sampled_from([0, 1, 5, 45, 120]),  # minutes until the next
)
HOURS = st.builds(
    lambda start, end, critical: QuietHours(
        start=time(start), end=time(end), zone=TOKYO, critical=critical
    ),
    st.sampled_from([21, 22, 23, 1]),
    st.sampled_from([5, 7, 8]),
    st.booleans(),
)
HALF_A_DAY = timedelta(hours=12)
Told = dict[str, Any]


async def live(
    night: Town, channels: tuple[Channel, ...], events: list[tuple[str, str, int]]
) -> set[int | None]:
    """Let a night pass; return which incidents were acknowledged, by number."""
    checks = [check(name) for name in CHECKS]
    owned: set[int | None] = set()
    await night.start(*checks, channels=channels)
    night.engine.rules.ack_timeout = timedelta(0)
    for event, name, minutes in events:
        if event == "fail":
            for _ in range(3):
                await night.look(CHECKS[name], name)
        elif event == "recover":
            await night.recover(name)
        elif event == "acknowledge" and night.engine.watches[name].incident is not None:
            owned.add(night.incident(name).number)
            await night.acknowledge(name)
        elif event == "restart":
            await night.restart(*checks, channels=channels)
            night.engine.rules.ack_timeout = timedelta(0)
        await night.ring()
        await night.wait(timedelta(minutes=minutes), step=300)
    await night.wait(HALF_A_DAY, step=900)
    return owned


def woken(calls: list[Told], hours: dict[str, QuietHours | None], critical: set[int]) -> list[Told]:
    """Return what somebody was told who was to be left alone."""
    found = []
    for call in calls:
        quiet = hours[call["contact"]]
        at = datetime.fromisoformat(call["placed_at"])
        excepted = quiet is not None and quiet.critical and critical & set(call["incidents"])
        if quiet is not None and quiet.until(at) and not excepted:
            found.append(call)
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(HAPPENS, min_size=1, max_size=14), HOURS, HOURS)
def test_nobody_asleep_is_woken_and_nobody_awake_is_forgotten(
    events: list[tuple[str, str, int]], alices: QuietHours, bobs: QuietHours
) -> None:
    phone = replace(PHONE, to=(replace(ALICE, quiet_hours=alices),), recovery=True)
    people = (replace(BOB, quiet_hours=bobs), CAROL)
    texts = replace(PHONE, name="texts", type="sms", to=people, recovery=True)

    async def play(folder: Path) -> tuple[list[Told], list[Told], set[int | None]]:
        async with town(folder) as night:
            owned = await live(night, (phone, texts), events)
            left = [*await night.store.pages("phone"), *await night.store.pages("texts")]
            assert left == []
            return await night.store.calls(1000), await night.store.incidents(1000), owned

    with tempfile.TemporaryDirectory() as folder:
        calls, incidents, owned = asyncio.run(play(Path(folder)))

    critical = {one["id"] for one in incidents if one["level"] == "critical"}
    assert woken(calls, {"alice": alices, "bob": bobs, "carol": None}, critical) == []
    calls = [one for one in calls if (one["channel"], one["type"]) != ("phone", "sms")]
    told = Counter(
        (call["contact"], call["event"], number) for call in calls for number in call["incidents"]
    )
    assert max(told.values(), default=1) == 1, "nobody is told twice"
    for one in incidents:
        if one["closed_at"] is None and one["id"] not in owned:
            people_told = [told[who, "failure", one["id"]] for who in ("alice", "bob", "carol")]
            assert people_told == [1, 1, 1]
    for who, event, number in told:
        assert event == "failure" or told[who, "failure", number], "no recovery out of nowhere"
