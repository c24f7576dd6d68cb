"""What a made-up look gives as its reason: something that such a check could see."""

from __future__ import annotations

import pytest

from watchcall.core.check import (
    Check,
    CommandTarget,
    HostTarget,
    Limits,
    Target,
    TcpTarget,
)
from watchcall.core.health import Level
from watchcall.core.words import BUILT_IN
from watchcall.core.words.en import ENGLISH
from watchcall.simulate.looks import plausible

PORT = TcpTarget(host="db", port=5432)
PLUGIN = CommandTarget(command=("/opt/check_it", "secret"))
LOAD = HostTarget(load=Limits(warning=150))
DISK = HostTarget(disk_used=Limits(warning=80, critical=95))


@pytest.mark.parametrize(
    ("target", "level", "said"),
    [
        (PORT, Level.OK, "db accepts connections to port 5432, within 2 ms"),
        (PORT, Level.CRITICAL, "db refused the connection to port 5432"),
        (PLUGIN, Level.OK, "check_it ended with status 0"),
        (PLUGIN, Level.WARNING, "check_it ended with status 1"),
        (PLUGIN, Level.CRITICAL, "check_it ended with status 2"),
        (LOAD, Level.OK, "the load of each core is 20 percent"),
        (LOAD, Level.CRITICAL, "the load of each core is 151 percent, the limit is 150"),
        (DISK, Level.OK, "the disk of / is 20 percent full"),
        (DISK, Level.WARNING, "the disk of / is 81 percent full, the limit is 80"),
        (DISK, Level.CRITICAL, "the disk of / is 96 percent full, the limit is 95"),
        (DISK, Level.UNKNOWN, "the check gave no result within 10 seconds"),
    ],
)
def test_what_is_made_up_could_be_seen(target: Target, level: Level, said: str) -> None:
    reason = plausible(Check(name="x", target=target), level)

    assert ENGLISH.reason(reason) == said
    assert all(words.spoken_reason(reason) for words in BUILT_IN.values())
