"""Whoever texts: the real Twilio SDK again, and the same requests in raw words."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import requests
from twilio.rest.api.v2010.account.message import MessageInstance

from tests.simulator.caller import ME, OURS, Caller, calling
from watchcall.simulator.text import Text

BODY = "[K7Q4] web-1: httpd is down since 14:03."


async def send(caller: Caller, body: str = BODY, to: str = ME, **more: Any) -> MessageInstance:
    return await asyncio.to_thread(
        caller.sdk.messages.create, to=to, body=body, **{"from_": OURS, **more}
    )


async def create(caller: Caller, **form: Any) -> requests.Response:
    """Ask for a text in raw words; what is None is left out."""
    whole = {"To": ME, "From": OURS, "Body": BODY} | form
    data = {name: value for name, value in whole.items() if value is not None}
    return await caller.ask("POST", "/Messages.json", data=data)


async def outside(caller: Caller, path: str, **form: str) -> requests.Response:
    """Ask one of the simulator's own endpoints, without credentials."""
    url = f"{caller.simulator.url}/simulator/{path}"
    return await asyncio.to_thread(requests.post, url, data=form, timeout=5)


async def became(caller: Caller, status: str, nth: int = 0) -> Text:
    """Wait until a text has a status."""
    texts = caller.simulator
    await texts.until(lambda: len(texts.texts) > nth and texts.texts[nth].status == status)
    return texts.texts[nth]


def statuses(caller: Caller) -> list[str]:
    return [entry["status"] for entry in caller.simulator.entries("text")]


@contextlib.asynccontextmanager
async def texting(*behaviours: Any, **settings: Any) -> AsyncIterator[Caller]:
    """Give a caller of a simulator in which this becomes of the texts to `ME`."""
    if behaviours:
        settings["texts"] = {ME: list(behaviours)}
    async with calling(**settings) as caller:
        yield caller
