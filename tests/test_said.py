"""What the log says of looks that decide nothing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.stories.town import Town, town
from watchcall.core.health import Level, Observation
from watchcall.core.reason import Reason

DENIED, LOST = (
    Reason.of("process.cannot_look", error=error) for error in ("Permission denied", "I/O error")
)


async def blind(night: Town, reason: Reason) -> None:
    await night.engine.observe("httpd", Observation(level=Level.UNKNOWN, reason=reason))


@pytest.mark.parametrize("known", ["+", "---"], ids=["of what ran", "of what has failed"])
async def test_that_nobody_can_look_is_said_once_until_the_reason_is_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, known: str
) -> None:
    caplog.set_level(logging.INFO, "watchcall.engine")
    async with town(tmp_path) as night:
        await night.start()
        await night.see(known)
        for reason in (DENIED, DENIED, DENIED, LOST, LOST, DENIED):
            await blind(night, reason)
        await night.see("+")
        await blind(night, DENIED)

    assert sum("could not look" in line for line in caplog.messages) == 4
