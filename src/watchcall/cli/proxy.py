"""The proxy of the service's environment: what asks Twilio in its place asks through it, too."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from watchcall.core.account import Finding
from watchcall.service.standing import Standing

NAMES = ("https_proxy", "all_proxy")  # in this order, in small or capital letters
WITH_THEM = (*NAMES, "no_proxy")


def adopt(service: Standing | None) -> str | None:
    """Let this process ask through the service's proxy, where it has one.

    Returns that proxy as it may be shown; None where it has none, and nothing is changed.
    """
    found = _proxy(service.environment) if service else None
    if service is None or found is None:
        return None
    for name in [name for name in os.environ if name.lower() in WITH_THEM]:
        del os.environ[name]
    theirs = service.environment.items()
    os.environ.update({name: value for name, value in theirs if name.lower() in WITH_THEM})
    return _shown(found)


def finding(service: Standing | None, adopted: str | None) -> Iterator[Finding]:
    """Yield by which proxy Twilio is asked, where the service has one, or this shell alone."""
    ours = _proxy(os.environ)
    if adopted:
        detail = f"Twilio is asked through {adopted}, as by the service"
        yield Finding(subject="proxy", state="ok", detail=detail)
    elif service and ours:
        yield Finding(
            subject="proxy",
            state="warning",
            detail=f"Twilio is asked through {_shown(ours)}, which this shell has and the service "
            "has not",
            remedy="if the daemon needs it, systemctl edit watchcall, and watchcall-lastgasp: "
            "[Service], Environment=HTTPS_PROXY=…",
        )


def _proxy(environ: Mapping[str, str]) -> str | None:
    given = {name.lower(): value for name, value in environ.items() if value}
    return next((given[name] for name in NAMES if name in given), None)


def _shown(proxy: str) -> str:
    """Without user and password."""
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
