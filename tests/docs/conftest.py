"""What the tests of the pages share."""

from __future__ import annotations

import pytest

from tests.docs import apart


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Not every machine lets us have some."""
    if not apart.possible():
        pytest.skip("needs root, or a kernel that lets users have namespaces")
