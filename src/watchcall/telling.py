"""All that lies between the outbox and people, built as one plan wants it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from watchcall.channels.outlets import outlet_of
from watchcall.channels.twilio import Account, LazyTexts, TwilioDesk, TwilioPhone, TwilioTexts
from watchcall.clock import local_zone
from watchcall.config.plan import Plan, TwilioAccount
from watchcall.core.contact import Channel
from watchcall.engine import Engine
from watchcall.keypress import Keypress
from watchcall.pager import Pager
from watchcall.pager.chore import Chore
from watchcall.pager.inbound import Inbound
from watchcall.pager.late import Late
from watchcall.pager.monitor import Monitor
from watchcall.pager.switchboard import Line, Switchboard, Voice
from watchcall.pager.undelivered import LastResort
from watchcall.ports import Clock, Store
from watchcall.web.hooks import hooks_app
from watchcall.web.listen import HooksServer

log = logging.getLogger(__name__)

REST_S = 0.25  # between two changes that wake everybody
AFTER_S = 0.05  # the chores are woken so long after the pager

Adapter = TwilioPhone | TwilioTexts | LazyTexts | TwilioDesk


class Telling:
    """The pager, and the chores beside it: watching the account, taking in answers, asking for
    prices, the command for the undelivered, and (with web.public_url) Twilio's requests."""

    def __init__(self, store: Store, clock: Clock, engine: Engine) -> None:
        self._store, self._clock, self._engine = store, clock, engine
        self._adapters: list[Adapter] = []
        self._chores: dict[str, Chore] = {}
        self._hooks: HooksServer | None = None
        self._resting: asyncio.TimerHandle | None = None  # since somebody was woken
        self._chores_wake: asyncio.TimerHandle | None = None
        self._changed = False  # something, meanwhile
        self._port = 0  # as the plan has it
        self.board = Switchboard(store, clock, Voice(host="", zone=local_zone()))
        self.board.state.on_change = self._state_changed
        self.pager = Pager(self.board)
        self.board.on_change = self.wake
        self.board.on_doubt = self._doubt_account

    async def adopt(self, plan: Plan) -> None:
        """Tell people as this plan says, from now on; what rings goes on ringing.

        Raises StartError where Twilio's requests cannot be listened for.
        """
        await self._serve_hooks(plan)
        self.board.voice = _voice(plan)
        self.board.patience.grace = self._engine.holds.grace
        lists = LazyTexts(account_of(plan.twilio), "lists")  # one for all: nobody waits for them
        lines = {channel.name: _line(plan, channel, lists) for channel in plan.channels}
        desk = TwilioDesk(account_of(plan.twilio), "desk")
        stray = await self.pager.serve(lines)
        await self._engine.retell([one for page in stray for one in page.incidents if one.open])
        await self.pager.posted()  # an old phone may still wait for its answer
        await self._exchange(plan, lines, desk)
        for adapter in self._adapters:
            await adapter.warm()

    def wake(self) -> None:
        """What is told changed, or what became of it.

        The first of many changes wakes everybody at once, the others together a little later:
        a thousand failures in a burst must not make every channel read its pages a thousand times.
        """
        if self._resting is not None:
            self._changed = True
            return
        self._changed = False
        self._resting = asyncio.get_running_loop().call_later(REST_S, self._rested)
        self._wake()

    def _rested(self) -> None:
        self._resting = None
        if self._changed:
            self.wake()

    def _wake(self) -> None:
        self.board.state.only(self._engine.calling)
        self.pager.wake()
        if self._chores_wake is None:  # they ask the store too: whoever calls goes first
            loop = asyncio.get_running_loop()
            self._chores_wake = loop.call_later(AFTER_S, self._wake_chores)

    def _wake_chores(self) -> None:
        self._chores_wake = None
        for name in ("answers", "prices", "undelivered"):
            if name in self._chores:
                self._chores[name].wake()

    async def stop(self) -> None:
        """Begin nothing more; a request that was sent is waited for and written down."""
        for timer in (self._resting, self._chores_wake):
            if timer is not None:
                timer.cancel()
        for chore in self._chores.values():
            await chore.stop()
        await self.pager.stop()
        if self._hooks is not None:
            await self._hooks.stop()
        for adapter in self._adapters:
            adapter.close()

    async def _exchange(self, plan: Plan, lines: Mapping[str, Line], desk: TwilioDesk) -> None:
        """Put new adapters and chores into the place of the old ones."""
        for chore in self._chores.values():
            await chore.stop()
        for adapter in self._adapters:
            adapter.close()
        means = {means for line in lines.values() for means in (line.phone, line.texts)}
        self._adapters = [desk, *(one for one in means if isinstance(one, Adapter))]
        board, store, clock, engine = self.board, self._store, self._clock, self._engine
        self._monitor = Monitor(desk, board, engine, plan.channels, plan.countries)
        people = {one.phone: one.name for made in plan.channels for one in made.to if one.phone}
        answers = Inbound(store, clock, desk, engine, people, board.doubt)
        prices = Late(store, clock, desk, board.release, board.doubt)
        last = LastResort(store, clock, plan.on_undelivered, plan.host)
        self._chores = {
            "account": Chore("account", self._monitor.turn),
            "answers": Chore("answers", answers.turn, least=2),
            "prices": Chore("prices", prices.turn, least=1),
            "undelivered": Chore("undelivered", last.turn),
            "trouble": Chore("trouble", self._tell_trouble),
        }

    def note_overload(self, lasts: bool) -> None:
        """Whether looks have been left out for long, which is WatchCall's own trouble."""
        self.board.state.overloaded(lasts)

    def note_unsaved(self, why: str | None) -> None:
        """Why what is told is kept in memory only, which is WatchCall's own trouble; None: it is
        not."""
        self.board.state.unsaved(why)

    def _state_changed(self) -> None:
        if "trouble" in self._chores:
            self._chores["trouble"].wake()

    def _doubt_account(self) -> None:
        if "account" in self._chores:
            self._chores["account"].wake()

    async def _tell_trouble(self) -> None:
        """The pager's state is itself told, on the channels that want it."""
        await self._monitor.tell()

    async def _serve_hooks(self, plan: Plan) -> None:
        """Listen as this plan says; where that is impossible, go on as before."""
        web, old = plan.web, self._hooks
        if web is None:
            self._hooks = None
            if old is not None:
                await old.stop()
            return
        app = hooks_app(Keypress(self._store, self._engine, self.board, plan, web.public_url))
        if old is not None and (old.host, self._port) == (web.host, web.port):
            old.app = app
            return
        server = HooksServer(app, web.host, web.port)
        await server.start()
        self._hooks, self._port = server, web.port
        if old is not None:
            await old.stop()
        log.info("Twilio's requests are taken at %s port %s", server.host, server.port)


def _line(plan: Plan, channel: Channel, lists: LazyTexts) -> Line:
    if channel.address is not None:
        return Line(channel=channel, outlet=outlet_of(channel.type, channel.address))
    account = account_of(plan.twilio)
    if channel.type == "sms":
        return Line(channel=channel, texts=TwilioTexts(account, channel.name))
    return Line(channel=channel, phone=TwilioPhone(account, channel.name), texts=lists)


def account_of(twilio: TwilioAccount) -> Account:
    """Return the account as the adapters want it."""
    return Account(
        sid=twilio.account_sid,
        user=twilio.api_key_sid or twilio.account_sid,
        secret=twilio.api_key_secret or twilio.auth_token or "",
        caller=twilio.caller,
        api_url=twilio.api_url,
        edge=twilio.edge,
        region=twilio.region,
        timeout=twilio.timeout,
    )


def _voice(plan: Plan) -> Voice:
    return Voice(
        host=plan.host,
        zone=local_zone(),
        shared_from=plan.twilio.shared_from,
        public_url=plan.web.public_url if plan.web else None,
        max_calls_per_hour=plan.max_calls_per_hour,
        group_wait=plan.group_wait,
    )
