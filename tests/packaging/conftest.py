"""A machine on which nothing of WatchCall is yet, for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import boots_here
from tests.acceptance.installed import Server, server


@pytest.fixture
def web1(tmp_path: Path) -> Iterator[Server]:
    """Debian with httpd and systemd, and nothing of ours."""
    boots_here()
    with server(f"watchcall-package-{os.getpid()}", tmp_path) as web1:
        yield web1


@pytest.fixture
def with_dnf(tmp_path: Path) -> Iterator[Server]:
    """The same, with dnf and rpm, whose database is empty."""
    boots_here()
    with server(f"watchcall-dnf-{os.getpid()}", tmp_path, "dnf", "rpm") as with_dnf:
        yield with_dnf
