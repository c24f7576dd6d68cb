"""From Twilio's final "busy" of the first person to the POST that calls the second one.

The real daemon, a simulator that lives at life's pace. Two parts: until the poll that hears of the
end (one question every two seconds; with web.public_url Twilio says it itself), and what is ours:
from that poll to the next POST, with two commits in between. Beside it a floor: one bare POST
through the same adapter, there and back.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.daemon import Web, daemon, free_port, web
from bench.table import show
from bench.twilio import WITHIN, Twilio, twilio
from watchcall.channels.twilio import TwilioPhone
from watchcall.core.speech import Speech
from watchcall.ports import CallRequest
from watchcall.simulator.ledger import Entry

PACE_S = 1.1  # after a call the next one may be placed without waiting for its turn
RINGS = (1.2, 3.2)  # seconds until the line is busy: any moment between two polls, after PACE_S
PUBLIC = "https://watchcall.example.com"
NOBODY = "+15005550009"
NIGHT = """
[[contact]]
name = "first-{nth}"
phone = "{first}"

[[contact]]
name = "second-{nth}"
phone = "{second}"

[[channel]]
name = "phone-{nth}"
to = ["first-{nth}", "second-{nth}"]
rounds = 1

[[check]]
name = "web-{nth}"
type = "http"
url = "{url}/{nth}"

[[group]]
name = "night-{nth}"
checks = ["web-{nth}"]
channels = ["phone-{nth}"]
"""


@dataclass(slots=True)
class Times:
    """Milliseconds, one for each night: the whole, and its two parts."""

    whole: list[float] = field(default_factory=list)
    until_asked: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)


def numbers(nth: int) -> tuple[str, str]:
    """Return the two people of a night; each night has its own, so no cost guard holds a call."""
    return f"+8190123{2 * nth:05}", f"+8190123{2 * nth + 1:05}"


def measure(args: Namespace) -> bool:
    """Print the times over some nights, without and with status callbacks."""
    print(f"ladder, {args.nights} nights each, --seed {args.seed}", flush=True)
    nights = range(args.nights)
    rows: dict[str, list[float]] = {}
    for name, port in (("polled", None), ("with callbacks", free_port())):
        times, floor = _measured(nights, args.seed, port)
        rows[f"{name}: busy to next POST"] = times.whole
        rows["  until we asked" + " " * len(rows)] = times.until_asked
        rows["  ours" + " " * len(rows)] = times.ours
    show("next person", "ms", {**rows, "floor: one bare POST": floor}, percentile=95)
    return True


def _measured(nights: range, seed: int, port: int | None) -> tuple[Times, list[float]]:
    """Return the times of the nights; port: where Twilio reaches us, None where it does not."""
    chance = random.Random(f"ladder {seed}")
    times = Times()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="watchcall-ladder-")))
        network = stack.enter_context(twilio(folder, _script(nights, chance, port)))
        site = stack.enter_context(web())
        stack.enter_context(daemon(folder / "daemon", network.url, _config(nights, site, port)))
        for nth in nights:
            _night(nth, network, site, times)
        return times, asyncio.run(_floor(network, len(nights)))


def _script(nights: range, chance: random.Random, port: int | None) -> dict[str, object]:
    phones: dict[str, object] = {NOBODY: ["busy"]}
    for nth in nights:
        first, second = numbers(nth)
        phones[first] = [{"does": "busy", "ring": round(chance.uniform(*RINGS), 3)}]
        phones[second] = [{"does": "answer", "ring": 0, "talk": 0.1}]
    public = {PUBLIC: f"http://127.0.0.1:{port}"} if port else {}
    return {"phones": phones, "public": public}


def _config(nights: range, site: Web, port: int | None) -> str:
    tables = ""
    for nth in nights:
        first, second = numbers(nth)
        tables += NIGHT.format(nth=nth, first=first, second=second, url=site.url)
    if port:
        tables += f'\n[web]\nlisten = "127.0.0.1:{port}"\npublic_url = "{PUBLIC}"\n'
    return tables


def _night(nth: int, network: Twilio, site: Web, times: Times) -> None:
    """Let a check break, and note when Twilio said what and was asked what."""
    first, second = numbers(nth)
    site.broken.add(f"/{nth}")
    posted = _awaited(network, lambda one: _is_post(one, second))
    busy = _awaited(network, lambda one: one.get("to") == first and one.get("status") == "busy")
    path = f"/Calls/{busy['sid']}.json"
    after = (one for one in network.entries if one["monotonic"] >= busy["monotonic"])
    asked = next(one for one in after if one["kind"] == "request" and path in one["path"])
    times.whole.append((posted["monotonic"] - busy["monotonic"]) * 1000)
    times.until_asked.append((asked["monotonic"] - busy["monotonic"]) * 1000)
    times.ours.append((posted["monotonic"] - asked["monotonic"]) * 1000)
    time.sleep(max(0.0, posted["monotonic"] + PACE_S - time.monotonic()))


def _is_post(entry: Entry, to: str) -> bool:
    return entry.get("method") == "POST" and entry.get("params", {}).get("To") == to


def _awaited(network: Twilio, wanted: Callable[[Entry], bool]) -> Entry:
    """Return the first entry of the ledger that is wanted, once it is there."""
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        for entry in _kinds(network.read()):
            if wanted(entry):
                return entry
        time.sleep(0.05)
    raise TimeoutError("what was to happen did not happen")


def _kinds(entries: list[Entry]) -> Iterator[Entry]:
    return (one for one in entries if one["kind"] in ("request", "call"))


async def _floor(network: Twilio, times: int) -> list[float]:
    phone = TwilioPhone(network.account(), "floor")
    speech = Speech("Nothing is broken.", "I repeat.", "en-US")
    request = CallRequest(to=NOBODY, speech=speech, ring_timeout_s=25)
    await phone.warm()
    await phone.place(request)  # the first one connects
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await phone.place(request)
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.05)
    phone.close()
    return took
