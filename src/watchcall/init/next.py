"""What comes next: the commands to type, fit for where the configuration is."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from watchcall.config import locate
from watchcall.errors import ConfigError
from watchcall.init import files
from watchcall.init.answers import Answers
from watchcall.init.files import Home
from watchcall.init.terminal import Terminal
from watchcall.init.tools import Tools
from watchcall.init.words import Words


@dataclass(frozen=True, slots=True)
class Next:
    """Says what comes next."""

    home: Home
    tools: Tools
    terminal: Terminal
    words: Words
    environ: Mapping[str, str]

    def say(self, answers: Answers) -> None:
        self.terminal.say()
        self.terminal.say(self.words("next"), "bold")
        ring = f"watchcall test-call{self._named} {shlex.quote(answers.people[0].name)}"
        for command, key in (
            *self._start(),
            (f"watchcall status{self._named}", "status"),
            (ring, "test"),
            (self.apply, "edit"),
        ):
            self.terminal.verbatim(f"  {command}")
            about = self.words(f"next.{key}", example=files.example())
            self.terminal.say(f"      {about}", "dim")

    @property
    def apply(self) -> str:
        """The command after which a changed file counts."""
        if self.home.system:
            return "systemctl reload watchcall"
        return f"watchcall reload{self._named}"

    def _start(self) -> list[tuple[str, str]]:
        if not self.home.system:
            return [(f"watchcall run{self._named}", "run")]
        if self.tools.running(self.home.path):
            return [("systemctl restart watchcall", "reload")]  # a reload reads no new token
        start = ("systemctl enable --now watchcall", "start")
        lay_down = ("watchcall install-service", "install")
        return [start] if self.tools.installed() else [lay_down, start]

    @property
    def _named(self) -> str:
        """How commands are told which file is meant, where they would not find it by themselves."""
        if Path(os.path.realpath(self._found())) == self.home.path:
            return ""
        return f" --config {shlex.quote(str(self.home.path))}"

    def _found(self) -> Path:
        """Return the file that commands find; where there is none yet, the one that will be."""
        try:
            return locate.find(None, self.environ)
        except ConfigError:
            return locate.SYSTEM if os.geteuid() == 0 else locate.own(self.environ)
