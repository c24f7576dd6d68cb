"""What Twilio's requests lead to while a call goes on (web.hooks.Operations)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from watchcall.channels.twilio import signature, twiml
from watchcall.config.plan import Plan
from watchcall.core.attempt import ACKNOWLEDGES, Attempt
from watchcall.core.contact import Channel, Contact
from watchcall.core.incident import How, Incident
from watchcall.core.page import Page
from watchcall.core.speech import KeyWord, Speech, key_words
from watchcall.engine import Engine
from watchcall.pager.calls import contact_of, speech_of
from watchcall.pager.switchboard import Switchboard, keys_url
from watchcall.ports import Store
from watchcall.web.hooks import Answer

SAID = {
    Answer.ACKNOWLEDGED: KeyWord.ACKNOWLEDGED,
    Answer.PASSED: KeyWord.PASSED,
    Answer.NOT_UNDERSTOOD: KeyWord.NOT_UNDERSTOOD,
    Answer.OVER: KeyWord.TOO_LATE,
}


class Keypress:
    """Answers a call that goes on, as one plan says.

    The signature is checked with the account's auth token: API keys sign nothing
    (https://www.twilio.com/docs/usage/security).
    """

    def __init__(
        self, store: Store, engine: Engine, board: Switchboard, plan: Plan, public_url: str
    ) -> None:
        self._store, self._engine, self._board = store, engine, board
        self._token = plan.twilio.auth_token or ""
        self._channels = {channel.name: channel for channel in plan.channels}
        self.account_sid = plan.twilio.account_sid
        self.public_url = public_url

    def now(self) -> datetime:
        return self._board.clock.now().utc

    def verify(self, url: str, params: list[tuple[str, str]], given: str | None) -> bool:
        return bool(self._token) and signature.signed(url, params, given, self._token)

    async def attempt(self, id_: str) -> Attempt | None:
        return await self._store.attempt(id_)

    async def page_of(self, attempt: Attempt) -> Page:
        return await self._store.page_of(attempt)

    async def acknowledge(self, ids: Iterable[str], by: str) -> list[Incident]:
        return await self._engine.acknowledge(ids, by, How.KEY)

    def pressed(self, attempt_id: str, key: str) -> None:
        if self._board.keys.get(attempt_id) != ACKNOWLEDGES:
            self._board.keys[attempt_id] = key
        self._board.nudge(attempt_id)

    def nudge(self, attempt_id: str) -> None:
        self._board.nudge(attempt_id)

    def reply(self, attempt: Attempt, page: Page, what: Answer) -> str:
        channel = self._channels.get(attempt.channel) or _bare(attempt)
        speech = speech_of(self._board, attempt, page, channel)
        url = keys_url(self._board.voice, attempt) or self.public_url
        if what is Answer.REPEAT:
            return twiml.document(speech, url)
        said = _said(SAID[what], attempt, page, channel)
        if what is Answer.NOT_UNDERSTOOD:
            return twiml.document(replace(speech, text=f"{said.text} {speech.text}"), url)
        return twiml.answer(said.text, said)


def _said(word: KeyWord, attempt: Attempt, page: Page, channel: Channel) -> Speech:
    contact = contact_of(attempt, channel)
    told = page.tells(attempt) or page.incidents
    return key_words(word, told, channel.language_for(contact), channel.voice_for(contact))


def _bare(attempt: Attempt) -> Channel:
    """The channel of a call that outlived it."""
    return Channel(name=attempt.channel, to=(Contact(name=attempt.contact, phone=attempt.to),))
