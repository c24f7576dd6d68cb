"""What the daemon leaves for its last gasp: whom to call, in which words, and how it ended.

The gasp itself (`lastgasp`) runs when everything here may be what is broken.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from watchcall.channels.twilio import Account, address
from watchcall.channels.twilio.twiml import twiml
from watchcall.config.plan import Plan
from watchcall.core.contact import Channel, Contact
from watchcall.core.speech import stopped_speech
from watchcall.lastgasp.words import (
    MISCONFIGURED,
    OTHERWISE,
    STOPPED,
    TOLD,
    Person,
    Words,
    write,
)

log = logging.getLogger(__name__)

WELL_S = 60.0  # the daemon has run well when it has run for so long


class LastWords:
    """Keeps them up to date. What cannot be kept is logged once, and holds up nothing.

    They lie in systemd's StateDirectory= also where the state lies elsewhere: the gasp, which
    cannot read the configuration, looks for them there.
    """

    def __init__(self, state_dir: Path, environ: Mapping[str, str] = os.environ) -> None:
        given = environ.get("STATE_DIRECTORY", "").split(":")[0]
        self._folder = Path(given) if given else state_dir
        self._run = environ.get("INVOCATION_ID")
        self._trouble: str | None = None

    def leave(self, plan: Plan, account: Account) -> None:
        """This is how to call, and whom, from now on."""
        with self._kept():
            write(self._folder, words_of(plan, account))

    def told_to_stop(self) -> None:
        """However long it takes from here on, nobody is to be called for it."""
        if self._run:
            with self._kept():
                (self._folder / STOPPED).write_text(self._run)

    def ran_well(self) -> None:
        """The next time that WatchCall stops for good is another time, and is told."""
        with self._kept():
            (self._folder / TOLD).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _kept(self) -> Iterator[None]:
        trouble = None
        try:
            yield
        except OSError as error:
            trouble = f"{self._folder}: {error.strerror or error}"
        if trouble and trouble != self._trouble:
            log.error("the last gasp may fail: %s", trouble)
        self._trouble = trouble


def words_of(plan: Plan, account: Account) -> Words:
    """Return all that the gasp has to know; no secret."""
    twilio = plan.twilio
    return Words(
        api=address(account),
        account_sid=account.sid,
        user=account.user,
        secret="api_key_secret" if twilio.api_key_secret else "auth_token",
        secret_file=str(twilio.secret_file) if twilio.secret_file else None,
        config=str(plan.path.absolute()) if plan.path else None,
        caller=account.caller,
        timeout_s=account.timeout.total_seconds(),
        lock=str(plan.daemon.state_dir.absolute() / "lock"),
        people=tuple(_people(plan)),
    )


def _people(plan: Plan) -> Iterator[Person]:
    """Yield everybody who is called for anything, in the order of the file, each number once.

    Where no channel calls anybody, the contacts: a text or a webhook takes more than the gasp has.
    """
    called = [(one, person) for one in plan.channels if one.type == "voice" for person in one.to]
    ours = Channel(name="", to=plan.contacts)
    seen: set[str] = set()
    for channel, person in called or [(ours, person) for person in plan.contacts]:
        if person.phone not in seen:
            seen.add(person.phone)
            yield _person(plan.host, channel, person)


def _person(host: str, channel: Channel, person: Contact) -> Person:
    language, voice = channel.language_for(person), channel.voice_for(person)
    said = {
        cause: twiml(stopped_speech(host, language, voice, misconfigured=cause == MISCONFIGURED))
        for cause in (MISCONFIGURED, OTHERWISE)
    }
    ring_s = round(channel.ring_timeout.total_seconds())
    return Person(name=person.name, to=person.phone, ring_s=ring_s, said=said)
