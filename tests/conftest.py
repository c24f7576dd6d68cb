"""What every test may use."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.packaging import built

# What is true does not hang on how busy the machine is; nor does what decides whether a change
# lands hang on chance: there the examples are always the same.
settings.register_profile(
    "any",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="WATCHCALL_FORBID_SKIPS" in os.environ,
)
settings.load_profile("any")
# What a shell has its background jobs ignore, the programs that tests start are to obey.
for ending in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(ending) is signal.SIG_IGN:
        signal.signal(ending, signal.SIG_DFL)
EXAMPLES_S = 600  # for all examples of a test; a test that has none hangs after 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test = getattr(item, "obj", None)
        if getattr(test, "is_hypothesis_test", False) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(EXAMPLES_S))


@pytest.fixture(scope="session")
def packages() -> built.Packages:
    """The packages of these sources; whoever asks first may wait two minutes for them."""
    if missing := built.missing():
        pytest.skip(f"builds packages: {missing}")
    return built.packages()


@pytest.fixture(scope="session")
def built_deb(packages: built.Packages) -> Path:
    """The .deb, to be installed by dpkg without a network."""
    return packages.deb


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
