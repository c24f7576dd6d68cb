"""Whoever calls: the real Twilio SDK, pointed at a simulator that lives fast."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import HTTPBasicAuth
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance

from watchcall.simulator.call import Call
from watchcall.simulator.simulator import Simulator

ME = "+819012345678"
YOU = "+819000000001"
OURS = "+15005550006"
WORDS = "Web one: httpd is down."
TWIML = f'<Response><Say language="en-GB">{WORDS}</Say></Response>'
SPEED = 50


class Redirected(TwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """The SDK's own client; only scheme, host and port are another's."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=5)
        self._url = urlsplit(url)

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Response:
        parts = urlsplit(url)._replace(scheme=self._url.scheme, netloc=self._url.netloc)
        return super().request(method, parts.geturl(), *args, **more)


class Caller:
    """Makes requests in a thread, so that the simulator on the loop can answer them."""

    def __init__(self, simulator: Simulator) -> None:
        account = simulator.account
        self.simulator = simulator
        self.http = Redirected(simulator.url)
        self.sdk = Client(account.sid, account.token, http_client=self.http)
        self.accounts = f"/2010-04-01/Accounts/{account.sid}"

    async def place(self, to: str = ME, **more: Any) -> CallInstance:
        said = {"twiml": TWIML} if "url" not in more else {}
        return await asyncio.to_thread(self.sdk.calls.create, to=to, from_=OURS, **{**said, **more})

    async def fetch(self, sid: str | None = None) -> CallInstance:
        """Fetch a call, the first one if none is named."""
        wanted = sid or self.simulator.calls[0].sid
        return await asyncio.to_thread(self.sdk.calls(wanted).fetch)

    async def ended(self, nth: int = 0) -> Call:
        """Wait until a call is over."""
        await self.simulator.until(
            lambda: len(self.simulator.calls) > nth and self.simulator.calls[nth].status.final
        )
        return self.simulator.calls[nth]

    async def ask(
        self, method: str, path: str, *, auth: tuple[str, str] | None = None, **more: Any
    ) -> requests.Response:
        """Make a raw request, below the account's path."""
        account = self.simulator.account
        user = auth or (account.sid, account.token)
        return await asyncio.to_thread(
            requests.request,
            method,
            self.simulator.url + self.accounts + path,
            auth=HTTPBasicAuth(*user),
            timeout=5,
            **more,
        )

    async def create(self, **form: Any) -> requests.Response:
        """Ask for a call in raw words; what is None is left out."""
        whole = {"To": ME, "From": OURS, "Twiml": TWIML} | form
        data = {name: value for name, value in whole.items() if value is not None}
        return await self.ask("POST", "/Calls.json", data=data)


@contextlib.asynccontextmanager
async def calling(*behaviours: Any, **settings: Any) -> AsyncIterator[Caller]:
    """Give a caller of a simulator whose phone `ME` behaves like this."""
    script: dict[str, Any] = {"speed": SPEED, "queued": 0, **settings}
    if behaviours:
        script["phones"] = {ME: list(behaviours)}
    async with Simulator(script=script) as simulator:
        caller = Caller(simulator)
        try:
            yield caller
        finally:
            if caller.http.session is not None:
                caller.http.session.close()
