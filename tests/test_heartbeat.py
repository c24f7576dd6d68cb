"""When a heartbeat is sent, and above all when none is."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from tests.channels.outlets import listening, saying
from tests.fakes import FakeClock
from watchcall.channels.ping import Ping
from watchcall.config.plan import Heartbeat as Settings
from watchcall.heartbeat import Heartbeat

MINUTE = timedelta(minutes=1)
SECRET = "/T0K3N"


class Beats:
    """A heartbeat whose turns are taken by hand."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.why: str | None = None
        self.heart = Heartbeat(self._ailing, self.clock)

    async def _ailing(self) -> str | None:
        return self.why

    async def turn(self, url: str, interval: timedelta = MINUTE) -> float:
        self.heart._settings = Settings(url=url + SECRET, shown=url, interval=interval)
        return await self.heart._turn(Ping(url + SECRET, url), interval)

    @property
    def state(self) -> str | None:
        return (self.heart.state() or {})["state"]


@pytest.fixture
def beats() -> Beats:
    return Beats()


@pytest.mark.parametrize(
    ("interval", "first"),
    [
        pytest.param(timedelta(seconds=30), 30.0, id="after an interval"),
        pytest.param(timedelta(hours=1), 60.0, id="or a minute, for it is a start and no outage"),
    ],
)
async def test_the_first_comes_when_it_has_run_for_a_while(
    beats: Beats, interval: timedelta, first: float
) -> None:
    async with listening(saying("200 OK")) as watcher:
        assert await beats.turn(watcher.url, interval) == first
        assert watcher.asked == []
        beats.clock.advance(first)
        assert await beats.turn(watcher.url, interval) == interval.total_seconds()

    assert len(watcher.asked) == 1
    assert beats.state == "ok"


async def test_while_it_does_not_work_none_is_sent(
    beats: Beats, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "watchcall")
    beats.clock.advance(MINUTE)
    async with listening(saying("200 OK")) as watcher:
        beats.why = "nobody looked for too long at: httpd"
        assert [await beats.turn(watcher.url) for _ in range(3)] == [10, 10, 10]
        assert (beats.state, watcher.asked) == ("held", [])
        beats.why = None
        await beats.turn(watcher.url)

    assert len(watcher.asked) == 1
    assert [record.message for record in caplog.records] == [
        "no heartbeat is sent: nobody looked for too long at: httpd",
        "heartbeats are taken",
    ]


async def test_one_that_is_not_taken_is_said_once_and_tried_again_soon(
    beats: Beats, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "watchcall")
    beats.clock.advance(MINUTE)
    async with listening(saying("503 No")) as watcher:
        assert [await beats.turn(watcher.url) for _ in range(3)] == [10, 10, 10]
        shown = watcher.url

    (said,) = [record.message for record in caplog.records]
    assert said == f"a heartbeat was not taken, and others are tried: {shown} answers 503"
    assert beats.state == "failing"


async def test_a_short_interval_is_not_made_longer_by_trouble(beats: Beats) -> None:
    beats.clock.advance(MINUTE)
    async with listening(saying("503 No")) as watcher:
        assert await beats.turn(watcher.url, timedelta(seconds=2)) == 2


async def test_the_url_is_never_shown(beats: Beats, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    beats.clock.advance(MINUTE)
    for reply in (saying("200 OK"), saying("404 No"), b"", b"HTTP/1.1 200 OK\r\nx\xff\r\n\r\n"):
        async with listening(reply) as watcher:
            await beats.turn(watcher.url)
            assert "T0K3N" not in str(beats.heart.state())
    assert "T0K3N" not in caplog.text


async def test_a_reload_changes_it_and_what_it_does_not_touch_goes_on() -> None:
    beats = Beats()
    settings = Settings(url="http://127.0.0.1:1/a", shown="http://127.0.0.1:1", interval=MINUTE)
    await beats.heart.adopt(settings)
    before = beats.heart._chore
    await beats.heart.adopt(Settings(url=settings.url, shown=settings.shown, interval=MINUTE))
    assert beats.heart._chore is before
    assert beats.state == "pending"

    await beats.heart.adopt(
        Settings(url=settings.url, shown=settings.shown, interval=timedelta(seconds=9))
    )
    assert beats.heart._chore is not before
    await beats.heart.adopt(None)
    assert (beats.heart._chore, beats.heart.state()) == (None, None)
