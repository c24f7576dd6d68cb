"""From the operator's words to core's types: the last that is seen of the configuration."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from watchcall.config import daemon, maintenance, people, targets, twilio
from watchcall.config.checks import CommonCheck
from watchcall.config.load import Loaded
from watchcall.config.locate import socket_path
from watchcall.config.numbers import countries, phone, takes_texts
from watchcall.config.plan import DaemonSettings, Heartbeat, Plan, TwilioAccount, WebSettings
from watchcall.config.rules import channels_of, core_groups
from watchcall.config.times import local_zone, resolved
from watchcall.config.urls import shown_url
from watchcall.core.calendar import Maintenance, QuietHours
from watchcall.core.check import Check
from watchcall.core.contact import Address, Channel, Contact, Event, ReachedBy, masked, route
from watchcall.core.health import Level, Thresholds


def plan(loaded: Loaded, environ: Mapping[str, str] = os.environ) -> Plan:
    """Return the plan that a configuration amounts to."""
    config = loaded.config
    people = tuple(_contact(entry) for entry in config.contact)
    watched = {entry.name for entry in config.check if entry.enabled}
    entries = [entry for _, entry in channels_of(config)]
    known = {person.name: person for person in people}
    known |= _strangers([person for entry in entries for person in entry.to or ()], known)
    channels = tuple(
        _channel(entry, people, known, loaded.folder, recovery=config.notify.call_on_recovery)
        for entry in entries
    )
    checks = tuple(_check(entry, watched, loaded) for entry in config.check if entry.enabled)
    groups = core_groups(config)
    return Plan(
        host=config.notify.host or socket.gethostname(),
        checks=checks,
        routes={one.name: route(one.name, one.tags, groups, channels) for one in checks},
        channels=channels,
        contacts=people,
        group_wait=config.notify.group_wait,
        twilio=_account(config.twilio, loaded.folder),
        daemon=_daemon(config.daemon, loaded.folder, environ),
        ack_timeout=config.notify.ack_timeout,
        remind_every=config.notify.remind_every,
        max_reminders=config.notify.max_reminders,
        boot_grace=config.notify.boot_grace,
        evidence=config.notify.evidence,
        maintenance=tuple(_maintenance(entry) for entry in config.maintenance),
        max_calls_per_hour=config.notify.max_calls_per_hour,
        on_undelivered=_command(config.notify.on_undelivered, loaded.folder),
        web=_web(config.web),
        countries=countries(
            person.phone for one in channels if one.type == "voice" for person in one.to
        ),
        path=loaded.path,
    )


def _contact(entry: people.Contact) -> Contact:
    return Contact(
        name=entry.name,
        phone=entry.phone,
        language=entry.language,
        voice=entry.voice,
        quiet_hours=_quiet_hours(entry.quiet_hours),
        takes_texts=takes_texts(entry.phone),
    )


def _quiet_hours(entry: people.QuietHours | None) -> QuietHours | None:
    if entry is None:
        return None
    return QuietHours(
        start=entry.start,
        end=entry.end,
        zone=entry.timezone,
        critical=entry.besides == "critical",
    )


def _maintenance(entry: maintenance.Maintenance) -> Maintenance:
    return Maintenance(
        name=entry.name,
        checks=entry.checks,
        zone=entry.timezone or local_zone(),
        schedule=entry.schedule,
        duration=entry.duration or timedelta(0),
        start=resolved(entry.start, entry.timezone) if entry.start else None,
        end=resolved(entry.end, entry.timezone) if entry.end else None,
    )


def _channel(
    entry: people.Channel,
    people: tuple[Contact, ...],
    known: Mapping[str, Contact],
    folder: Path,
    *,
    recovery: bool,
) -> Channel:
    called = people if entry.to is None else tuple(known[person] for person in entry.to)
    address = _address(entry, folder)
    if address is not None:
        called = (Contact(name=entry.name, phone=""),)
    return Channel(
        name=entry.name,
        to=called,
        type=entry.type,
        address=address,
        language=entry.language,
        voice=entry.voice,
        message=entry.message,
        recovery_message=entry.recovery_message,
        level=Level(entry.level),
        events=frozenset(Event(event) for event in entry.events),
        recovery=recovery if entry.recovery is None else entry.recovery,
        default=entry.default,
        twiml_url=entry.twiml_url,
        status_callback=entry.status_callback,
        ring_timeout=entry.ring_timeout,
        reached_by=_reached_by(entry, called),
        rounds=entry.rounds,
        round_delay=entry.round_delay,
        fallback=entry.fallback,
    )


def _address(entry: people.Channel, folder: Path) -> Address | None:
    if command := _command(entry.command, folder):
        return Address(shown=command[0], command=command)
    if entry.url is None:
        return None
    shown = shown_url(entry.type, entry.url)
    return Address(shown=shown, url=entry.url, headers=tuple(entry.headers.items()))


def _reached_by(entry: people.Channel, called: Sequence[Contact]) -> ReachedBy:
    """Return what proves that somebody was reached; by default it depends on how many there are.

    A machine that picks up must not keep a call from the next person; where there is no other,
    telling machines from people would only cost the first seconds of the call.
    """
    if entry.reached_by != "auto":
        return ReachedBy(entry.reached_by)
    several = len({person.phone for person in called}) > 1
    return ReachedBy.HUMAN if several and entry.type == "voice" else ReachedBy.ANSWER


def _strangers(to: Sequence[str], known: Mapping[str, Contact]) -> dict[str, Contact]:
    """Return those who are given by a number alone, as it is written.

    They are called by its mask: names are written to the log. Several numbers of one mask are
    counted in the order of the file: attempts and outcomes are kept by name.
    """
    written = {number: phone(number) for number in to if number not in known}
    names: dict[str, str] = {}
    for number in written.values():
        if number not in names:
            alike = sum(masked(other) == masked(number) for other in names)
            names[number] = f"{masked(number)} ({alike + 1})" if alike else masked(number)
    return {
        given: Contact(name=names[number], phone=number, takes_texts=takes_texts(number))
        for given, number in written.items()
    }


def _check(entry: CommonCheck, watched: Collection[str], loaded: Loaded) -> Check:
    """What is not watched is nothing to wait for: it explains no failure."""
    defaults, folder = loaded.config.defaults, loaded.folder
    timing = {
        key: getattr(defaults, key) if getattr(entry, key) is None else getattr(entry, key)
        for key in type(defaults).model_fields
    }
    return Check(
        name=entry.name,
        target=targets.target(entry, folder),
        spoken_name=entry.spoken_name,
        level=Level(entry.level),
        tags=frozenset(entry.tags),
        depends_on=tuple(name for name in dict.fromkeys(entry.depends_on) if name in watched),
        interval=timing["interval"],
        timeout=timing["timeout"],
        retry_interval=timing["retry_interval"],
        needed=Thresholds(
            fail_after=timing["fail_after"],
            recover_after=timing["recover_after"],
            unknown_after=timing["unknown_after"],
        ),
    )


def _account(entry: twilio.Twilio, folder: Path) -> TwilioAccount:
    file = entry.api_key_secret_file if entry.api_key_sid else entry.auth_token_file
    return TwilioAccount(
        account_sid=entry.account_sid,
        caller=entry.caller,
        auth_token=_revealed(entry.auth_token),
        api_key_sid=entry.api_key_sid,
        api_key_secret=_revealed(entry.api_key_secret),
        secret_file=folder / file if file else None,
        edge=entry.edge,
        region=entry.region,
        timeout=entry.timeout,
        shared_from=entry.shared_from,
        api_url=entry.api_url,
    )


def _revealed(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _command(argv: tuple[str, ...] | None, folder: Path) -> tuple[str, ...] | None:
    return None if argv is None else targets.command(argv, folder)


def _web(entry: daemon.Web) -> WebSettings | None:
    if entry.listen is None or entry.public_url is None:
        return None
    host, _, port = entry.listen.rpartition(":")
    return WebSettings(host=host.strip("[]"), port=int(port), public_url=entry.public_url)


def _daemon(entry: daemon.Daemon, folder: Path, environ: Mapping[str, str]) -> DaemonSettings:
    state_dir = folder / entry.state_dir if entry.state_dir else default_state_dir(environ)
    named = folder / entry.control_socket if entry.control_socket else None
    return DaemonSettings(
        state_dir=state_dir,
        database=_database(entry.database, state_dir, folder),
        control_socket=socket_path(named, environ),
        log_level=entry.log_level,
        canary=entry.canary,
        heartbeat=_heartbeat(entry.heartbeat),
    )


def _heartbeat(entry: daemon.Heartbeat | None) -> Heartbeat | None:
    if entry is None:
        return None
    shown = shown_url("webhook", entry.url)
    return Heartbeat(url=entry.url, shown=shown, interval=entry.interval)


def default_state_dir(environ: Mapping[str, str]) -> Path:
    """Return systemd's StateDirectory, else where root or this user keeps state."""
    if given := environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    if os.geteuid() == 0:
        return Path("/var/lib/watchcall")
    from platformdirs import user_state_path

    return user_state_path("watchcall")


def _database(named: str | None, state_dir: Path, folder: Path) -> str:
    if named is None:
        return f"sqlite:///{state_dir / 'watchcall.db'}"
    return f"sqlite:///{folder / named.removeprefix('sqlite:///')}"
