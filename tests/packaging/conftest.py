"""The packages, for all tests here."""

from __future__ import annotations

import pytest

from tests.packaging import built


@pytest.fixture(scope="session")
def packages() -> built.Packages:
    if missing := built.missing():
        pytest.skip(f"builds packages: {missing}")
    return built.packages()
