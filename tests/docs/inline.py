"""What the pages show as commands within sentences and the cells of tables: in backticks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tests.docs.blocks import PAGES, text_of
from watchcall.cli import COMMANDS

# What begins with one of these is a command, or names one; more programs than the pages use.
PROGRAMS = frozenset(
    """
    watchcall systemctl journalctl systemd-analyze systemd-creds systemd-run systemd-sysusers
    systemd-tmpfiles loginctl busctl coredumpctl
    apt apt-get dpkg dnf yum rpm pip pip3 pipx uv python python3 make git
    .ci/run tests/acceptance/testbed.sh
    install chmod chown chgrp cp mv rm ln mkdir touch mount umount df du export usermod useradd
    adduser groupadd su sudo kill pkill killall ps top chrt nice renice reboot shutdown
    curl wget nc ss nft iptables ufw dig host nslookup ping openssl ssh scp
    cat less tail head grep sed awk jq tee logger man date crontab sqlite3
    ausearch audit2allow aa-logprof aa-status getenforce setenforce semodule restorecon
    sh bash env setpriv apprise espeak-ng check_http check_disk
    """.split()
)
FENCED = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^    .*$", re.MULTILINE)
SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
BLOCK = "(a block)"
MARK = re.compile(r"<!-- run by ([^:]+): .* -->")
SETTING = re.compile(r"\w+ ?= ?")


def commands() -> dict[str, list[str]]:
    """Return each distinct command, and the pages on which it stands.

    `status --json` stands for `watchcall status --json`, and `ARGS=idle` for the `make` before it.
    """
    found: dict[str, list[str]] = {}
    for page in PAGES:
        made = ""
        for said in spans(page):
            text = f"{made} {said}" if said.startswith("ARGS=") else whole(said)
            if program(text) in PROGRAMS and not SETTING.match(text):
                found.setdefault(text, []).append(page)
            if text.startswith("make "):
                made = " ".join(text.split()[:2])
    return found


def marked() -> dict[str, str]:
    """Return the commands of tables that say which test types them, and the test."""
    return {
        whole(text): found[1]
        for page in PAGES
        for above, paragraph in pairwise(_paragraphs(page))
        if (found := MARK.fullmatch(above.strip())) and paragraph.startswith("|")
        for text in _spans(paragraph)
    }


def spans(page: str) -> Iterator[str]:
    """Yield what stands in backticks outside of blocks; a line's end in it is a blank."""
    return (text for paragraph in _paragraphs(page) for text in _spans(paragraph))


def _paragraphs(page: str) -> list[str]:
    text = INDENTED.sub(BLOCK, FENCED.sub(BLOCK, text_of(page)))
    return re.split(r"\n\s*\n", text)


def _spans(paragraph: str) -> Iterator[str]:
    for _, said in SPAN.findall(paragraph):
        yield " ".join(said.split()).replace(r"\|", "|")


def program(text: str) -> str:
    """Return what a shell would run, without its folder where that is the system's."""
    word = text.removeprefix("sudo ").split()[0]
    return word.rpartition("/")[2] if word.startswith("/") else word


def whole(text: str) -> str:
    """Return a command with the program that a page leaves out."""
    first, _, rest = text.partition(" ")
    return f"watchcall {text}" if first in COMMANDS and rest.startswith("-") else text
