"""A store on a real SQLite file, new for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.scene import Night, url
from watchcall.store import SqlStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = SqlStore(url(tmp_path), "web1")
    yield opened
    await opened.close()


@pytest.fixture
def night(store: SqlStore) -> Night:
    return Night(store)
