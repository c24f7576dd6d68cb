"""The control API over its real socket: what is asked, and what a refusal becomes for a command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from watchcall.errors import (
    ConfigError,
    StoreError,
    TooLate,
    UnknownThing,
    WatchCallError,
)
from watchcall.web import control
from watchcall.web.client import ask_on
from watchcall.web.control import ControlServer, control_app
from watchcall.web.door import Door

T = TypeVar("T")
OWNED: dict[str, Any] = {"id": 12, "check": "httpd", "acknowledged_by": "kei", "already": False}


@dataclass
class Daemon:
    """Notes what it is asked, and answers or raises what it is told to."""

    asked: list[Any] = field(default_factory=list)
    raises: Exception | None = None

    def status(self) -> dict[str, Any]:
        return {"host": "web1"}

    async def calls(self, limit: int) -> list[dict[str, Any]]:
        return self._answer([{"id": 1}], limit)

    async def incidents(self, limit: int) -> list[dict[str, Any]]:
        return self._answer([{"id": 2}], limit)

    async def incident(self, named: str) -> dict[str, Any]:
        return self._answer({"id": 12}, named)

    async def stats(self, since: datetime, until: datetime) -> dict[str, Any]:
        return self._answer({"calls": {}}, since, until)

    async def acknowledge(self, incident: str, by: str) -> dict[str, Any]:
        return self._answer(OWNED, incident, by)

    async def silence(
        self, checks: Sequence[str], reason: str | None, by: str, until: datetime
    ) -> dict[str, Any]:
        return self._answer({"id": 3}, checks, reason, by, until)

    async def unsilence(self, number: int) -> dict[str, Any]:
        return self._answer({"id": 3}, number)

    async def silences(self) -> list[dict[str, Any]]:
        return self._answer([{"id": 3}])

    async def explain(self, check: str) -> dict[str, Any]:
        return self._answer({"check": check}, check)

    async def reload(self) -> list[str]:
        return self._answer(["a warning"])

    def _answer(self, answer: T, *asked: object) -> T:
        self.asked.append(asked)
        if self.raises is not None:
            raise self.raises
        return answer


Ask = Callable[..., Any]


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest_asyncio.fixture
async def ask(daemon: Daemon, tmp_path: Path) -> AsyncIterator[Ask]:
    server = ControlServer(control_app(daemon), tmp_path / "control.sock")
    serving = asyncio.create_task(server.run_until_stopped())

    async def asking(*words: Any) -> Any:
        return await asyncio.to_thread(ask_on, tmp_path / "control.sock", *words)

    yield asking
    server.stop()
    await serving


@dataclass
class Watched:
    """A server that looks after its socket all the time."""

    folder: Path
    log: pytest.LogCaptureFixture
    made: list[Path] = field(default_factory=list)  # or tried to be

    def door(self, path: Path) -> Door:
        self.made.append(path)
        return Door(path)

    async def tried(self, times: int) -> None:
        async with asyncio.timeout(20):
            while len(self.made) < times:  # noqa: ASYNC110 - nor does an attempt
                await asyncio.sleep(0.01)

    @property
    def path(self) -> Path:
        return self.folder / "run" / "control.sock"

    async def logged(self, words: str) -> None:
        async with asyncio.timeout(20):
            while not any(words in line for line in self.log.messages):  # noqa: ASYNC110 - lines of the log raise no event
                await asyncio.sleep(0.01)

    async def ask(self) -> Any:
        return await asyncio.to_thread(ask_on, self.path, "GET", "/status")


@pytest_asyncio.fixture
async def watched(
    daemon: Daemon,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Watched]:
    found = Watched(tmp_path, caplog)
    monkeypatch.setattr(control, "SEEN_TO_S", 0.01)
    monkeypatch.setattr(control, "Door", found.door)
    server = ControlServer(control_app(daemon), found.path)
    serving = asyncio.create_task(server.run_until_stopped())
    yield found
    server.stop()
    await serving


class TestTheSocketGoesAway:
    @pytest.mark.parametrize("what", ["socket", "folder"])
    async def test_it_is_made_again(self, watched: Watched, what: str) -> None:
        await watched.ask()
        watched.path.unlink()
        if what == "folder":
            watched.path.parent.rmdir()
        await watched.logged(f"the control socket {watched.path} was gone, and is made again")

        assert await watched.ask() == {"host": "web1"}

    async def test_what_is_in_its_way_is_said_once_until_it_is_gone(self, watched: Watched) -> None:
        await watched.ask()
        watched.path.unlink()
        watched.path.parent.rmdir()
        watched.path.parent.touch()
        await watched.logged("commands do not reach WatchCall, their socket is gone: cannot listen")
        await watched.tried(5)
        assert len(watched.log.messages) == 1
        watched.path.parent.unlink()
        await watched.logged("is made again")

        assert await watched.ask() == {"host": "web1"}


async def test_status(ask: Ask) -> None:
    assert await ask("GET", "/status") == {"host": "web1"}


@pytest.mark.parametrize(("path", "first"), [("/calls", 1), ("/incidents", 2)])
@pytest.mark.parametrize(
    ("query", "limit"),
    [
        pytest.param("", 100, id="a hundred by default"),
        pytest.param("?limit=7", 7, id="as many as asked for"),
        pytest.param("?limit=5000", 1000, id="but not all that ever was"),
        pytest.param("?limit=many", 100, id="what is no number counts for nothing"),
    ],
)
async def test_lists_are_limited(
    ask: Ask, daemon: Daemon, path: str, first: int, query: str, limit: int
) -> None:
    assert await ask("GET", path + query) == [{"id": first}]
    assert daemon.asked == [(limit,)]


async def test_stats_take_instants(ask: Ask, daemon: Daemon) -> None:
    span = {"since": "2026-11-01T00:00:00+09:00", "until": "2026-11-20T12:00:00Z"}

    assert await ask("GET", f"/stats?{urlencode(span)}") == {"calls": {}}
    since = datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert daemon.asked == [(since, datetime(2026, 11, 20, 12, tzinfo=UTC))]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="none"),
        pytest.param("?since=yesterday&until=2026-11-20T12:00:00Z", id="a word"),
        pytest.param("?since=2026-11-01T00:00:00&until=2026-11-20T12:00:00Z", id="no offset"),
    ],
)
async def test_stats_refuse_what_is_no_instant(ask: Ask, daemon: Daemon, query: str) -> None:
    with pytest.raises(WatchCallError, match="since: must be a time such as"):
        await ask("GET", f"/stats{query}")
    assert daemon.asked == []


@pytest.mark.parametrize("named", ["12", "K7Q4"])
async def test_one_incident_is_asked_for_by_number_or_code(
    ask: Ask, daemon: Daemon, named: str
) -> None:
    assert await ask("GET", f"/incident?id={named}") == {"id": 12}
    assert daemon.asked == [(named,)]


@pytest.mark.parametrize("query", ["", "?id=", "?id=%0a", f"?id={'1' * 500}"])
async def test_what_names_no_incident_is_refused(ask: Ask, daemon: Daemon, query: str) -> None:
    with pytest.raises(WatchCallError, match="id: must be one line"):
        await ask("GET", f"/incident{query}")
    assert daemon.asked == []


@pytest.mark.parametrize("incident", ["12", 12, "K7Q4"], ids=["number", "JSON number", "code"])
async def test_an_incident_is_acknowledged(ask: Ask, daemon: Daemon, incident: object) -> None:
    assert await ask("POST", "/ack", {"incident": incident, "by": "kei"}) == OWNED
    assert daemon.asked == [(str(incident), "kei")]


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        pytest.param(None, "must be a JSON object", id="nothing"),
        pytest.param([], "must be a JSON object", id="a list"),
        pytest.param({"by": "kei"}, "incident: must be one line", id="no incident"),
        pytest.param({"incident": True, "by": "kei"}, "incident: must be one", id="true"),
        pytest.param({"incident": "12"}, "by: must be one line", id="nobody"),
        pytest.param({"incident": "12", "by": " "}, "by: must be one line", id="a blank name"),
        pytest.param({"incident": "12", "by": "a\nb"}, "by: must be one line", id="two lines"),
        pytest.param({"incident": "12", "by": "\udc80"}, "by: must be one", id="no text"),
        pytest.param({"incident": "12", "by": "k" * 201}, "by: must be one", id="a long name"),
    ],
)
async def test_an_acknowledgement_that_makes_no_sense_is_refused(
    ask: Ask, daemon: Daemon, sent: object, wrong: str
) -> None:
    with pytest.raises(WatchCallError, match=wrong):
        await ask("POST", "/ack", sent)
    assert daemon.asked == []


class TestSilences:
    @pytest.mark.parametrize("reason", ["new kernel", None], ids=["a reason", "none"])
    async def test_a_silence_is_begun(self, ask: Ask, daemon: Daemon, reason: str | None) -> None:
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
        sent = {"checks": ["web-*", "tag:db"], "reason": reason, "by": "kei"}
        local = until.astimezone(timezone(timedelta(hours=9)))

        assert await ask("POST", "/silence", {**sent, "until": local.isoformat()}) == {"id": 3}
        assert daemon.asked == [(["web-*", "tag:db"], reason, "kei", until)]

    @pytest.mark.parametrize(
        ("changed", "wrong"),
        [
            pytest.param({"checks": []}, "checks: must be a list of one to 100", id="no check"),
            pytest.param({"checks": None}, "checks: must be a list", id="null"),
            pytest.param({"checks": "db"}, "checks: must be a list", id="a word"),
            pytest.param({"checks": ["db"] * 101}, "checks: must be a list", id="101 checks"),
            pytest.param({"checks": [""]}, "checks: must be one line", id="an empty name"),
            pytest.param({"checks": [1]}, "checks: must be one line", id="a number"),
            pytest.param({"checks": ["a\nb"]}, "checks: must be one line", id="two lines"),
            pytest.param({"checks": ["x" * 201]}, "checks: must be one line", id="a long name"),
            pytest.param({"reason": 1}, "reason: must be one line", id="a number as reason"),
            pytest.param({"reason": "a\nb"}, "reason: must be one line", id="a reason of two"),
            pytest.param({"reason": "r" * 501}, "at most 500", id="an endless reason"),
            pytest.param({"by": None}, "by: must be one line", id="nobody"),
            pytest.param({"until": None}, "until: must be a time such as", id="no end"),
            pytest.param({"until": 5}, "until: must be a time such as", id="a number as end"),
            pytest.param({"until": "2100-01-01T00:00:00"}, "until: must be a time", id="no offset"),
            pytest.param({"until": "2020-01-01T00:00:00Z"}, "later than now", id="over already"),
            pytest.param({"until": "2100-01-01T00:00:00Z"}, "at most 365 days", id="for ever"),
        ],
    )
    async def test_a_silence_that_makes_no_sense_is_refused(
        self, ask: Ask, daemon: Daemon, changed: dict[str, Any], wrong: str
    ) -> None:
        until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        sent = {"checks": ["db"], "reason": None, "by": "kei", "until": until, **changed}

        with pytest.raises(WatchCallError, match=wrong) as caught:
            await ask("POST", "/silence", sent)
        assert type(caught.value) is WatchCallError
        assert daemon.asked == []

    async def test_a_silence_is_ended(self, ask: Ask, daemon: Daemon) -> None:
        assert await ask("POST", "/unsilence", {"id": 3}) == {"id": 3}
        assert daemon.asked == [(3,)]

    @pytest.mark.parametrize("number", [None, 0, -1, 1.5, "3", True, 10**9, [3]])
    async def test_what_is_no_number_is_refused(
        self, ask: Ask, daemon: Daemon, number: object
    ) -> None:
        with pytest.raises(WatchCallError, match="id: must be a whole number"):
            await ask("POST", "/unsilence", {"id": number})
        assert daemon.asked == []

    async def test_silences_are_listed(self, ask: Ask) -> None:
        assert await ask("GET", "/silences") == [{"id": 3}]


class TestExplain:
    async def test_a_check_is_named_as_it_is(self, ask: Ask, daemon: Daemon) -> None:
        query = urlencode({"check": "web & 日本"})

        assert await ask("GET", f"/explain?{query}") == {"check": "web & 日本"}
        assert daemon.asked == [("web & 日本",)]

    @pytest.mark.parametrize("query", ["", "?check=", "?check=a%0Ab", f"?check={'x' * 201}"])
    async def test_what_is_no_name_is_refused(self, ask: Ask, daemon: Daemon, query: str) -> None:
        with pytest.raises(WatchCallError, match="check: must be one line"):
            await ask("GET", f"/explain{query}")
        assert daemon.asked == []


@pytest.mark.parametrize(
    "error",
    [
        UnknownThing("there is no incident 99"),
        TooLate("incident 12 is closed already"),
        StoreError("the disk is full"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_keeps_its_kind_and_its_words(
    ask: Ask, daemon: Daemon, error: WatchCallError
) -> None:
    daemon.raises = error

    with pytest.raises(WatchCallError, match=str(error)) as caught:
        await ask("POST", "/ack", {"incident": "12", "by": "kei"})
    wanted = WatchCallError if isinstance(error, StoreError) else type(error)
    assert type(caught.value) is wanted


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(UnknownThing("none"), 404, id="no such thing"),
        pytest.param(TooLate("closed"), 409, id="over already"),
        pytest.param(StoreError("full"), 500, id="anything else"),
    ],
)
async def test_an_error_has_its_status(daemon: Daemon, error: Exception, status: int) -> None:
    """What a script sees that talks HTTP itself."""
    daemon.raises = error
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b'{"incident": "12", "by": "kei"}'}

    scope = {"type": "http", "method": "POST", "path": "/ack", "headers": [], "query_string": b""}
    await control_app(daemon)(scope, receive, send)

    assert sent[0]["status"] == status


async def test_a_wrong_configuration_is_told_whole(ask: Ask, daemon: Daemon) -> None:
    daemon.raises = ConfigError(["one", "two"])

    with pytest.raises(ConfigError) as caught:
        await ask("POST", "/reload")
    assert caught.value.problems == ("one", "two")


async def test_a_reload_tells_its_warnings(ask: Ask) -> None:
    assert await ask("POST", "/reload") == {"warnings": ["a warning"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("GET", "/ack"), ("GET", "/silence"), ("POST", "/status")],
)
async def test_a_question_that_nobody_knows_is_no_missing_thing(
    ask: Ask, method: str, path: str
) -> None:
    with pytest.raises(WatchCallError) as caught:
        await ask(method, path)
    assert type(caught.value) is WatchCallError
