"""What every test may use."""

from __future__ import annotations

import os

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]  # a hook's generator type is pytest's own
    """Where skips are forbidden, a skip is a failure with the skip's reason."""
    outcome = yield
    report = outcome.get_result()
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and os.environ.get("WATCHCALL_FORBID_SKIPS")
    ):
        report.outcome = "failed"
        report.longrepr = f"skips are forbidden here: {report.longrepr}"
