"""The part of Twilio's REST API that is about texts: the Message resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from watchcall.simulator import textresource
from watchcall.simulator.call import Form
from watchcall.simulator.http import Reply, Request
from watchcall.simulator.parameters import NOTHING, as_time, check
from watchcall.simulator.replies import Routes, as_json, not_found, page, troubled, unplaced
from watchcall.simulator.standing import check_text
from watchcall.simulator.text import Text
from watchcall.simulator.textparameters import LIST, check_create
from watchcall.simulator.texts import Texts


class TextApi:
    """Answers requests about texts, as Twilio does or as the script has it.

    routes: below the path of the account
    """

    def __init__(self, account_sid: str, texts: Texts) -> None:
        self._account_sid, self._texts = account_sid, texts
        self.routes: Routes = {
            "/Messages.json": {"GET": self._list, "POST": self._create},
            "/Messages/{Sid}.json": {"GET": self._fetch},
        }

    async def _create(self, request: Request, _: Mapping[str, str]) -> Reply:
        check_create(request.form)
        to = request.form["To"][0]
        check_text(self._texts.script, to, request.form.get("From", [""])[0] or None)
        behaviour = self._texts.next_behaviour(to)
        trouble = behaviour.trouble
        note = {"to": to, "behaviour": behaviour.does.value}
        if not trouble.exists:
            reply = unplaced(trouble)
            return replace(reply, note={**reply.note, **note})
        text = self._texts.send(self._account_sid, request.form, behaviour)
        reply = troubled(trouble, as_json(201, textresource.text(text)))
        return replace(reply, note={**reply.note, **note, "sid": text.sid})

    async def _fetch(self, request: Request, path: Mapping[str, str]) -> Reply:
        check(request.query, NOTHING)
        if path["Sid"] not in self._texts.texts:
            raise not_found(request)
        return as_json(200, textresource.text(self._texts.texts[path["Sid"]]))

    async def _list(self, request: Request, _: Mapping[str, str]) -> Reply:
        check(request.query, LIST)
        found = chosen(self._texts.texts.values(), request.query)
        return page(request, "messages", [textresource.text(text) for text in found])


def chosen(texts: Iterable[Text], query: Form) -> list[Text]:
    """Return the texts that fit every filter, the newest first."""
    fitting = [text for text in texts if _fits(text, query)]
    return sorted(fitting, key=lambda text: text.created.elapsed, reverse=True)


def _fits(text: Text, query: Form) -> bool:
    plain = {"To": text.to, "From": text.sender}
    for name, (value, *_) in query.items():
        if name in plain and plain[name] != value:
            return False
        if name.startswith("DateSent") and not _on_day(text, name[-1], value):
            return False
    return True


def _on_day(text: Text, sign: str, value: str) -> bool:
    """Whole days in GMT, also where a time is given; `<` and `>` include the day itself.

    A text that is not sent yet is in no list that asks for a day.
    """
    wanted = as_time(value)
    if text.sent is None or wanted is None:
        return False
    if isinstance(wanted, datetime):
        wanted = (wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)).astimezone(UTC).date()
    day = text.sent.utc.date()
    if sign == "<":
        return day <= wanted
    return day >= wanted if sign == ">" else day == wanted
