"""Every source read, judged as a whole, and either right or refused with all that is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchcall.config import (
    channel_rules,
    check_rules,
    dependency_rules,
    locate,
    maintenance_rules,
    reach_rules,
    rules,
)
from watchcall.config.draft import judge
from watchcall.config.exposed import Exposed, exposed, open_to_all
from watchcall.config.model import Config
from watchcall.config.report import place_in_file, sentence
from watchcall.config.secrets import credentials, resolved
from watchcall.config.sources import Problem, Sources, environment, stray
from watchcall.config.unguarded import unguarded
from watchcall.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A configuration that is right, and what is worth saying about it nevertheless.

    path:    the file, as it was found; relative paths in it are meant from its folder
    odd:     what to change in it
    exposed: files with secrets that others can read
    unguarded: that others may read or change the file itself
    """

    config: Config
    path: Path
    odd: tuple[str, ...] = ()
    exposed: tuple[Exposed, ...] = ()
    unguarded: tuple[Exposed, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self.odd, *map(str, self.unguarded), *map(str, self.exposed))

    @property
    def folder(self) -> Path:
        return self.path.absolute().parent


def load(
    path: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
    *,
    need_token: bool = False,
    strict: bool = False,
) -> Loaded:
    """Return the configuration; raise ConfigError with everything that is wrong with it.

    path:       the file that a flag names; None looks where it belongs
    overrides:  what other flags say, as tables: {"notify": {"call_on_recovery": True}}
    need_token: whether Twilio will be asked for something
    strict:     whether a file with a secret that `run` would refuse is refused though nobody asks
    """
    sources = Sources(
        text=locate.read(locate.find(path, environ)),
        environ=environ,
        flags=dict(overrides or {}),
        environment=environment(environ),
        credentials=credentials(environ, need=need_token),
    )
    judged = judge(sources)
    config, found = judged.draft, rules.Findings()
    for room in (rules, channel_rules, reach_rules, dependency_rules, maintenance_rules):
        room.find(config, sources, found)
    check_rules.find(config, sources.text.path.absolute().parent, found)
    problems = [*judged.problems, *filter(judged.can_judge, found.problems)]
    if config.twilio:
        signed = config.web.public_url is not None
        twilio, leaks = resolved(config.twilio, sources, need=need_token, signed=signed)
        if need_token or strict:
            leaks += open_to_all(config.twilio, sources, foreseen=not need_token)
        config = config.model_copy(update={"twilio": twilio})
        problems += filter(judged.can_judge, leaks)
    wrong = [*_sentences(problems, sources), *stray(environ)]
    if wrong or not isinstance(config, Config):
        raise ConfigError(wrong)
    return Loaded(
        config=config,
        path=sources.text.path,
        odd=tuple(_sentences(found.warnings, sources)),
        exposed=tuple(exposed(config.twilio, sources)),
        unguarded=tuple(unguarded(sources.text.path)),
    )


def _sentences(problems: Iterable[Problem], sources: Sources) -> list[str]:
    """Return problems as sentences in the order of the file, each once."""
    ordered = sorted(problems, key=lambda problem: place_in_file(problem, sources))
    return list(dict.fromkeys(sentence(problem, sources) for problem in ordered))
