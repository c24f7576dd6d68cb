"""`watchcall doctor`: can people be called? What is wrong, and what helps. Nobody is rung."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from watchcall.cli import asdaemon, proxy, surroundings
from watchcall.cli.exits import FINE, NOT_FINE
from watchcall.cli.show import Column, as_json, table
from watchcall.cli.twilio import account_of, environment, inspected
from watchcall.config import locate
from watchcall.config.exposed import Exposed
from watchcall.config.load import Loaded, load
from watchcall.config.plan import Plan
from watchcall.config.translate import plan
from watchcall.core.account import Finding, assess
from watchcall.errors import ConfigError
from watchcall.rights import User
from watchcall.service.standing import UNIT, Standing

EXAMPLE = "sudo watchcall doctor"
Lent = Callable[[str | None], Mapping[str, str]]
LABELS = ("SUBJECT", "STATE", "DETAIL", "remedy")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Print all findings and return 1 if there is an error among them; 78 by ConfigError."""
    found = findings(Path(args.config) if args.config else None, os.environ, environment)
    if args.json:
        as_json([_as_json(finding) for finding in found])
    else:
        show(found)
    return NOT_FINE if any(one.state == "error" for one in found) else FINE


def findings(
    path: Path | None, environ: Mapping[str, str], lent: Lent | None = None
) -> list[Finding]:
    """Look at everything; raise ConfigError for a configuration that is wrong.

    lent: gives the environment with what a unit is handed, which is then asked with
    """
    config = locate.find(path, environ)
    service = asdaemon.service_of(config)
    note = asdaemon.set_by_unit(service, environ)
    environ = asdaemon.with_settings(service, environ)
    loaded = load(config, environ=environ)
    who = asdaemon.runs_as(service)
    made = plan(loaded, {**_made_for(service), **environ})
    adopted = proxy.adopt(service)
    return [
        *([Finding(subject="config", state="ok", detail=note)] if note else []),
        *_configuration(loaded, who),
        _state(made.daemon.state_dir, service, who),
        *surroundings.daemon(made.daemon.control_socket, failed=surroundings.failed(service)),
        *surroundings.why_failed(service),
        surroundings.systemd(),
        *surroundings.shadowed(),
        *proxy.finding(service, adopted),
        *(
            _twilio(
                loaded, made, lambda: asdaemon.over(lent(UNIT if service else None), environ), who
            )
            if lent
            else _twilio(loaded, made, lambda: environ)
        ),
    ]


def show(found: Sequence[Finding], labels: Sequence[str] = LABELS) -> None:
    """Print a table of findings. labels: the headings, and what stands before a remedy"""
    *headings, remedy = labels
    columns = [Column(heading, fold=not nth) for nth, heading in enumerate(headings)]
    table(columns, [_row(finding, remedy) for finding in found])


def _made_for(service: Standing | None) -> dict[str, str]:
    """Return what systemd tells the daemon, and nobody else, of where its state is."""
    folder = service.state_dir if service else None
    return {"STATE_DIRECTORY": str(folder)} if folder else {}


def _state(folder: Path, service: Standing | None, who: User | None) -> Finding:
    if service and who:
        return asdaemon.state_directory(folder, service, who)
    return surroundings.state_directory(folder)


def _configuration(loaded: Loaded, who: User | None) -> Iterator[Finding]:
    unread = list(asdaemon.unreadable(loaded.path, who))
    yield from unread
    if not loaded.warnings and not unread:
        yield Finding(subject="config", state="ok", detail=f"{loaded.path} is fine")
    for warning in loaded.odd:
        yield Finding(
            subject="config",
            state="warning",
            detail=warning,
            remedy=f"change it in {loaded.path}, then: watchcall reload",
        )
    for file in (*loaded.unguarded, *loaded.exposed):
        yield Finding(subject="config", state="warning", detail=file.detail, remedy=file.remedy)


def _twilio(
    loaded: Loaded,
    made: Plan,
    environment: Callable[[], Mapping[str, str]],
    who: User | None = None,
) -> Sequence[Finding]:
    try:
        environ = environment()
        settings = plan(load(loaded.path, environ=environ, need_token=True), environ).twilio
    except ConfigError as error:
        return [_no_token(error, loaded.exposed)]
    unread = list(asdaemon.secrets_unread(loaded, who, environ))
    report = asyncio.run(inspected(account_of(settings), made.countries))
    texting = any(channel.type == "sms" for channel in made.channels)
    return [*unread, *assess(report, texting=texting, countries=made.countries)]


def _no_token(error: ConfigError, exposed: Sequence[Exposed]) -> Finding:
    """The rest of the configuration was read before, so it is the secret that is wrong."""
    refused = [
        one.remedy for one in exposed if any(str(one.path) in said for said in error.problems)
    ]
    return Finding(
        subject="credentials",
        state="error",
        detail="; ".join(error.problems),
        remedy="; ".join(refused)
        or "let root write it into /etc/watchcall/twilio_auth_token, mode 0600; where it is there, "
        "run this as root",
    )


def _as_json(finding: Finding) -> dict[str, str | None]:
    return {
        "subject": finding.subject,
        "state": finding.state,
        "detail": finding.detail,
        "remedy": finding.remedy,
    }


def _row(finding: Finding, label: str) -> list[str]:
    remedy = f"\n{label}: {finding.remedy}" if finding.remedy else ""
    return [finding.subject, finding.state, finding.detail + remedy]
