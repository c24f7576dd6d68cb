"""Twilio's side of a callback, over a real socket; and behind ours, one call of one night."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from starlette.types import ASGIApp
from twilio.request_validator import RequestValidator

from tests.fakes import NOON
from watchcall.channels.twilio.signature import signed
from watchcall.core import incident as incidents
from watchcall.core.attempt import Attempt, Phase
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import How, Incident
from watchcall.core.page import Page
from watchcall.core.reason import Reason
from watchcall.errors import StoreError
from watchcall.web.hooks import Answer, hooks_app
from watchcall.web.listen import HooksServer

TOKEN = "5ecre7" * 5 + "00"
ACCOUNT = "AC" + "0" * 32
CALL = "CA" + "0" * 31 + "1"
ID = "6f1c2f4e-5a0b-4a57-8a5e-2f6f2f0b7c11"
PUBLIC = "https://watchcall.example.com/pager"
KEYS, STATUS = f"/twilio/keys/{ID}", f"/twilio/status/{ID}"

Params = Sequence[tuple[str, str]]


def incident(check: str, *, opened_at: datetime = NOON) -> Incident:
    return Incident(
        id=f"of {check}",
        check=check,
        spoken=check,
        level=Level.CRITICAL,
        reason=Reason.of("process.none", name=check),
        opened_at=opened_at,
    )


def call(**more: object) -> Attempt:
    """A call that Twilio took, to alice."""
    taken = Attempt(
        id=ID,
        notification="page",
        channel="phone",
        contact="alice",
        to="+819012345678",
        nth=1,
        number=7,
        phase=Phase.PLACED,
        sid=CALL,
        planned_at=NOON,
        due_at=NOON,
        posted_at=NOON,
    )
    return replace(taken, **more)  # type: ignore[arg-type]  # the fields' own types


@dataclass
class Night:
    """What the requests lead to: one page with one attempt, and the incidents it tells.

    acknowledged: ids and name, each time that somebody did
    unreadable:   the store fails
    """

    account_sid: str = ACCOUNT
    public_url: str = PUBLIC
    attempt_: Attempt = field(default_factory=call)
    incidents: list[Incident] = field(default_factory=lambda: [incident("httpd")])
    joined: dict[str, datetime] = field(default_factory=dict)
    at: datetime = NOON + timedelta(seconds=20)
    unreadable: bool = False
    acknowledged: list[tuple[list[str], str]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    nudged: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # which attempts were looked up

    @property
    def untouched(self) -> bool:
        """Whether nothing was done, or even looked up."""
        return not (self.acknowledged or self.keys or self.nudged or self.asked)

    @property
    def owners(self) -> dict[str, str]:
        """Who owns which check's incident."""
        found = ((one.check, one.acknowledgement) for one in self.incidents)
        return {check: owned.by for check, owned in found if owned is not None}

    def close(self, check: str) -> None:
        self.incidents = [
            replace(one, closed_at=self.at) if one.check == check else one for one in self.incidents
        ]

    # What the application asks for

    def now(self) -> datetime:
        return self.at

    def verify(self, url: str, params: Iterable[tuple[str, str]], signature: str | None) -> bool:
        return signed(url, params, signature, TOKEN)

    async def attempt(self, id_: str) -> Attempt | None:
        self.asked.append(id_)
        if self.unreadable:
            raise StoreError("the database cannot be written: disk full")
        return self.attempt_ if id_ == self.attempt_.id else None

    async def page_of(self, attempt: Attempt) -> Page:
        assert attempt == self.attempt_
        return Page(
            id="page",
            channel="phone",
            event=Event.FAILURE,
            due_at=NOON,
            created_at=NOON,
            incidents=tuple(self.incidents),
            attempts=(self.attempt_,),
            joined=self.joined,
        )

    async def acknowledge(self, ids: Iterable[str], by: str) -> list[Incident]:
        """As the engine does it: what is closed stays so, what is owned stays whose it is."""
        wanted = list(ids)
        self.acknowledged.append((wanted, by))
        self.incidents = [
            incidents.acknowledge(one, by, How.KEY, self.at, timedelta(0))
            if one.id in wanted and one.calls_for_help
            else one
            for one in self.incidents
        ]
        return [one for one in self.incidents if one.id in wanted and one.acknowledged and one.open]

    def pressed(self, attempt_id: str, key: str) -> None:
        self.keys.append((attempt_id, key))

    def nudge(self, attempt_id: str) -> None:
        self.nudged.append(attempt_id)

    def reply(self, attempt: Attempt, page: Page, what: Answer) -> str:
        assert attempt in page.attempts
        return f"<Response><Say>{what.name}</Say></Response>"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def said(self) -> str:
        """Which answer was given to a key."""
        assert self.status == 200, self
        assert self.headers["content-type"] == "text/xml; charset=utf-8"
        return self.body.removeprefix("<Response><Say>").removesuffix("</Say></Response>")


