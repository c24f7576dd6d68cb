"""What is told in the tests of the words: incidents that began five minutes before NOON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.fakes import NOON
from watchcall.core.contact import Event
from watchcall.core.health import Level
from watchcall.core.incident import Incident
from watchcall.core.reason import Reason
from watchcall.core.speech import Hint, Subject

BEGAN = NOON - timedelta(minutes=5)
GONE = Reason.of("process.none", name="httpd")
POOR = Reason.of("self.balance", balance="3.20", currency="USD")


def incident(
    check: str = "httpd",
    *,
    reason: Reason = GONE,
    level: Level = Level.CRITICAL,
    opened_at: datetime = BEGAN,
    over: bool = False,
    rose_at: datetime | None = None,
) -> Incident:
    return Incident(
        id=ascii(check),
        check=check,
        spoken=check,
        level=level,
        reason=reason,
        opened_at=opened_at,
        closed_at=NOON if over else None,
        rose_at=rose_at,
    )


def subject(
    *incidents: Incident,
    event: Event = Event.FAILURE,
    host: str = "web1",
    hint: Hint = Hint.NONE,
    repeated: bool = False,
) -> Subject:
    return Subject(
        event=event,
        host=host,
        incidents=incidents or (incident(),),
        now=NOON,
        zone=UTC,
        hint=hint,
        repeated=repeated,
    )


def quoting(text: str) -> Reason:
    """A reason whose words come from outside."""
    return Reason.of("text", text=text)


ANYTHING = st.characters(exclude_categories=())  # lone surrogates too
WILD = st.text(ANYTHING, max_size=400) | st.text("{}!:[].0a %\\\n", max_size=40)


@st.composite
def wild_subjects(draw: st.DrawFn, events: Sequence[Event] = tuple(Event)) -> Subject:
    """Any event about any number of incidents, whatever their names and reasons hold."""
    told = draw(
        st.lists(
            st.builds(
                incident,
                WILD,
                reason=st.builds(quoting, WILD),
                level=st.sampled_from([Level.WARNING, Level.CRITICAL, Level.UNKNOWN]),
                over=st.booleans(),
            ),
            min_size=1,
            max_size=6,
        )
    )
    return subject(
        *told,
        event=draw(st.sampled_from(list(events))),
        host=draw(WILD),
        hint=draw(st.sampled_from(Hint)),
        repeated=draw(st.booleans()),
    )
