"""Reading the configuration in a process of its own, which takes its libraries with it.

pydantic, phonenumbers and the rest are needed for half a second and would cost the daemon a
sixth of its memory for ever. The reader is the same program; its answer comes through a pipe.
"""

from __future__ import annotations

import contextlib
import copyreg
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from watchcall import rights
from watchcall.config.plan import Plan
from watchcall.errors import ConfigError, StartError

DEADLINE_S = 60.0


class Reading:
    """A configuration that is being read; `load` says what the arguments mean.

    Begins at once, so that the caller can do something else meanwhile.
    """

    def __init__(self, path: Path | None, overrides: Mapping[str, Any]) -> None:
        self._asked = json.dumps({"path": str(path) if path else None, "overrides": overrides})
        self._reader = self._begin()

    def _begin(self) -> subprocess.Popen[bytes]:
        try:
            return self._start()
        except OSError as error:
            what = f"{error.filename}: " if error.filename else ""
            raise StartError(
                f"the configuration's reader cannot start: {what}{rights.explained(error)}"
            ) from None

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            # -P: what lies in the current directory is no part of this program
            [sys.executable, "-P", "-m", "watchcall.config.aside", self._asked],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C is the daemon's to answer
        )

    def result(self) -> tuple[Plan, tuple[str, ...]]:
        """Return the plan and the warnings; raise ConfigError with all that is wrong, StartError
        where something else is in the way."""
        answer = self._answer()
        while self._reader.returncode == -signal.SIGHUP:
            # `systemctl kill -s HUP` asked the daemon to reload, and met its reader too.
            self._reader = self._begin()
            answer = self._answer()
        if self._reader.returncode != 0:
            raise StartError(f"the configuration's reader ended with {self._reader.returncode}")
        plan, warnings, problems, obstacle = pickle.loads(answer)  # noqa: S301 - from our own child
        if problems:
            raise ConfigError(problems)
        if obstacle:
            raise StartError(obstacle)
        return plan, warnings

    def _answer(self) -> bytes:
        try:
            return self._reader.communicate(timeout=DEADLINE_S)[0]
        except subprocess.TimeoutExpired:
            self._reader.kill()
            self._reader.communicate()
            raise ConfigError(
                [f"the configuration could not be read within {DEADLINE_S:g} s"]
            ) from None


def zone_as_name(zone: ZoneInfo) -> tuple[Any, ...]:
    """Hand over a zone by its name; the machine's own may be a mere file, which is read again."""
    if _has_name(zone):
        return ZoneInfo, (zone.key,)
    from tzlocal import reload_localzone

    return reload_localzone, ()


def _has_name(zone: ZoneInfo) -> bool:
    """Whether its name leads to this very zone: a file may lie where some zone's name is its."""
    try:
        return ZoneInfo(zone.key) is zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


class Handover(pickle.Pickler):
    """Pickles a plan."""

    dispatch_table = copyreg.dispatch_table | {ZoneInfo: zone_as_name}


def main(asked: str) -> None:
    """Read, and answer on standard output: the plan, the warnings, the problems, the obstacle."""
    from watchcall.config.load import load
    from watchcall.config.translate import plan

    question = json.loads(asked)
    path = Path(question["path"]) if question["path"] else None
    answer: tuple[Plan | None, tuple[str, ...], tuple[str, ...], str | None]
    try:
        loaded = load(path, question["overrides"], need_token=True)
        answer = plan(loaded), loaded.warnings, (), None
    except ConfigError as error:
        answer = None, (), error.problems, None
    except StartError as error:
        answer = None, (), (), str(error)
    # Not sys.stdout, which would complain at the end: the daemon may have been told to stop.
    with contextlib.suppress(BrokenPipeError), os.fdopen(os.dup(1), "wb") as out:
        Handover(out).dump(answer)


if __name__ == "__main__":
    main(sys.argv[1])
