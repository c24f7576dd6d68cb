"""Each test has a log of its own: what another one said does not count."""

from __future__ import annotations

import pytest

from watchcall.web import hooks, listen
from watchcall.web.rarely import Rarely


@pytest.fixture(autouse=True)
def _fresh_log(monkeypatch: pytest.MonkeyPatch) -> None:
    for log in (hooks.log, listen.wire):
        monkeypatch.setattr(log, "filters", [Rarely(lambda: 0.0)])
