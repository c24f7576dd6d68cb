"""The disk, which every machine has."""

from __future__ import annotations

import shutil

from watchcall.init.answers import Offer

ROOT = "/"
FULL = 95  # percent, from which on it is a failure


def disk_offer() -> Offer:
    """One that is full already is not usual: the phone would ring at once."""
    well = used(ROOT) < FULL
    return Offer(name="disk", kind="host", target=ROOT, usual=well, runs=well)


def used(path: str) -> int:
    """Return how full a disk is, in percent, as df counts; 0 where that cannot be learnt."""
    try:
        disk = shutil.disk_usage(path)
    except OSError:
        return 0
    return round(100 * disk.used / max(1, disk.used + disk.free))
