"""From a check's keys to the target that a probe looks at."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from watchcall.config.checks import AnyLimits, CommonCheck
from watchcall.config.command import CommandCheck
from watchcall.config.host import HostCheck
from watchcall.config.http import HttpCheck, JsonMatch
from watchcall.config.process import Bounds, ProcessCheck
from watchcall.config.tcp import TcpCheck
from watchcall.core.check import (
    CommandTarget,
    HostTarget,
    HttpTarget,
    JsonRule,
    Limits,
    ProcessTarget,
    Range,
    Target,
    TcpTarget,
)


def target(entry: CommonCheck, folder: Path) -> Target:
    """Return what a check looks at; relative paths are meant from `folder`."""
    match entry:
        case ProcessCheck():
            return process(entry, folder)
        case HttpCheck():
            return http(entry, folder)
        case TcpCheck():
            return tcp(entry, folder)
        case CommandCheck():
            return CommandTarget(command=command(entry.command, folder))
        case HostCheck():
            return host(entry)
    raise TypeError(f"no target for {type(entry).__name__}")


def process(entry: ProcessCheck, folder: Path) -> ProcessTarget:
    """Return the processes that a check means."""
    return ProcessTarget(
        process=entry.process,
        cmdline=entry.cmdline,
        exe=entry.exe,
        pidfile=_file(entry.pidfile, folder),
        user=entry.user,
        unit=entry.unit,
        exclude=entry.exclude,
        count=Range(min=entry.min, max=entry.max),
        warning=_range(entry.warning),
        memory=_limits(entry.memory),
        cpu=_limits(entry.cpu),
    )


def http(entry: HttpCheck, folder: Path) -> HttpTarget:
    """Return the request that a check makes, and what its answer must be like."""
    return HttpTarget(
        url=entry.url,
        method=entry.method,
        headers=tuple(entry.headers.items()),
        body=entry.body,
        status=entry.status,
        contains=entry.contains,
        not_contains=entry.not_contains,
        matches=entry.matches,
        json=_json(entry.json_match),
        latency=_limits(entry.latency),
        certificate=_limits(entry.certificate),
        follow_redirects=entry.follow_redirects,
        verify_tls=entry.verify_tls,
        ca_file=_file(entry.ca_file, folder),
        client_cert=_file(entry.client_cert, folder),
        client_key=_file(entry.client_key, folder),
        username=entry.username,
        password_file=_file(entry.password_file, folder),
        bearer_token_file=_file(entry.bearer_token_file, folder),
        proxy=entry.proxy,
        ip=entry.ip,
        connect_to=_host_and_port(entry.connect_to),
        max_body=entry.max_body,
    )


def tcp(entry: TcpCheck, folder: Path) -> TcpTarget:
    """Return the connection that a check makes."""
    return TcpTarget(
        host=entry.host,
        port=entry.port,
        send=entry.send,
        expect=entry.expect,
        tls=entry.tls,
        verify_tls=entry.verify_tls,
        ca_file=_file(entry.ca_file, folder),
        latency=_limits(entry.latency),
    )


def host(entry: HostCheck) -> HostTarget:
    """Return the limits that this machine is held to."""
    return HostTarget(
        load=_limits(entry.load),
        memory_used=_limits(entry.memory_used),
        swap_used=_limits(entry.swap_used),
        disk_used=_limits(entry.disk_used),
        path=entry.disk,
    )


def command(argv: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """A relative path is meant from the folder of the file; a mere name is found on PATH."""
    return argv if "/" not in argv[0] else (str(folder / argv[0]), *argv[1:])


def _file(path: Path | None, folder: Path) -> Path | None:
    """A relative path is meant from the folder of the configuration file."""
    return folder / path if path else None


def _range(bounds: Bounds) -> Range:
    return Range(min=bounds.min, max=bounds.max)


def _limits(limits: AnyLimits) -> Limits:
    return Limits(warning=_number(limits.warning), critical=_number(limits.critical))


def _number(value: float | timedelta | None) -> float | None:
    if value is None:
        return None
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def _json(match: JsonMatch | None) -> JsonRule | None:
    return JsonRule(path=match.path, equals=match.equals) if match else None


def _host_and_port(value: str | None) -> tuple[str, int] | None:
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)
