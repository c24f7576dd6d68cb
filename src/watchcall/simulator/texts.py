"""Every text there is, and what can be done with one: send it, receive it."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter

from watchcall.simulator.call import Form
from watchcall.simulator.clock import Clock
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.outward import Outward
from watchcall.simulator.script import Script
from watchcall.simulator.tasks import Tasks
from watchcall.simulator.text import Text, TextStatus
from watchcall.simulator.textbehaviour import TextBehaviour, TextDoes
from watchcall.simulator.textcallbacks import TextCallbacks


class Texts:
    """Holds the texts, by SID in the order in which they came to be, and lets them live."""

    def __init__(self, script: Script, clock: Clock, ledger: Ledger, token: str) -> None:
        self.texts: dict[str, Text] = {}
        self.script = script
        self._clock, self._ledger = clock, ledger
        self._tasks = Tasks()
        self._callbacks = TextCallbacks(
            ledger, self._tasks, Outward(token, lambda: self.script.public)
        )
        self._asked: Counter[str] = Counter()

    def next_behaviour(self, number: str) -> TextBehaviour:
        """Return what the script says of this request for a text, and count it."""
        self._asked[number] += 1
        return self.script.text_behaviour(number, self._asked[number] - 1)

    def send(self, account_sid: str, form: Form, behaviour: TextBehaviour) -> Text:
        """Take a text to send; it is on its way at once."""
        now = self._clock.now()
        sender = form.get("From", [""])[0] or None
        text = Text(
            sid=_sid(media="MediaUrl" in form),
            account_sid=account_sid,
            to=form["To"][0],
            sender=sender,
            body=form.get("Body", [""])[0],
            created=now,
            since=now,
            status=TextStatus.QUEUED if sender else TextStatus.ACCEPTED,
            behaviour=behaviour,
            params=form,
            price_unit=self.script.price_unit,
        )
        self.texts[text.sid] = text
        self._tell(text, was=None)
        self._tasks.spawn(self._live(text))
        return text

    def receive(self, account_sid: str, sender: str, to: str, body: str) -> Text:
        """Somebody texts one of our numbers."""
        now = self._clock.now()
        text = Text(
            sid=_sid(),
            account_sid=account_sid,
            to=to,
            sender=sender,
            body=body,
            created=now,
            since=now,
            status=TextStatus.RECEIVED,
            direction="inbound",
            sent=now,
            price_unit=self.script.price_unit,
        )
        self.texts[text.sid] = text
        self._ledger.write("inbound-text", **_about(text))
        self._tasks.spawn(self._settle(text))
        return text

    async def stop(self) -> None:
        await self._tasks.stop()

    async def _live(self, text: Text) -> None:
        if text.status is TextStatus.ACCEPTED:
            text.sender = self.script.text_from
            self._move(text, TextStatus.QUEUED)
        await self._clock.wait(self.script.queued)
        self._move(text, TextStatus.SENDING)
        await self._clock.wait(self.script.text_sent_after)
        if text.behaviour.fate is TextDoes.FAILED:
            return self._move(text, TextStatus.FAILED)
        self._move(text, TextStatus.SENT)
        await self._clock.wait(self.script.text_delivered_after)
        if text.behaviour.fate is not TextDoes.SENT:
            self._move(text, TextStatus(text.behaviour.fate.value))
        await asyncio.gather(self._settle(text), self._answer(text))
        return None

    async def _answer(self, text: Text) -> None:
        """The person has it, and may answer."""
        answer = text.behaviour.answer(text.body, self.script.code_pattern)
        if answer is not None and text.sender is not None:
            await self._clock.wait(text.behaviour.reply_after)
            self.receive(text.account_sid, text.to, text.sender, answer)

    async def _settle(self, text: Text) -> None:
        """The price comes late, and only a text that left Twilio, or came there, has one."""
        await self._clock.wait(self.script.price_after)
        text.price = self.script.text_price * text.segments
        self._ledger.write(
            "price", sid=text.sid, to=text.to, price=text.price, price_unit=text.price_unit
        )

    def _move(self, text: Text, status: TextStatus) -> None:
        was = text.status
        text.move(status, self._clock.now())
        self._tell(text, was)

    def _tell(self, text: Text, was: TextStatus | None) -> None:
        self._ledger.write(
            "text",
            **_about(text),
            status=text.status.value,
            was=None if was is None else was.value,
            code=text.error,
        )
        self._callbacks.tell(text)


def _sid(*, media: bool = False) -> str:
    return f"{'MM' if media else 'SM'}{uuid.uuid4().hex}"


def _about(text: Text) -> dict[str, object]:
    return {
        "sid": text.sid,
        "to": text.to,
        "from": text.sender,
        "body": text.body,
        "segments": text.segments,
    }
