"""Victims, servers and certificates for the probes' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.probes.certificates import Certificates
from tests.probes.victims import Victims, started
from watchcall.probes.command import CommandProbe
from watchcall.probes.http import HttpProbe
from watchcall.probes.process import ProcessProbe
from watchcall.probes.tcp import TcpProbe


@pytest.fixture
def victims(tmp_path: Path) -> Iterator[Victims]:
    yield from started(tmp_path / "bin")


@pytest.fixture
async def processes() -> AsyncIterator[ProcessProbe]:
    probe = ProcessProbe()
    yield probe
    probe.close()


@pytest.fixture
async def http() -> AsyncIterator[HttpProbe]:
    probe = HttpProbe()
    yield probe
    probe.close()


@pytest.fixture
async def tcp() -> AsyncIterator[TcpProbe]:
    probe = TcpProbe()
    yield probe
    probe.close()


@pytest.fixture
async def commands() -> AsyncIterator[CommandProbe]:
    probe = CommandProbe()
    yield probe
    probe.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))
