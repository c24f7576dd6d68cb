"""The life of one call: ring, speak, listen for keys, hang up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urljoin

from watchcall.simulator.behaviour import Does
from watchcall.simulator.call import Call, Speaking, Status
from watchcall.simulator.clock import Clock
from watchcall.simulator.ledger import Ledger
from watchcall.simulator.outward import NotFetched
from watchcall.simulator.refusal import Refusal
from watchcall.simulator.script import Script
from watchcall.simulator.twiml import Gather, Hangup, Pause, Redirect, Say, Step, parse

RING_TIMEOUT = 60  # Twilio's default
TIME_LIMIT = 14400  # the same
MAX_REDIRECTS = 10
NO_DOCUMENT = 11200  # "HTTP retrieval failure"
APOLOGY = Say("We are sorry, an application error has occurred. Goodbye.")  # Twilio says that
PREAMBLE = Gather(  # of trial accounts (https://www.twilio.com/docs/usage/trials)
    steps=(Say("You have a trial account. Press any key to execute your code."),),
    digits=1,
    finish="",
)
ENDINGS = {
    Does.BUSY: Status.BUSY,
    Does.NO_ANSWER: Status.NO_ANSWER,
    Does.FAIL: Status.FAILED,
}

Move = Callable[[Call, Status], None]
Fetch = Callable[[Call, str, Redirect], Awaitable[str]]


class Line:
    """Lets a call live until its end.

    move:  changes a call's status, and tells whom it concerns
    fetch: gets the TwiML of a call from a URL; NotFetched otherwise
    """

    def __init__(
        self, call: Call, script: Script, clock: Clock, ledger: Ledger, move: Move, fetch: Fetch
    ) -> None:
        self._call, self._script, self._clock, self._ledger = call, script, clock, ledger
        self._move, self._fetch = move, fetch
        self._keys = iter(call.behaviour.keys)

    async def live(self) -> None:
        """Live from the moment of being dialed."""
        await self._ring()
        if self._call.status is Status.IN_PROGRESS:
            await self._talk()
            self._move(self._call, Status.COMPLETED)

    async def _ring(self) -> None:
        behaviour, phone = self._call.behaviour, self._call.behaviour.phone_does
        patience = float(self._call.param("Timeout", str(RING_TIMEOUT)))
        ring = patience if phone is Does.NO_ANSWER else behaviour.rings_for
        if ring or phone not in ENDINGS:
            self._move(self._call, Status.RINGING)
        await self._clock.wait(min(ring, patience))
        if ring >= patience:
            return self._move(self._call, Status.NO_ANSWER)
        if phone is Does.FAIL:
            self._call.errors.append(behaviour.failure)
        return self._move(self._call, ENDINGS.get(phone, Status.IN_PROGRESS))

    async def _talk(self) -> None:
        """Speak until the words are over, the phone has heard enough, or time is up."""
        limit = float(self._call.param("TimeLimit", str(TIME_LIMIT)))
        talk = self._call.behaviour.talk
        patience = limit if talk is None else min(talk, limit)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._clock.real(patience)):
                await self._detect()
                if self._script.account_type != "Trial" or await self._listen(PREAMBLE):
                    await self._speak()

    async def _detect(self) -> None:
        """Find out who answered; unless asynchronous, nothing is said meanwhile."""
        wanted = self._call.param("MachineDetection")
        if not wanted or self._call.param("SendDigits"):  # SendDigits turns detection off
            return
        if self._call.param("AsyncAmd") != "true":
            await self._clock.wait(self._script.detection)
        found = self._call.behaviour.detected_as
        if wanted == "DetectMessageEnd" and found == "machine_start":
            found = "machine_end_beep"
        self._call.answered_by = found
        self._ledger.write("detected", sid=self._call.sid, to=self._call.to, answered_by=found)

    async def _speak(self) -> None:
        url = self._call.param("Url")
        if url:
            steps = await self._document(url, Redirect(url, self._call.param("Method", "POST")))
        else:
            steps = parse(self._call.param("Twiml", "<Response/>"))
        left = MAX_REDIRECTS
        while left and (onward := await self._perform(steps)):
            left = MAX_REDIRECTS if onward.digits else left - 1  # keys come to an end by themselves
            url = urljoin(url, onward.url)
            steps = await self._document(url, onward)

    async def _document(self, url: str, onward: Redirect) -> Sequence[Step]:
        try:
            return parse(await self._fetch(self._call, url, onward))
        except NotFetched:
            self._call.errors.append(NO_DOCUMENT)
        except Refusal as refusal:
            self._call.errors.append(refusal.code)
        return [APOLOGY]

    async def _perform(self, steps: Sequence[Step]) -> Redirect | None:
        for step in steps:
            match step:
                case Say():
                    await self._say(step)
                case Pause(seconds):
                    await self._clock.wait(seconds)
                case Redirect():
                    return step
                case Gather():
                    digits = await self._listen(step)
                    if digits or step.always:
                        return Redirect(step.action, step.method, digits)
                case Hangup():
                    return None
        return None

    async def _listen(self, gather: Gather) -> str:
        """Return what is pressed, once nothing more is awaited; a key interrupts the words."""
        keys = next(self._keys, "").strip() if gather.listens else ""
        after = self._clock.real(self._call.behaviour.keys_after)
        try:
            async with asyncio.timeout(after if keys else None):
                await self._perform(gather.steps)
                await self._clock.wait(gather.timeout)
                return ""
        except TimeoutError:
            digits, enough = gather.taken(keys)
        about = {"sid": self._call.sid, "to": self._call.to}
        self._ledger.write("pressed", **about, keys=keys, digits=digits)
        if not enough:
            await self._clock.wait(gather.timeout)
        return digits

    async def _say(self, say: Say) -> None:
        """Say it; whatever interrupts, what was heard until then is kept."""
        call, seconds = self._call, self._clock.real(say.seconds)
        voice = {"language": say.language, "voice": say.voice}
        speaking = Speaking(say=say, began=self._clock.now(), seconds=seconds)
        call.speaking, heard = speaking, None
        about = {"sid": call.sid, "to": call.to, **voice}
        self._ledger.write("speaking", **about, words=say.words, seconds=round(seconds, 3))
        try:
            await asyncio.sleep(seconds)
            heard = say.words
        finally:
            words = speaking.so_far(self._clock.now()) if heard is None else heard
            call.speaking = None
            call.heard.append(words)
            self._ledger.write("heard", **about, words=words, complete=heard is not None)
