"""A bus with a systemd on it, and somebody who follows its units."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.events.bus import PrivateBus
from tests.events.follower import Follower
from tests.events.systemd import FakeSystemd


@pytest.fixture
async def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PrivateBus]:
    bus = PrivateBus(tmp_path)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    await bus.start()
    yield bus
    await bus.stop()


@pytest.fixture
async def systemd(bus: PrivateBus) -> AsyncIterator[FakeSystemd]:
    systemd = FakeSystemd(bus.address)
    await systemd.start()
    yield systemd
    await systemd.stop()


@pytest.fixture
async def follower() -> AsyncIterator[Follower]:
    follower = Follower()
    yield follower
    await follower.units.close()