@dataclass
class Twilio:
    """Whoever talks to our server: Twilio, or somebody who claims to be."""

    port: int
    night: Night

    async def press(self, key: str, **more: str) -> Reply:
        return await self.post(KEYS, form(Digits=key, **more))

    async def post(
        self,
        path: str,
        params: Params,
        *,
        signs: str | None = None,
        signature: str | None = "",
        token: str = TOKEN,
        headers: Params = (),
        body: str | bytes | None = None,
        target: str | None = None,
    ) -> Reply:
        """POST a form.

        signs:     the URL that is signed, where it is not public_url + path
        signature: replaces the right one; None leaves it away
        target:    the path as it arrives here, where it is not that of the URL
        """
        url = signs or self.night.public_url + path
        if signature == "":
            signature = sign(url, params, token)
        sent = urlencode(params) if body is None else body
        head = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        if signature is not None:
            head.append(("X-Twilio-Signature", signature))
        head += headers  # after the signature: what is added on the way
        prefix = "/" + "/".join(self.night.public_url.split("/")[3:])
        where = target or (prefix.rstrip("/") + path)
        return await self.send(
            "POST", where, head, sent if isinstance(sent, bytes) else sent.encode()
        )

    async def send(
        self, method: str, target: str, headers: Params = (), body: bytes = b""
    ) -> Reply:
        """Make a request; names that are given twice replace the usual ones."""
        usual = {"Host": "10.0.0.7:9911", "Content-Length": str(len(body))}
        given = {name.lower() for name, _ in headers}
        every = [*((n, v) for n, v in usual.items() if n.lower() not in given), *headers]
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in every)]
        raw = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        return parsed(await self.raw(raw))

    async def raw(self, data: bytes, *, ends: bool = False) -> bytes:
        """Send bytes and return all that comes back until the server closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            if ends:
                writer.write_eof()
            async with asyncio.timeout(20):
                return await _rest(reader)
        finally:
            writer.close()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    """Return what is still readable; a connection that is cut ends it as well."""
    data = bytearray()
    try:
        while part := await reader.read(65536):
            data += part
    except ConnectionError:
        pass
    return bytes(data)


def parsed(data: bytes) -> Reply:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    text = body.decode()
    if headers.get("transfer-encoding") == "chunked":
        text = text.split("\r\n")[1]
    return Reply(int(first.split()[1]), headers, text)


def form(**more: str) -> list[tuple[str, str]]:
    """Return what Twilio sends when a key was pressed, or a call's state has changed."""
    said = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": CALL,
        "CallStatus": "in-progress",
        "Direction": "outbound-api",
        "From": "+15005550006",
        "To": "+819012345678",
    }
    return list((said | more).items())


class _Values(dict[str, list[str]]):
    """A form as the SDK takes it."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def sign(url: str, params: Params, token: str = TOKEN) -> str:
    values = _Values()
    for name, value in params:
        values.setdefault(name, []).append(value)
    return str(RequestValidator(token).compute_signature(url, values))


@asynccontextmanager
async def reachable(
    night: Night | None = None, app: ASGIApp | None = None
) -> AsyncIterator[Twilio]:
    """Serve on a port of loopback; whatever the loop complains of meanwhile fails the test."""
    night = night or Night()
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    server = HooksServer(app or hooks_app(night), "127.0.0.1", 0)
    await server.start()
    try:
        yield Twilio(server.port, night)
    finally:
        await server.stop()
    assert complaints == []
