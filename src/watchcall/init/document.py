"""The text of the configuration: as one would write it by hand, with the operator's answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from watchcall.init.answers import KEY, Answers, Offer, Person
from watchcall.init.discovery.disk import FULL
from watchcall.init.words import Words

SPOKEN_EXAMPLE = {"en": "the web server", "ja": "ウェブサーバー"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the document has to know of where it will stand.

    secret: the file of the secret
    system: whether systemd hands the secret over, as watchcall.service says
    apply:  the command that lets a change take effect
    example: where every key is explained
    """

    secret: Path
    system: bool
    apply: str
    example: str = "config.toml.example"


def document(answers: Answers, place: Place, words: Words) -> str:
    """Return the whole file; the answers are complete."""
    parts = [
        [
            *_comment(words("file.head", example=place.example)),
            *_comment(words("file.apply", command=place.apply)),
        ],
        [*_twilio(answers, place, words)],
        [*_notify(answers, words)],
        *_people(answers.people, place, words),
        *_checks(answers.checks or (), words),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def quoted(text: str) -> str:
    """Return text as a basic string of TOML, on one line. Lone surrogates cannot be written."""
    # JSON escapes quotes, backslashes and most control characters just so; TOML wants one more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in text.splitlines())


def _twilio(answers: Answers, place: Place, words: Words) -> Iterator[str]:
    yield "[twilio]"
    yield from _comment(words("file.account_sid"))
    yield f"account_sid = {quoted(answers.account_sid or '')}"
    yield ""
    if answers.means == KEY:
        yield from _comment(words("file.api_key"))
        yield f"api_key_sid = {quoted(answers.key_sid or '')}"
    yield from _comment(words("file.secret_system" if place.system else "file.secret_own"))
    key = "api_key_secret_file" if answers.means == KEY else "auth_token_file"
    yield f"{key} = {quoted(str(place.secret))}"
    yield ""
    yield from _comment(words("file.from"))
    yield f"from = {quoted(answers.caller or '')}"
    if answers.api_url:
        yield ""
        yield from _comment(words("file.api_url"))
        yield f"api_url = {quoted(answers.api_url)}"


def _notify(answers: Answers, words: Words) -> Iterator[str]:
    yield "[notify]"
    yield from _comment(words("file.host"))
    yield '# host = "web1"'
    yield ""
    yield from _comment(words("file.recoveries"))
    yield f"call_on_recovery = {'true' if answers.recoveries else 'false'}"


def _people(people: tuple[Person, ...], place: Place, words: Words) -> Iterator[list[str]]:
    for nth, person in enumerate(people):
        head = [] if nth else [*_comment(words("file.people", example=place.example))]
        language = [] if nth else [*_comment(words("file.language"))]
        yield [
            *head,
            "[[contact]]",
            f"name = {quoted(person.name)}",
            f"phone = {quoted(person.phone)}",
            *language,
            f"language = {quoted(person.language)}",
        ]


def _checks(offers: tuple[Offer, ...], words: Words) -> Iterator[list[str]]:
    for nth, offer in enumerate(offers):
        head, spoken = [], []
        if not nth:
            head = [*_comment(words("file.checks"))]
            example = f"# spoken_name = {quoted(SPOKEN_EXAMPLE[words.tag])}"
            spoken = [*_comment(words("file.spoken")), example]
        name, kind = f"name = {quoted(offer.name)}", f"type = {quoted(offer.kind)}"
        yield [*head, "[[check]]", name, *spoken, kind, *_target(offer, words)]


def _target(offer: Offer, words: Words) -> Iterator[str]:
    match offer.kind:
        case "unit":
            yield from _comment(words("file.unit"))
            yield f"unit = {quoted(offer.target)}"
        case "process":
            yield f"process = {quoted(offer.target)}"
        case "http":
            yield f"url = {quoted(offer.target)}"
            yield from _http(offer, words)
        case "host":
            yield from _comment(words("file.host_check"))
            yield f"disk_used = {{ critical = {FULL} }}"
            yield f"path = {quoted(offer.target)}"


def _http(offer: Offer, words: Words) -> Iterator[str]:
    """What answers otherwise than with 2xx now is well when it does so later."""
    if offer.target.startswith(("https://127.", "https://[::1]")):
        yield from _comment(words("file.tls"))
        yield "verify_tls = false"
    if 300 <= offer.status < 500:
        yield from _comment(words("file.http", status=offer.status))
        also = '"3xx"' if offer.status < 400 else str(offer.status)
        yield f'status = ["2xx", {also}]'
