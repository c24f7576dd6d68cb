"""All answers on one page, before they are written."""

from __future__ import annotations

import grp
from collections.abc import Iterator

from watchcall.init.answers import KEY, Answers
from watchcall.init.files import Home
from watchcall.init.steps import Section
from watchcall.init.terminal import Terminal
from watchcall.init.words import Words


def show(answers: Answers, home: Home, terminal: Terminal, words: Words) -> None:
    """Show what will be written, under the numbers by which it can be changed."""
    terminal.say(words("review"), "bold")
    for section in Section:
        terminal.say(f"  {section.value}  {words(f'section.{section.value}')}")
        for line in _lines(section, answers, home, words):
            terminal.say(f"       {line}")
    terminal.say(f"  {words('file_goes', path=_file(home, words))}")


def _lines(section: Section, answers: Answers, home: Home, words: Words) -> Iterator[str]:
    match section:
        case Section.ACCOUNT:
            key = "review.account_api" if answers.api_url else "review.account"
            yield words(key, sid=answers.account_sid, api_url=answers.api_url)
        case Section.CREDENTIALS:
            path = home.secret(answers.means)
            if answers.means == KEY:
                yield words("review.key", sid=answers.key_sid, path=path)
            else:
                yield words("review.token", count=len(answers.token or ""), path=path)
        case Section.CALLER:
            yield answers.caller or ""
        case Section.PEOPLE:
            for one in answers.people:
                yield words("review.person", name=one.name, phone=one.phone, language=one.language)
        case Section.RECOVERIES:
            yield words(f"review.recoveries_{'yes' if answers.recoveries else 'no'}")
        case Section.CHECKS:
            for offer in answers.checks or ():
                yield f"{offer.name}  ({offer.kind}: {offer.target})"


def _file(home: Home, words: Words) -> str:
    mode = f"{home.mode:04o}"
    if home.group is None:
        return words("review.file", path=home.path, mode=mode)
    group = grp.getgrgid(home.group).gr_name
    return words("review.file_group", path=home.path, mode=mode, group=group)
