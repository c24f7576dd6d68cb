"""What the pages show as commands: block by block, with what is shown below each.

A block is fenced as `sh`, or indented by four spaces. In one with "$ " these lines are commands,
and what follows each is what it answers. Else every line of a fenced one is a command, and of an
indented one those that begin with a program of PROGRAMS.

A block is run by tests/docs/test_run.py, unless a comment above it says otherwise:
`<!-- not run: why -->` or `<!-- run by tests/…: how -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("systemd/**/*.md")]
)
PROGRAMS = "watchcall make python3 git apt sudo curl systemctl journalctl install export".split()
FILE = re.compile(r"`([a-z]+\.toml)`[^`]*\n\n```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"<!-- ((?:not run|run by [^:]+): .*) -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command, and the lines that are shown below it."""

    text: str
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Commands that stand together.

    line:   where it begins, counted from 1
    lines:  how many its code has, without a fence
    script: its commands belong to one shell, as those of a fenced block do
    mark:   why or by whom it is not run here, None where it is
    """

    page: str
    line: int
    lines: int
    script: bool
    commands: tuple[Command, ...]
    mark: str | None

    @property
    def where(self) -> str:
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def fenced(page: str, language: str) -> list[str]:
    """Return the fenced blocks in a language."""
    fence = rf"^```{language}\n(.*?)^```$"
    return re.findall(fence, text_of(page), re.MULTILINE | re.DOTALL)


def files(page: str) -> list[tuple[str, str]]:
    """Return name and text of each file that the words before a block name."""
    return FILE.findall(text_of(page))


def blocks(page: str) -> list[Block]:
    """Return the blocks of a page that have commands."""
    found = (
        Block(
            page=page,
            line=line,
            lines=len(code),
            script=language == "sh",
            commands=commands_of(language, code),
            mark=mark,
        )
        for line, language, code, mark in pieces(page)
    )
    return [block for block in found if block.commands]


def pieces(page: str) -> Iterator[tuple[int, str, list[str], str | None]]:
    """Yield the beginning, the language ("" if indented), the lines and the mark of each block."""
    lines, mark, at = text_of(page).splitlines(), None, 0
    while at < len(lines):
        line = lines[at]
        if found := MARK.fullmatch(line):
            mark = found[1]
            at += 1
            continue
        if line.startswith("```"):
            end = lines.index("```", at + 1)
            yield at + 1, line.removeprefix("```") or "text", lines[at + 1 : end], mark
            mark, at = None, end + 1
        elif line.startswith("    ") and not lines[at - 1].strip():
            end = at
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            yield at + 1, "", [one[4:] for one in lines[at:end]], mark
            mark, at = None, end
        else:
            mark = mark if not line.strip() else None
            at += 1


def commands_of(language: str, code: list[str]) -> tuple[Command, ...]:
    if language not in ("", "sh"):
        return ()
    if any(line.startswith("$ ") for line in code):
        return tuple(_answered(code))
    whole = "\n".join(code).replace("\\\n", "").splitlines()
    wanted = (line.strip() for line in whole if line.strip() and not line.startswith("#"))
    if language == "sh":
        return tuple(Command(text=line) for line in wanted)
    return tuple(Command(text=line) for line in wanted if _program(line) in PROGRAMS)


def _program(line: str) -> str:
    return line.split()[0].rpartition("/")[2]


def _answered(code: list[str]) -> Iterator[Command]:
    text, shown = "", list[str]()
    for line in [*code, "$ "]:
        if not line.startswith("$ "):
            shown.append(line)
            continue
        if text:
            yield Command(text=text, shown=tuple(one for one in shown if one.strip()))
        text, shown = line.removeprefix("$ "), []
