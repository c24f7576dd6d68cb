"""What the documents say is so: configurations load, commands exist, links lead somewhere."""

from __future__ import annotations

import errno
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.files import HTTPD, ME, TWILIO, loaded
from watchcall import confinement, rights
from watchcall.cli import COMMANDS, _parser, surroundings
from watchcall.config.model import Config
from watchcall.core import refusal
from watchcall.core.attempt import Outcome
from watchcall.core.reason import Reason
from watchcall.core.ruling import Ruling
from watchcall.core.words.en import ENGLISH
from watchcall.errors import CannotAsk
from watchcall.events import bus
from watchcall.service import fitness
from watchcall.simulator import script
from watchcall.status import told_by

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("systemd/**/*.md")]
)


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(page: str, language: str) -> Iterator[str]:
    """Yield the fenced blocks in a language."""
    fence = rf"^```{language}\n(.*?)^```$"
    return (found[1] for found in re.finditer(fence, text_of(page), re.MULTILINE | re.DOTALL))


def code(page: str) -> Iterator[str]:
    """Yield what is written as code: line by line of blocks, and what stands in backticks."""
    text = text_of(page)
    fenced = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for block in fenced:
        yield from block.splitlines()
    yield from re.findall(r"^ {4}(.*)$", rest, re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", rest)


def toml() -> Iterator[object]:
    for page in PAGES:
        for nth, block in enumerate(blocks(page, "toml"), 1):
            yield pytest.param(block, id=f"{page}, {nth}")


@pytest.mark.parametrize("block", [*toml()])
def test_a_configuration_or_a_script_that_is_shown_loads(block: str, tmp_path: Path) -> None:
    """What is shown of a configuration is completed by the least that it needs."""
    tables = tomllib.loads(block)
    if not tables.keys() <= Config.model_fields.keys():
        script.read(tables)
        return
    least = {"twilio": TWILIO, "contact": ME, "check": HTTPD}
    missing = [text for table, text in least.items() if table not in tables]
    found = loaded(tmp_path, block + "".join(missing))
    assert found.warnings == ()


@pytest.mark.parametrize("page", ["README.md", "README.ja.md", "docs/how-to/reaching-people.md"])
def test_the_first_configuration_of_a_page_is_complete(page: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, next(blocks(page, "toml")))

    assert [contact.name for contact in found.config.contact] == ["me", "kei", "mia"]
    assert [channel.fallback for channel in found.config.channel] == ["text", None]


def command_lines() -> Iterator[object]:
    """Yield what stands where a command does, in a line of code."""
    for page in PAGES:
        for line in dict.fromkeys(code(page)):
            found = re.match(r"(?:\$ |sudo )*(?:\S*/)?watchcall (?=[a-z])(.*)", line)
            if found:
                yield pytest.param(_words(found[1]), id=f"{page}: {found[1]}")


def _words(line: str) -> list[str]:
    """Split as a shell does; what comes after the command is left out."""
    words = shlex.split(line, comments=True)
    ends = [at for at, word in enumerate(words) if word in ("&", "&&", "|", ">", "2>", "/")]
    return words[: ends[0]] if ends else words


@pytest.mark.parametrize("words", [*command_lines()])
def test_a_command_that_is_shown_exists_and_understands_what_is_given_to_it(
    words: list[str],
) -> None:
    assert words[0] in COMMANDS
    if len(words) > 1:  # else it is only named
        _parser(words).parse_args([word.strip("[]") for word in words if word != "--help"])


def test_the_readme_shows_every_command() -> None:
    before, _, _ = text_of("README.md").partition("## What you can rely on")
    rows = re.findall(r"^\| `watchcall ([a-z-]+)", before, re.MULTILINE)

    assert sorted(rows) == sorted(COMMANDS)


def test_the_changelog_names_every_command_where_it_belongs() -> None:
    there, _, _ = text_of("CHANGELOG.md").partition("### Not available yet")

    assert [name for name in COMMANDS if f"`{name}`" not in there.replace("watchcall ", "")] == []


def links() -> Iterator[object]:
    for page in PAGES:
        for target in dict.fromkeys(re.findall(r"\]\(([^)\s]+)\)", text_of(page))):
            if not re.match(r"[a-z]+:", target):
                yield pytest.param(page, target, id=f"{page}: {target}")


@pytest.mark.parametrize(("page", "target"), [*links()])
def test_a_link_leads_somewhere(page: str, target: str) -> None:
    path, _, part = target.partition("#")
    there = (ROOT / page).parent / path if path else ROOT / page

    assert there.exists()
    assert not part or part in _parts(there)


def _parts(page: Path) -> list[str]:
    """Return what a page's headings are called in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings]


# The reference

REFERENCE = text_of("docs/reference/outcomes-and-errors.md")
REMEDIES = [
    (remedy, codes) for remedies in refusal._BY_FAULT.values() for remedy, codes in remedies.items()
]


@pytest.mark.parametrize(("remedy", "codes"), REMEDIES, ids=[remedy for remedy, _ in REMEDIES])
def test_the_reference_has_every_code_beside_its_remedy(
    remedy: str, codes: tuple[int, ...]
) -> None:
    rows = [row for row in REFERENCE.splitlines() if row.endswith(f"| {remedy} |")]

    assert [sorted(map(int, re.findall(r"\b\d{3,6}\b", row))) for row in rows] == [sorted(codes)]


@pytest.mark.parametrize("outcome", Outcome)
def test_the_reference_has_every_outcome_and_whether_it_reaches(outcome: Outcome) -> None:
    (row,) = (row for row in REFERENCE.splitlines() if row.startswith(f"| `{outcome.value}` "))

    assert row.split("|")[4].strip().startswith("yes") is outcome.reached


@pytest.mark.parametrize("ruling", [one for one in Ruling if not one.tells])
def test_the_reference_has_every_reason_to_stay_quiet(ruling: Ruling) -> None:
    assert ruling.value in " ".join(REFERENCE.split())


# What the page on trouble quotes of systemd, D-Bus and security modules

TROUBLE = " ".join(text_of("docs/reference/trouble.md").split())
SELINUX = confinement.Module(
    name="SELinux", standing="enforcing, domain …", denies=True, asked=confinement.SELINUX_SAYS
)
APPARMOR = confinement.Module(
    name="AppArmor", standing="profile …", denies=True, asked=confinement.APPARMOR_SAYS
)
DENIED = PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def said(code: str, **values: str | int) -> str:
    return ENGLISH.reason(Reason.of(code, **values))


@pytest.mark.parametrize(
    "message",
    [
        said("unit.cannot_look", error="…"),
        said("unit.cannot_look", error="it does not run on this machine"),
        said("process.cannot_look", error="/proc/1/comm: Permission denied; SELinux …"),
        said("process.unreadable", name="", count=3).removeprefix(": "),
        said("process.pidfile_unreadable", path="…", error="Permission denied, though …"),
        said("http.cannot_look", error="Permission denied; …"),
        said("http.cannot_look", error="/etc/resolv.conf: Permission denied, though …"),
        said("tcp.cannot_look", error="…"),
        said("command.cannot_run", name="…", error="Permission denied, though …"),
        f"systemd 245 runs this machine, and the unit needs {fitness.OLDEST}",
        f"it was only tried with {fitness.TRIED} and newer",
        f"the system bus did not answer within {bus.DEADLINE_S:g} s",
    ],
)
def test_the_page_on_trouble_quotes_what_is_said(message: str) -> None:
    assert message in TROUBLE


@pytest.mark.parametrize("module", [SELINUX, APPARMOR], ids=str)
def test_the_page_on_trouble_quotes_what_is_said_of_a_module(
    module: confinement.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confinement, "modules", lambda: (module,))
    suspect = confinement.suspect()

    assert suspect is not None
    assert f"{suspect}`" in TROUBLE


async def test_the_page_on_trouble_quotes_what_is_said_without_a_bus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    with pytest.raises(CannotAsk) as caught:
        await bus.Bus.open(lambda _: None)

    assert f"`units: {told_by('dbus', str(caught.value))}`" in TROUBLE


def test_the_page_on_trouble_quotes_the_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "BOOTED", Path("/nowhere"))

    assert surroundings.systemd().detail in TROUBLE


def test_the_page_on_trouble_quotes_a_denial_that_nobody_claims(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(confinement, "modules", lambda: ())
    (tmp_path / "file").touch()
    what, _, blamed = rights.explained(DENIED, tmp_path / "file").partition("; ")

    assert f"`{what}; SELinux" in TROUBLE
    assert f"`{blamed}`" in TROUBLE
