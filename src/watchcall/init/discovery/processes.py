"""Known servers by their processes: for machines that no systemd runs."""

from __future__ import annotations

import psutil

from watchcall.init.answers import Offer
from watchcall.init.discovery.known import known_processes


def process_offers() -> list[Offer]:
    """Return the known servers that run, once for each name."""
    running = _running()
    return [
        Offer(name=name, kind="process", target=name, usual=known.usual)
        for name, known in known_processes()
        if name in running
    ]


def _running() -> set[str]:
    found = (process.info for process in psutil.process_iter(["name", "status"]))
    return {one["name"] for one in found if one["name"] and one["status"] != psutil.STATUS_ZOMBIE}
