"""More people than one, and what is asked about a night with them."""

from __future__ import annotations

from typing import Any

from tests.daemon.server import ME, Server

KEI, MIA, STRANGER = "+819012345671", "+819012345672", "+819012345679"
OURS = "+15005550006"
OTHERS = f"""
[[contact]]
name = "kei"
phone = "{KEI}"

[[contact]]
name = "mia"
phone = "{MIA}"
"""
NAMES = {ME: "me", KEI: "kei", MIA: "mia"}


def text_channel(name: str, *to: str, **keys: object) -> str:
    """A channel that sends texts, used only as somebody's fallback unless told otherwise."""
    lines = {"default": "false", **keys}
    people = ", ".join(f'"{one}"' for one in to)
    more = "\n".join(f"{key} = {value}" for key, value in lines.items())
    return f'\n[[channel]]\nname = "{name}"\ntype = "sms"\nto = [{people}]\n{more}\n'


async def made(web1: Server) -> list[dict[str, Any]]:
    """Return the calls and texts as `calls --json` tells them, the oldest first."""
    return list(reversed(await web1.json("calls")))


async def outcomes(web1: Server) -> list[tuple[str, str]]:
    """Return who was called and what became of it, the oldest first."""
    return [(call["contact"], call["outcome"]) for call in await made(web1)]


def most_live(web1: Server) -> int:
    """Return how many calls to one number there ever were at the same time."""
    return max((entry["live"] for entry in web1.simulator.entries("call")), default=0)


def said(web1: Server, words: str) -> int:
    """Return how many lines of the log have these words."""
    return sum(words in line for line in web1.log)
