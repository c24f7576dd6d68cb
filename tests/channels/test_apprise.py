"""Apprise itself, with the one of its services that needs no other: a JSON POST."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta

import apprise  # now, so that no deadline of a test is spent on loading it
import pytest

from tests.channels.outlets import NOTICE, listening, saying
from watchcall.channels.apprise import AppriseOutlet
from watchcall.channels.outlets import outlet_of
from watchcall.core.contact import Address, Event
from watchcall.core.health import Level
from watchcall.errors import NotPlaced, PhoneError, Rejected, Unsure
from watchcall.ports import NoticeData


def address(url: str) -> Address:
    return Address(shown="json://", url=url.replace("http://", "json://ops:S3CR3T@"))


async def refusal(of: Address, deadline: timedelta = timedelta(seconds=30)) -> PhoneError:
    with pytest.raises(PhoneError) as caught:
        await AppriseOutlet(of, deadline).deliver(NOTICE)
    assert "S3CR3T" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("notice", "kind"),
    [
        pytest.param(NOTICE, "failure", id="critical"),
        pytest.param(replace(NOTICE, level=Level.WARNING), "warning", id="warning"),
        pytest.param(replace(NOTICE, event=Event.RECOVERY), "success", id="recovery"),
    ],
)
async def test_a_service_is_told_in_its_own_words(notice: NoticeData, kind: str) -> None:
    async with listening(saying("200 OK")) as service:
        await outlet_of("apprise", address(service.url)).deliver(notice)
        ((_, body),) = service.asked

    said = json.loads(body)
    assert said["title"] == f"web1: {notice.event.value}"
    assert said["message"] == NOTICE.text
    assert said["type"] == kind


async def test_what_is_not_taken_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with listening(saying("500 No")) as service:
        error = await refusal(address(service.url))

    assert isinstance(error, NotPlaced)
    assert str(error) == "json:// did not take it; the command apprise -vv shows why"
    assert not [one for one in caplog.records if one.name.startswith("apprise")]


async def test_where_nobody_listens_it_is_tried_again() -> None:
    async with listening(b"") as gone:
        url = gone.url

    assert isinstance(await refusal(address(url)), NotPlaced)


async def test_one_that_hangs_is_left_at_the_deadline() -> None:
    async with listening(b"", hangs=True) as service:
        error = await refusal(address(service.url), timedelta(seconds=0.5))

    assert isinstance(error, Unsure)


async def test_a_url_that_means_nothing_is_refused() -> None:
    error = await refusal(Address(shown="nothing://", url="nothing://S3CR3T/"))

    assert isinstance(error, Rejected)


async def test_where_the_extra_is_missing_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, apprise.__name__, None)
    error = await refusal(Address(shown="json://", url="json://127.0.0.1"))

    assert str(error) == 'apprise needs an extra: pip install "watchcall[apprise]"'
