"""Setting up from the first question to what comes next."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from watchcall.errors import WatchCallError
from watchcall.init import discovery, files, flags, summary
from watchcall.init.answers import Answers
from watchcall.init.conversation import Conversation, Quit
from watchcall.init.discovery import Found
from watchcall.init.document import Place, document
from watchcall.init.files import File
from watchcall.init.flags import Flags, Wrong
from watchcall.init.next import Next
from watchcall.init.setting import Setting
from watchcall.init.steps import Section
from watchcall.init.terminal import Stopped, Terminal
from watchcall.init.tools import Tools
from watchcall.init.words import Words, language_of

TAGS = {"en": "en-US", "ja": "ja-JP"}
# What is asked again where Twilio refuses something.
MENDS = {
    "credentials": (Section.ACCOUNT, Section.CREDENTIALS),
    "from": (Section.CALLER,),
}
DENIED = (errno.EACCES, errno.EPERM)  # root may
WHY = {
    errno.EACCES: "why.denied",
    errno.EPERM: "why.denied",
    errno.EROFS: "why.read_only",
    errno.ENOSPC: "why.full",
    errno.EISDIR: "why.folder",
    errno.ENOTDIR: "why.no_folder",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How setting up goes, besides the answers.

    asks: whether somebody sits at a terminal and may be asked
    """

    asks: bool
    config: Path | None = None
    language: str | None = None
    assume: bool = False
    force: bool = False
    doctor: bool = True
    test_call: bool = False


