"""Channels that reach no phone: where their notices go, and who else may read that."""

from __future__ import annotations

import importlib.util
import logging
import stat
from collections.abc import Iterator
from urllib.parse import urlsplit

from watchcall.config.hints import shown
from watchcall.config.people import Channel
from watchcall.config.rules import Findings, missing
from watchcall.config.sources import Sources, Where
from watchcall.config.urls import webhook_error

NEEDED = {
    "command": ("command", 'a program and its arguments, as ["/usr/local/bin/tell", "ops"]'),
    "webhook": ("url", "a URL such as https://example.com/hook"),
    "apprise": ("url", "a URL of Apprise's, such as ntfy://ntfy.sh/topic"),
}
FRAMING = ("content-length", "transfer-encoding", "connection")  # ours to say
EXTRA = 'needs an extra: pip install "watchcall[apprise]"'


def find(where: Where, channel: Channel, sources: Sources, found: Findings) -> None:
    """Look at one channel."""
    if channel.type not in NEEDED:
        return
    key, right = NEEDED[channel.type]
    if getattr(channel, key) is None:
        found.wrong((*where, key), f"missing; it is {right}", "type", key)
    if channel.command and (why := missing(channel.command[0], sources)):
        found.odd((*where, "command", 0), why)
    if channel.type == "webhook":
        _webhook(where, channel, found)
    if channel.type == "apprise":
        _apprise(where, channel, found)
    _in_the_open(where, channel, sources, found)


def _webhook(where: Where, channel: Channel, found: Findings) -> None:
    if channel.url and (wrong := webhook_error(channel.url)):
        found.wrong((*where, "url"), wrong, "type")
    for name, value in channel.headers.items():
        if name.lower() in FRAMING:
            found.wrong((*where, "headers"), f"{shown(name)}: is set by WatchCall itself", "type")
        elif not value.isascii() or value != value.strip():
            text = "must be ASCII, and not begin or end with a space"
            found.wrong((*where, "headers"), f"{shown(name)}: {text}", "type")


def _apprise(where: Where, channel: Channel, found: Findings) -> None:
    if importlib.util.find_spec("apprise") is None:
        found.wrong((*where, "type"), f'"apprise" {EXTRA}', "type")
    elif channel.url and not _understood(channel.url):
        text = "is no URL that Apprise understands; see https://github.com/caronc/apprise/wiki"
        found.wrong((*where, "url"), text, "type")


def _understood(url: str) -> bool:
    """Whether Apprise knows what to do with a URL; nothing is sent."""
    import apprise  # it takes a while, and few channels need it

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it quotes the URL
    try:
        return apprise.Apprise.instantiate(url) is not None
    except Exception:  # its plugins raise whatever they like
        return False


def _in_the_open(where: Where, channel: Channel, sources: Sources, found: Findings) -> None:
    """A token of somebody else's is theirs to guard: it is warned about, not refused."""
    mode, path = sources.text.mode, sources.text.path
    if not mode & stat.S_IROTH or sources.owner(where[:1]) is not sources.text.tables:
        return
    for key in _secrets(channel):
        text = (
            f"may hold a secret, and stands in a file that everybody can read (mode {mode:04o}); "
            f"chmod 640 {path}"
        )
        found.odd((*where, key), text)


def _secrets(channel: Channel) -> Iterator[str]:
    """Yield the keys that look as if they held a secret."""
    if channel.headers:
        yield "headers"
    if channel.url is None or (channel.type == "webhook" and webhook_error(channel.url)):
        return
    if channel.type == "apprise":
        yield "url"
        return
    parts = urlsplit(channel.url)
    if "@" in parts.netloc or parts.query or parts.path.strip("/"):
        yield "url"
