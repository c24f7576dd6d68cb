"""The questions put to somebody at a terminal, one after the other."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from watchcall.init.answers import Answers, Offer
from watchcall.init.discovery import Found
from watchcall.init.discovery.disk import used
from watchcall.init.people import LANGUAGES
from watchcall.init.picking import marked, offered
from watchcall.init.reading import default, read, secret_before, yes
from watchcall.init.refused import Refused
from watchcall.init.setting import Setting
from watchcall.init.steps import Section, Step, cleared, next_step, over
from watchcall.init.terminal import CannotHide, Terminal
from watchcall.init.words import Words

BACK, HELP, QUIT = "<", "?", "q"
YES_NO = (Step.MORE, Step.RECOVERIES)
NUMBERS = (Step.CALLER, Step.PHONE)


class Quit(Exception):
    """The operator wants nothing to be written."""


class Conversation:
    """Asks until every question has an answer.

    look: finds what runs here; called once, when it is needed
    """

    def __init__(
        self, terminal: Terminal, words: Words, setting: Setting, look: Callable[[], Found]
    ) -> None:
        self._terminal, self._words, self._setting = terminal, words, setting
        self._look: Callable[[], Found] | None = look
        self._past: list[Answers] = []  # to go back to, the last one last

    def complete(self, answers: Answers) -> Answers:
        """Return the answers with those that were missing."""
        shown: Section | None = None
        while (step := next_step(answers)) is not Step.REVIEW:
            if step.section is not shown:
                shown = step.section
                self._heading(shown)
            answers = self._answered(step, answers)
        return answers

    def reviewed(self, answers: Answers, summary: Callable[[Answers], None]) -> Answers:
        """Return the answers that are to be written. Raises Quit.

        summary: shows all of them
        """
        while True:
            answers = self.complete(answers)
            self._terminal.say()
            summary(answers)
            self._terminal.say()
            text = narrow(self._terminal.ask(f"{self._words('ask.review')}:").strip().lower())
            if not text:
                return answers
            answers = self._corrected(text, answers)

    def again(self, answers: Answers, sections: tuple[Section, ...]) -> Answers:
        """Return the answers without those of some sections, which are the defaults then."""
        self._setting = replace(self._setting, before=answers)
        self._past = []
        for section in sections:
            answers = cleared(answers, section)
        return answers

    def agreed(self, key: str, *, otherwise: bool, **values: object) -> bool:
        """Return what is answered to a question of yes or no; Enter is `otherwise`."""
        while True:
            text = self._terminal.ask(f"{self._words(key, **values)}:").strip()
            try:
                return yes(text) if text else otherwise
            except Refused as refused:
                self._refuse(refused)

    def _corrected(self, text: str, answers: Answers) -> Answers:
        if text == QUIT:
            raise Quit
        if text == HELP:
            self._terminal.say(self._words("help.review"), "dim")
        elif text == BACK:
            return self.again(answers, (max(Section),))
        elif text.isdecimal() and 1 <= int(text) <= max(Section):
            return self.again(answers, (Section(int(text)),))
        else:
            self._refuse(Refused("review", most=max(Section).value))
        return answers

    # One question

    def _heading(self, section: Section | None) -> None:
        if section:
            title = self._words(f"section.{section}")
            self._terminal.say()
            self._terminal.say(f"{section}/{max(Section)}  {title}", "bold")

    def _answered(self, step: Step, answers: Answers) -> Answers:
        """Ask until there is an answer; return the answers with it, or those before."""
        if step is Step.CHECKS:
            self._show_offers(answers)
        refused_text: str | None = None
        while True:
            text = self._ask(step, answers).strip()
            sign = narrow(text)
            if sign == HELP:
                self._terminal.say(self._help(step), "dim")
                continue
            if sign == BACK:
                return self._back(answers)
            insisted = refused_text is not None and text == refused_text
            try:
                given = read(step, text, answers, self._setting, insisted=insisted)
            except Refused as refused:
                self._refuse(refused)
                refused_text = text if refused.insist else None
                continue
            self._echo(step, text, answers, given)
            if next_step(given) is not step:
                self._past.append(answers)
            return given

    def _back(self, answers: Answers) -> Answers:
        """Return the answers of one question before; from a correction, those that were there.

        What was answered since is offered again.
        """
        before = self._setting.before
        if self._past:
            self._setting = replace(self._setting, before=over(answers, before))
            return self._past.pop()
        return before if next_step(before) is Step.REVIEW else answers

    def _ask(self, step: Step, answers: Answers) -> str:
        prompt = self._prompt(step, answers)
        if not step.hidden:
            return self._terminal.ask(prompt)
        try:
            return self._terminal.hidden(prompt)
        except CannotHide:
            self._refuse(Refused("hidden"))
            raise Quit from None

    def _prompt(self, step: Step, answers: Answers) -> str:
        words, given = self._words, default(step, answers, self._setting)
        if step in YES_NO:
            return f"{words(f'ask.{step.value}_yes' if given == 'y' else f'ask.{step.value}')}:"
        again = step in (Step.NAME, Step.LANGUAGE) and answers.people
        key = f"ask.{step.value}_next" if again else f"ask.{step.value}"
        question = words(key, name=answers.name, choices=self._languages())
        if step.hidden and secret_before(step, self._setting):
            given = words("kept_secret")
        return f"{question} [{given}]:" if given else f"{question}:"

    def _languages(self) -> str:
        rows = enumerate(LANGUAGES, 1)
        return "\n".join(f"  {nth}  {self._words(f'language.{tag}')}  {tag}" for nth, tag in rows)

    def _help(self, step: Step) -> str:
        region = self._setting.region
        if step is Step.PHONE and region is None:
            return self._words("help.phone_anywhere")
        choices = self._languages() if step is Step.LANGUAGE else ""
        return self._words(f"help.{step.value}", country=region, choices=choices)

    def _refuse(self, refused: Refused) -> None:
        self._terminal.say(self._words(f"refused.{refused.code}", **refused.values), "red")

    def _echo(self, step: Step, text: str, before: Answers, given: Answers) -> None:
        """Show what was understood, where that is not what was typed."""
        if step in NUMBERS:
            number = given.phone if step is Step.PHONE else given.caller
            if text and number != text:
                self._terminal.say(self._words("is_number", number=number), "dim")
        elif step.hidden and given.secret:
            self._terminal.say(self._words("characters", count=len(given.secret)), "dim")

    # What is found

    def _show_offers(self, answers: Answers) -> None:
        if self._look is not None:
            self._terminal.say(self._words("looking"), "dim")
            found, self._look = self._look(), None
            self._setting = replace(self._setting, offers=found.offers, units=found.units)
        offers, ticked = offered(answers, self._setting), marked(answers, self._setting)
        self._terminal.say(self._words("found"))
        names = max(len(offer.name) for offer in offers)
        for nth, offer in enumerate(offers, 1):
            tick = "x" if offer.name in ticked else " "
            head, about = f"  {nth:2} [{tick}] {offer.name}", described(offer, self._words)
            style = "green" if tick == "x" else None
            self._terminal.row(head, about, start=names + 11, style=style)


def narrow(text: str) -> str:
    """Return what a Japanese input method may have left wide, as it is meant."""
    return unicodedata.normalize("NFKC", text)


def described(offer: Offer, words: Words) -> str:
    """Return what an offer is, and how it is now."""
    match offer.kind:
        case _ if not offer.looked:
            key = "offer.added"
        case "unit" if not offer.runs:
            key = "offer.unit_down"
        case "http" if offer.owner:
            key = "offer.http_owner"
        case _:
            key = f"offer.{offer.kind}"
    seen = {"status": offer.status, "owner": offer.owner}
    full = used(offer.target) if offer.kind == "host" else 0
    return words(key, kind=offer.kind, target=offer.target, used=full, **seen)
