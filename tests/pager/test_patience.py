"""How long a page waits, whatever the clock on the wall says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.fakes import FakeClock
from watchcall.core.attempt import Attempt, Phase
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.page import Page
from watchcall.core.reason import Reason
from watchcall.pager.patience import Patience

LONG = timedelta(minutes=3)


@pytest.mark.parametrize("phase", [Phase.POSTING, Phase.PLACED, Phase.UNCERTAIN])
def test_a_call_that_goes_on_waits_for_nothing(phase: Phase) -> None:
    """Also not after a restart for companions, as far as a clock says that was set back since."""
    clock = FakeClock()
    ahead = clock.now().utc + timedelta(hours=5)
    reason = Reason.of("process.none", name="httpd")
    incident = Incident(
        id="i", check="httpd", spoken="httpd", level=Level.CRITICAL, reason=reason, opened_at=ahead
    )
    call = Attempt(
        id="a",
        notification="n",
        channel="phone",
        contact="bob",
        to="+15005550009",
        nth=1,
        planned_at=ahead,
        due_at=ahead,
        posted_at=ahead,
        phase=phase,
        tries=1,
    )
    page = Page(
        id="n",
        channel="phone",
        event=Event.FAILURE,
        created_at=ahead,
        due_at=ahead + LONG,
        incidents=(incident,),
        attempts=(call,),
    )

    assert Patience(clock).of(page, None, LONG) == 0
