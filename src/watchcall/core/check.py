"""What is watched: a check and its target, as the operator meant it.

Bounds, levels and rules are plain data here; `config/` builds them, `probes/` look by them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from watchcall.core.health import Level, Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """How many are right: both ends included; None is no bound."""

    min: int | None = None
    max: int | None = None

    def admits(self, count: int) -> bool:
        return (self.min is None or count >= self.min) and (self.max is None or count <= self.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Two thresholds of one quantity; the unit is the quantity's. None is no threshold."""

    warning: float | None = None
    critical: float | None = None

    @property
    def given(self) -> bool:
        return self.warning is not None or self.critical is not None

    def crossed(self, level: Level) -> float:
        """Return the threshold that a level means; 0 where there is none."""
        return (self.critical if level is Level.CRITICAL else self.warning) or 0

    def above(self, value: float) -> Level:
        """Return the level of a quantity that is bad when it is large."""
        if self.critical is not None and value >= self.critical:
            return Level.CRITICAL
        if self.warning is not None and value >= self.warning:
            return Level.WARNING
        return Level.OK

    def below(self, value: float) -> Level:
        """Return the level of a quantity that is bad when it is small."""
        if self.critical is not None and value < self.critical:
            return Level.CRITICAL
        if self.warning is not None and value < self.warning:
            return Level.WARNING
        return Level.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTarget:
    """Processes of this machine. All matchers that are given must hold."""

    process: str | None = None  # exact base name, as in comm, argv[0] or exe
    cmdline: re.Pattern[str] | None = None  # searched in the whole command line
    exe: Path | None = None
    pidfile: Path | None = None
    user: str | None = None
    unit: str | None = None  # systemd unit that the process belongs to
    exclude: re.Pattern[str] | None = None  # searched in the whole command line
    count: Range = Range(min=1)
    warning: Range = Range()
    memory: Limits = Limits()  # bytes, RSS summed
    cpu: Limits = Limits()  # percent of one core, summed

    def identity(self) -> dict[str, Any]:
        return {
            "type": "process",
            **{
                name: _plain(getattr(self, name))
                for name in ("process", "cmdline", "exe", "pidfile", "user", "unit", "exclude")
            },
        }

    def named(self) -> str:
        """Return the words for what is looked for: the most telling matcher, as given."""
        for value in (self.process, self.unit, self.exe, self.pidfile, self.cmdline, self.user):
            if value is not None:
                return str(_plain(value))
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRule:
    """Which HTTP status codes mean what; ranges include both ends."""

    ok: tuple[tuple[int, int], ...] = ((200, 299),)
    warning: tuple[tuple[int, int], ...] = ()
    critical: tuple[tuple[int, int], ...] = ()

    def names(self, code: int) -> Level | None:
        """Return the level that the rule gives a code, None where no rule names it."""
        ranked = (
            (Level.CRITICAL, self.critical),
            (Level.WARNING, self.warning),
            (Level.OK, self.ok),
        )
        for level, ranges in ranked:
            if any(low <= code <= high for low, high in ranges):
                return level
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonRule:
    """The value at `path` (JSONPath, RFC 9535) must equal `equals`."""

    path: str
    equals: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpTarget:
    """One HTTP request and what its answer must be like."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    status: StatusRule = StatusRule()
    contains: str | None = None
    not_contains: str | None = None
    matches: re.Pattern[str] | None = None
    json: JsonRule | None = None
    latency: Limits = Limits()  # seconds
    certificate: Limits = Limits()  # seconds left
    follow_redirects: bool = False
    verify_tls: bool = True
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    username: str | None = None
    password_file: Path | None = None
    bearer_token_file: Path | None = None
    proxy: str | None = None
    ip: Literal["any", "4", "6"] = "any"
    connect_to: tuple[str, int] | None = None
    max_body: int = 1024 * 1024  # bytes

    def identity(self) -> dict[str, Any]:
        return {
            "type": "http",
            "url": self.url,
            "method": self.method,
            "connect_to": list(self.connect_to) if self.connect_to else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpTarget:
    """One connection, perhaps what is said on it, and what has to be answered."""

    host: str
    port: int
    send: str | None = None
    expect: re.Pattern[str] | None = None  # searched in what is received
    tls: bool = False
    verify_tls: bool = True
    ca_file: Path | None = None
    latency: Limits = Limits()  # seconds

    def identity(self) -> dict[str, Any]:
        return {"type": "tcp", "host": self.host, "port": self.port, "tls": self.tls}

    def named(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandTarget:
    """A program that looks for us: one of the monitoring plugins, or a script like them."""

    command: tuple[str, ...]  # run without a shell

    def identity(self) -> dict[str, Any]:
        return {"type": "command", "command": list(self.command)}

    def named(self) -> str:
        """Return the program's name; its arguments may hold secrets."""
        return self.command[0].rpartition("/")[2] or self.command[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTarget:
    """How busy and how full this machine is; every limit in percent."""

    load: Limits = Limits()  # 100 is one process that runs or waits per core
    memory_used: Limits = Limits()
    swap_used: Limits = Limits()
    disk_used: Limits = Limits()
    path: Path = Path("/")  # anywhere on the disk

    def identity(self) -> dict[str, Any]:
        limited = [rule for rule in HOST_RULES if getattr(self, rule) != Limits()]
        path = str(self.path) if "disk_used" in limited else None
        return {"type": "host", "rules": limited, "path": path}


HOST_RULES = ("load", "memory_used", "swap_used", "disk_used")

Target = ProcessTarget | HttpTarget | TcpTarget | CommandTarget | HostTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that the operator wants watched."""

    name: str
    target: Target
    spoken_name: str | None = None
    level: Level = Level.CRITICAL  # what a plain failure is
    tags: frozenset[str] = frozenset()
    depends_on: tuple[str, ...] = ()  # names of checks that are watched too
    interval: timedelta = timedelta(seconds=30)
    timeout: timedelta = timedelta(seconds=10)
    retry_interval: timedelta = timedelta(seconds=5)
    needed: Thresholds = field(default_factory=Thresholds)

    @property
    def spoken(self) -> str:
        return self.spoken_name or self.name

    @property
    def type(self) -> str:
        return str(self.target.identity()["type"])

    @property
    def fingerprint(self) -> str:
        """What is watched, not how it is described: another fingerprint is another target."""
        text = json.dumps(self.target.identity(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def phase(name: str) -> float:
    """Return where in its interval a check is due: 0 to 1, the same at every start."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _plain(value: object) -> object:
    if isinstance(value, re.Pattern):
        return value.pattern
    return str(value) if isinstance(value, Path) else value


def describe(target: Target) -> dict[str, Any]:
    """Return a target as plain data, for `probe`."""
    return {key: _plain(value) for key, value in asdict(target).items() if value is not None}