class Setup:
    """One run of `watchcall init`."""

    def __init__(
        self,
        given: Flags,
        options: Options,
        tools: Tools,
        terminal: Terminal,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        locale, region = language_of(environ)
        self._flags, self._options, self._tools = given, options, tools
        self._terminal, self._environ = terminal, environ
        self._words = Words(options.language or locale)
        self._home = files.home(options.config, environ, os.geteuid() == 0)
        self._region = region or ("JP" if self._words.tag == "ja" else None)
        self._next = Next(self._home, tools, terminal, self._words, environ)
        self._written: set[Path] = set()

    def run(self) -> bool:
        """Set up; return whether all is well. Raises Wrong, ConfigError, WatchCallError."""
        try:
            return self._run()
        except (KeyboardInterrupt, Stopped, Quit):
            self._terminal.say()
            key = "stopped_later" if self._written else "stopped"
            self._terminal.say(self._words(key, path=self._home.path))
            return False

    def _run(self) -> bool:
        self._refuse_unwritable()
        if not self._may_write():
            self._terminal.say(self._words("exists.kept", path=self._home.path))
            return False
        reader = flags.Reader(self._flags, self._environ, self._setting(Found(offers=())))
        answers, problems = reader.answers(), reader.problems(self._words)
        if not self._options.asks:
            lacking = reader.missing(answers, self._words, assume=self._options.assume)
            if lacking:
                problems += [self._words("missing"), *(f"  {one}" for one in lacking)]
        if problems:
            raise Wrong(problems)
        return self._in_conversation(answers) if self._options.asks else self._at_once(answers)

    # Without anybody to ask

    def _at_once(self, answers: Answers) -> bool:
        found = discovery.discover(_ports(answers))
        answers = replace(
            answers,
            recoveries=bool(answers.recoveries),
            checks=flags.picked(self._flags, found, self._words),
        )
        self._write(answers)
        fine = not self._options.doctor or not self._broken()
        if self._options.test_call:
            fine = self._ring(answers) and fine
        self._next.say(answers)
        return fine

    # With somebody

    def _in_conversation(self, answers: Answers) -> bool:
        if not self._written:
            self._greet()
        found = discovery.discover(_ports(answers)) if self._flags.picks else None
        if found:
            checks = flags.picked(self._flags, found, self._words)
            answers = replace(answers, checks=checks, marked=frozenset(one.name for one in checks))
        asking = Conversation(
            self._terminal,
            self._words,
            self._setting(found or Found(offers=())),
            lambda: found or discovery.discover(_ports(answers)),
        )
        answers = asking.reviewed(answers, self._show)
        self._write(answers)
        fine, answers = self._examined(asking, answers)
        fine = self._rung(asking, answers) and fine
        self._next.say(answers)
        return fine

    def _greet(self) -> None:
        self._terminal.say(self._words("hello"))
        self._terminal.say(self._words("keys"))
        self._terminal.say(self._words("file_goes", path=self._home.path))

    def _show(self, answers: Answers) -> None:
        summary.show(answers, self._home, self._terminal, self._words)

    def _examined(self, asking: Conversation, answers: Answers) -> tuple[bool, Answers]:
        """Let doctor look; where Twilio refuses an answer, ask again for that one."""
        while self._options.doctor and (broken := self._broken()):
            wrong = [subject for subject in MENDS if subject in broken]
            if not wrong:
                return False, answers
            what = ", ".join(self._words(f"wrong.{subject}") for subject in wrong)
            self._terminal.say(self._words("wrong", what=what), "red")
            if not asking.agreed("wrong.ask", otherwise=True):
                return False, answers
            sections = tuple(section for subject in wrong for section in MENDS[subject])
            answers = asking.reviewed(asking.again(answers, sections), self._show)
            self._write(answers)
        return True, answers

    def _rung(self, asking: Conversation, answers: Answers) -> bool:
        name = answers.people[0].name
        self._terminal.say()
        if not self._options.test_call and not asking.agreed(
            "ring.ask", otherwise=False, name=name
        ):
            return True
        try:
            return self._ring(answers)
        except WatchCallError as error:
            self._terminal.say(str(error), "red")
            return False

    # Both

    def _ring(self, answers: Answers) -> bool:
        return self._tools.ring(self._home.path, answers.people[0].name, self._words.tag)

    def _setting(self, found: Found) -> Setting:
        return Setting(
            region=self._region,
            language=TAGS[self._words.tag],
            offers=found.offers,
            units=found.units,
        )

    def _refuse_unwritable(self) -> None:
        if (number := files.unwritable(self._home.path)) is not None:
            text = self._words("unwritable", path=self._home.path, why=self._why(number))
            helps = number in DENIED and os.geteuid() != 0
            raise WatchCallError(f"{text}; {self._words('try_root')}" if helps else text)

    def _why(self, number: int) -> str:
        """Return what an errno says, in our words where we have them."""
        key = WHY.get(number)
        return self._words(key) if key else os.strerror(number).lower()

    def _may_write(self) -> bool:
        """Whether a file may be written: where there is one, somebody has to say so."""
        path = self._home.path
        if self._options.force or not os.path.lexists(path):
            return True
        backup = files.backup_of(path).name
        if not self._options.asks:
            raise Wrong([self._words("refuse_overwrite", path=path, backup=backup)])
        self._terminal.say(self._words("exists", path=path))
        asking = Conversation(
            self._terminal, self._words, self._setting(Found(offers=())), lambda: Found(offers=())
        )
        return asking.agreed("exists.ask", otherwise=False, backup=backup)

    def _write(self, answers: Answers) -> None:
        home, secret = self._home, self._home.secret(answers.means)
        place = Place(
            secret=secret, system=home.system, apply=self._next.apply, example=files.example()
        )
        text = document(answers, place, self._words)
        whole = [
            File(path=secret, text=f"{answers.secret}\n", mode=0o600),
            File(path=home.path, text=text, mode=home.mode, group=home.group),
        ]
        try:
            # what we wrote ourselves a minute ago is nobody's loss
            backups = files.write(whole, home.group, lost=self._written)
        except OSError as error:
            why = self._why(error.errno or errno.EIO)
            text = self._words("unwritable", path=error.filename or home.path, why=why)
            raise WatchCallError(text) from None
        self._written |= {home.path, secret}
        self._say_written(backups)
        for warning in self._tools.check(home.path, self._words.tag):
            self._terminal.say(self._words("warning", text=warning), "yellow")

    def _say_written(self, backups: Sequence[Path]) -> None:
        words, path = self._words, self._home.path
        self._terminal.say()
        self._terminal.say(words("written", path=path), "green")
        for backup in backups:
            secret = backup.name.startswith(tuple(files.CREDENTIALS.values()))
            self._terminal.say(words("kept_old_secret" if secret else "kept", backup=backup))
        if self._home.system and self._home.group is None:
            self._terminal.say(words("no_group", path=path), "yellow")

    def _broken(self) -> list[str]:
        """Let doctor look; return the subjects of its errors."""
        self._terminal.say()
        self._terminal.say(self._words("doctor"), "bold")
        found = self._tools.doctor(self._home.path, self._words.tag)
        return [one.subject for one in found if one.state == "error"]


def _ports(answers: Answers) -> tuple[int, ...]:
    """Return the port of a simulator: it stands for Twilio, and is nothing to be watched."""
    if not answers.api_url:
        return ()
    port = urlsplit(answers.api_url).port
    return (port,) if port else ()
