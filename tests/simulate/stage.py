"""Configurations, and nights that are played by the command itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from watchcall.cli import main

DATE = "2026-11-20"
TWILIO = """\
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"

[notify]
host = "web1"
{notify}

[defaults]
interval = "5s"
retry_interval = "1s"

[[contact]]
name = "me"
phone = "+819012345678"

[[contact]]
name = "kei"
phone = "+819023456789"
language = "ja-JP"
"""
CHECK = """
[[check]]
name = "{name}"
type = "process"
process = "{name}"
"""


def config(more: str = "", *, notify: str = "", checks: Sequence[str] = ("httpd",)) -> str:
    """Return a configuration: two people, one phone channel unless `more` has others."""
    return TWILIO.format(notify=notify) + more + "".join(CHECK.format(name=one) for one in checks)


class Nights:
    """Plays timelines; a fixture of the same name gives one."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder, self._capsys, self._monkeypatch = folder, capsys, monkeypatch
        self.out = self.err = ""
        self.answer: dict[str, Any] = {}

    def run(self, *words: str, text: str | None = None) -> int:
        """Run the command on a configuration."""
        path = self.folder / "config.toml"
        path.write_text(config() if text is None else text, encoding="utf-8")
        code = main(["simulate", "--config", str(path), *words])
        self.out, self.err = self._capsys.readouterr()
        return code

    def play(
        self, timeline: str, text: str | None = None, *words: str, zone: str | None = None
    ) -> list[dict[str, Any]]:
        """Play a timeline, perhaps on a machine in another zone; return what happened."""
        if zone is not None:
            self._monkeypatch.setattr("tzlocal.reload_localzone", lambda: ZoneInfo(zone))
        path = self.folder / "night.txt"
        path.write_text(timeline, encoding="utf-8")
        assert self.run(str(path), "--date", DATE, "--json", *words, text=text) == 0, self.err
        self.answer = json.loads(self.out)
        events: list[dict[str, Any]] = self.answer["events"]
        return events

    def outcomes(self, kind: str = "call") -> list[tuple[str, str]]:
        """Who was told by a kind of means, and with which outcome."""
        found = [one for one in self.answer["events"] if one["kind"] == kind]
        return [(one["contact"], one["what"]) for one in found]

    def of(self, kind: str) -> list[str]:
        """What happened of a kind, or why."""
        found = [one for one in self.answer["events"] if one["kind"] == kind]
        return [one["what"] or one["why"] for one in found]

    def after(self, said: str, kind: str) -> float:
        """Seconds from the line of the timeline that says this to the first event of a kind."""
        events = self.answer["events"]
        begins = next(one for one in events if one["kind"] == "timeline" and said in one["what"])
        first = next(one for one in events if one["kind"] == kind)
        began, came = (datetime.fromisoformat(one["at"]) for one in (begins, first))
        return (came - began).total_seconds()

    @property
    def quiet(self) -> list[tuple[str, str]]:
        """Which channel stayed quiet, and why."""
        found = [one for one in self.answer["events"] if one["kind"] == "quiet"]
        return [(one["channel"], one["why"]) for one in found]
