"""English."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.speakable import Signs
from watchcall.core.words import grammar
from watchcall.core.words.language import Language, Written

MONTHS = (
    "January February March April May June July August September October November December".split()
)


def _listed(items: list[str]) -> str:
    return grammar.listed(items, "and")


def _clock(at: datetime, now: datetime) -> str:
    """Such as "11:55 AM" and "3 AM": a voice may read "3:00" as "three zero zero"."""
    minutes = f":{at.minute:02}" if at.minute else ""
    spoken = f"{at.hour % 12 or 12}{minutes} {'AM' if at.hour < 12 else 'PM'}"
    spoken = {"12 AM": "midnight", "12 PM": "noon"}.get(spoken, spoken)
    if at.date() == now.date():
        return spoken
    return f"{MONTHS[at.month - 1]} {at.day}, {spoken}"


def _written(at: datetime, now: datetime) -> str:
    clock = f"{at:%H:%M}"
    return clock if at.date() == now.date() else f"{MONTHS[at.month - 1][:3]} {at.day} {clock}"


def _lasted(duration: timedelta) -> str:
    return " and ".join(counted(number, unit) for number, unit in grammar.parts(duration))


def counted(number: int, unit: str) -> str:
    """Return "1 check", "2 checks"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


ENGLISH = Language(
    tag="en",
    failing={
        Level.CRITICAL: "WatchCall on server {host}: {check} has been failing since {since}.",
        Level.WARNING: (
            "WatchCall on server {host}: there has been a warning for {check} since {since}."
        ),
        Level.UNKNOWN: "WatchCall on server {host} has been unable to check {check} since {since}.",
    },
    worsened=(
        "WatchCall on server {host}: {check} has been critical since {rose}. "
        "The trouble began at {since}."
    ),
    several={
        Level.CRITICAL: "WatchCall on server {host}: {count} checks are failing: {checks}.",
        Level.WARNING: "WatchCall on server {host}: there are {count} warnings: {checks}.",
        Level.UNKNOWN: (
            "WatchCall on server {host}: {count} checks cannot be carried out: {checks}."
        ),
    },
    each="{check}, since {since}: {reason}.",
    others="{count} others",
    still={
        Level.CRITICAL: (
            "WatchCall on server {host}: {check} has been failing since {since}, for {duration} "
            "now, and nobody is taking care of it."
        ),
        Level.WARNING: (
            "WatchCall on server {host}: there has been a warning for {check} since {since}, for "
            "{duration} now, and nobody is taking care of it."
        ),
        Level.UNKNOWN: (
            "WatchCall on server {host} has been unable to check {check} since {since}, for "
            "{duration} now, and nobody is taking care of it."
        ),
    },
    still_several=(
        "WatchCall on server {host}: {count} checks are still in trouble, and nobody is taking "
        "care of them: {checks}."
    ),
    unstable=(
        "WatchCall on server {host}: {check} is unstable: it keeps failing and recovering, and "
        "last failed at {since}."
    ),
    unstable_several=(
        "WatchCall on server {host}: {count} checks are unstable, they keep failing and "
        "recovering: {checks}."
    ),
    at_rest="At the moment it is all right.",
    quiet_until=(
        "WatchCall stays quiet about this until there has been no failure for {stable}, unless a "
        "critical failure lasts for {lasting}."
    ),
    recovered=(
        "WatchCall on server {host}: {check} recovered at {until}. It had failed for {duration}."
    ),
    all_recovered="WatchCall on server {host}: {count} checks recovered: {checks}.",
    own_trouble="WatchCall on server {host} has had trouble of its own since {since}: {reason}.",
    own_recovered=(
        "WatchCall on server {host} has been all right again since {until}. "
        "Its own trouble had lasted for {duration}."
    ),
    press_keys=(
        "Press 1 to acknowledge, 2 to pass this on to the next person, or star to hear it again."
    ),
    call_back="To acknowledge, call this number back.",
    acknowledged="Thank you. {check} is acknowledged.",
    all_acknowledged="Thank you. All {count} are acknowledged.",
    passed="I will call the next person.",
    not_understood="Sorry, I did not understand that.",
    too_late="This is already over.",
    test="This is a test call of WatchCall on server {host}. Nothing is broken.",
    stopped=(
        "WatchCall on server {host} has stopped. Nothing is watched there any more, and nobody is "
        "called, until somebody starts it again."
    ),
    misconfigured="Its configuration is wrong.",
    between=" ",
    again="I repeat.",
    repeated="You may have heard this already.",
    levels={
        Level.OK: "ok",
        Level.WARNING: "warning",
        Level.CRITICAL: "critical",
        Level.UNKNOWN: "unknown",
    },
    reasons={
        "none_yet": "nothing seen yet",
        "text": "{text}",
        "check.removed": "the check was removed from the configuration",
        "check.changed": "the check now looks at something else",
        "look.timeout": "the check gave no result within {seconds} seconds",
        "look.crashed": "the check itself went wrong: {error}",
        "look.halted": "WatchCall or this server was halted during the check",
        "look.too_hard": "the search for {text} takes too long",
        "look.late": "WatchCall itself was {seconds} seconds late, so nothing could be measured",
        "look.left_out": "WatchCall had no time to look",
        "process.running": "{name}: {count} running",
        "process.none": "no process named {name} is running",
        "process.none_like": "no process that matches {name} is running",
        "process.none_of": "no process of {name} is running",
        "process.none.last": (
            "no process named {name} is running, the last one, PID {pid}, was there {ago} before"
        ),
        "process.none_like.last": (
            "no process that matches {name} is running, the last one, PID {pid}, was there {ago} "
            "before"
        ),
        "process.none_of.last": (
            "no process of {name} is running, the last one, PID {pid}, was there {ago} before"
        ),
        "process.too_few": "{name} has only {count} processes running, at least {min} are needed",
        "process.too_many": "{name} has {count} processes running, at most {max} are allowed",
        "process.zombie": "{name} has died, only zombies are left: {count}",
        "process.memory": "{name} uses {used} megabytes of memory, the limit is {limit}",
        "process.cpu": "{name} uses {percent} percent of a core, the limit is {limit}",
        "process.pidfile_missing": "the PID file {path} is missing",
        "process.pidfile_dead": "process {pid} from the PID file {path} is not running",
        "process.pidfile_other": "process {pid} from the PID file {path} is another program",
        "process.pidfile_unreadable": "the PID file {path} cannot be read: {error}",
        "process.pidfile_no_number": "the PID file {path} holds no process number",
        "process.no_user": "this server has no user named {user}",
        "process.hidden": "this server hides other users' processes from WatchCall",
        "process.unreadable": "{name}: WatchCall may not see the programs of {count} processes",
        "process.cannot_look": "the processes cannot be read: {error}",
        "unit.active": "{unit} is active",
        "unit.starting": "{unit} is starting",
        "unit.starting_long": "{unit} takes too long to start",
        "unit.stopping": "{unit} is stopping",
        "unit.stopping_long": "{unit} takes too long to stop",
        "unit.ended": "{unit} has ended, systemd is about to start it again",
        "unit.ended_long": "{unit} has ended, and systemd has not started it again yet",
        "unit.again": "{unit} had ended, systemd has just started it again",
        "unit.loop": "{unit} keeps ending, systemd starts it again and again",
        "unit.stopped": "{unit} is stopped",
        "unit.failed": "{unit} has failed",
        "unit.exit_code": "{unit} has failed with exit status {status}",
        "unit.signal": "{unit} was ended by the signal {signal}",
        "unit.core_dump": "{unit} has crashed",
        "unit.oom_kill": "{unit} was killed because memory ran out",
        "unit.watchdog": "{unit} no longer gave a sign of life and was ended by systemd",
        "unit.timeout": "{unit} did not start or stop in time",
        "unit.start_limit": "{unit} has failed too often, systemd does not start it any more",
        "unit.resources": "{unit} could not be started, the system lacks resources for it",
        "unit.masked": "{unit} is masked and cannot be started",
        "unit.broken": "the unit file of {unit} cannot be used",
        "unit.missing": "systemd knows no unit named {unit}",
        "unit.cannot_look": "systemd cannot be asked: {error}",
        "http.ok": "answered with status {status} in {ms} ms",
        "http.found": "the answer is as wanted",
        "http.status": "it answered with status {status}",
        "http.lacks": "the answer does not contain {text}",
        "http.contains": "the answer contains {text}",
        "http.unmatched": "the answer does not match {pattern}",
        "http.body_limit": "the first {limit} bytes of the answer are not enough to tell",
        "http.json_invalid": "the answer is not JSON",
        "http.json_deep": "the JSON of the answer is nested too deeply",
        "http.json_missing": "the answer has no value at {path}",
        "http.json_differs": "the value at {path} is {saw} instead of {wanted}",
        "http.json_path": "the JSON path {path} is not valid: {error}",
        "http.latency": "the answer took {seconds} seconds, the limit is {limit}",
        "http.certificate.days": "the certificate expires in {days} days",
        "http.certificate.hours": "the certificate expires in {hours} hours",
        "http.certificate.expired": "the certificate has expired",
        "http.no_certificate": "the connection is not encrypted, there is no certificate to check",
        "http.dns": "the name {host} has no address",
        "http.no_address": "{host} has no address of IP version {version}",
        "http.refused": "{host} refused the connection to port {port}",
        "http.no_connection": "there is no connection to {host} port {port}: {error}",
        "http.timeout.dns": "the host name was not resolved within {seconds} seconds",
        "http.timeout.connect": "there was no connection within {seconds} seconds",
        "http.timeout.tls": "there was no TLS handshake within {seconds} seconds",
        "http.timeout.first_byte": "there was no answer within {seconds} seconds",
        "http.timeout.reading": "the answer was not complete within {seconds} seconds",
        "http.tls.expired": "the certificate has expired",
        "http.tls.not_yet_valid": "the certificate is not valid yet",
        "http.tls.self_signed": "the certificate is self-signed",
        "http.tls.untrusted": "the certificate is from an unknown authority",
        "http.tls.wrong_name": "the certificate is not for {host}",
        "http.tls.failed": "the encrypted connection failed: {error}",
        "http.empty": "the connection was closed without an answer",
        "http.cut": "the answer was cut off after {bytes} bytes",
        "http.broken": "the connection broke: {error}",
        "http.garbage": "the answer is not proper HTTP: {error}",
        "http.header_too_long": "the header of the answer has no end",
        "http.redirects": "there were more than {count} redirects",
        "http.redirect_invalid": "the redirect leads to no valid address: {url}",
        "http.proxy": "the proxy failed: {error}",
        "http.lookups": "{count} host names are already being looked up",
        "http.descriptors": "WatchCall has no file descriptors left",
        "http.file_unreadable": "{path} cannot be read: {error}",
        "http.file_no_secret": "{path} holds no usable secret",
        "http.cannot_look": "the request could not be made: {error}",
        "tcp.ok": "{host} accepts connections to port {port}, within {ms} ms",
        "tcp.latency": "the connection took {seconds} seconds, the limit is {limit}",
        "tcp.closed": "the connection was closed, and what had come does not match {pattern}",
        "tcp.timeout.expected": "what came within {seconds} seconds does not match {pattern}",
        "tcp.cannot_look": "the connection could not be tried: {error}",
        "command.timeout": "{name} did not end within {seconds} seconds",
        "command.signal": "{name} was ended by the signal {signal}",
        "command.exit": "{name} ended with status {status}",
        "command.exit_said": "{name} ended with status {status}: {text}",
        "command.cannot_run": "{name} cannot be run: {error}",
        "command.still_there": "{name} still runs from last time and cannot be ended",
        "host.load.ok": "the load of each core is {percent} percent",
        "host.load": "the load of each core is {percent} percent, the limit is {limit}",
        "host.memory_used.ok": "{percent} percent of the memory is in use",
        "host.memory_used": "{percent} percent of the memory is in use, the limit is {limit}",
        "host.swap_used.ok": "{percent} percent of the swap space is in use",
        "host.swap_used": "{percent} percent of the swap space is in use, the limit is {limit}",
        "host.disk_used.ok": "the disk of {path} is {percent} percent full",
        "host.disk_used": "the disk of {path} is {percent} percent full, the limit is {limit}",
        "host.disk_hangs": "the disk of {path} gave no answer within {seconds} seconds",
        "host.no_path": "{path} does not exist, there is no disk to look at",
        "host.cannot_look": "the state of the server cannot be read: {error}",
        "evidence.oom": "it was killed by the out-of-memory killer",
        "evidence.oom_one": "one of its processes was killed by the out-of-memory killer",
        "evidence.status": "it exited with status {status}",
        "evidence.signal": "it was killed by signal {signal}",
        "evidence.crash": "it crashed with signal {signal}",
        "evidence.start_limit": "the service hit its start limit",
        "evidence.timeout": "the service took too long to start or to stop",
        "evidence.watchdog": "the service no longer answered its watchdog",
        "evidence.ended": "it ended without an error",
        "self.unreachable": "Twilio cannot be reached",
        "self.credentials": "Twilio does not accept the credentials",
        "self.suspended": "the status of the Twilio account is {status}",
        "self.trial": "the Twilio account is a trial account, its calls may go unheard",
        "self.balance": "the balance of the Twilio account is down to {balance} {currency}",
        "self.from_unknown": "the caller ID does not belong to the Twilio account",
        "self.from_mute": "the caller ID cannot make calls",
        "self.from_no_texts": "the caller ID cannot send texts",
        "self.geo": "the Twilio account may not call numbers in {country}",
        "self.unreached": "nobody could be reached about {count} incidents",
        "self.overload": "this machine is too slow for all that WatchCall is to look at",
        "self.unsaved": (
            "this server's disk cannot be written, so calls may be repeated after a restart"
        ),
    },
    sentence=grammar.sentence,
    listed=_listed,
    clock=_clock,
    lasted=_lasted,
    point=".",
    signs=Signs(
        dot="dot",
        slash="slash",
        backslash="backslash",
        at="at",
        equals="equals",
        port="port {port}",
        hex="hex {digits}",
        code="a code that begins with {start}",
    ),
    written=Written(
        failing={
            Level.CRITICAL: "{host}: {check} failing since {since}.",
            Level.WARNING: "{host}: warning for {check} since {since}.",
            Level.UNKNOWN: "{host}: {check} could not be checked since {since}.",
        },
        worsened="{host}: {check} critical since {rose}, trouble since {since}.",
        several={
            Level.CRITICAL: "{host}: {count} checks failing",
            Level.WARNING: "{host}: {count} warnings",
            Level.UNKNOWN: "{host}: {count} checks cannot be carried out",
        },
        each="{check}, {since}: {reason}",
        still={
            Level.CRITICAL: (
                "{host}: {check} still failing, since {since} ({duration}). Nobody is taking care "
                "of it."
            ),
            Level.WARNING: (
                "{host}: still a warning for {check}, since {since} ({duration}). Nobody is taking "
                "care of it."
            ),
            Level.UNKNOWN: (
                "{host}: {check} still cannot be checked, since {since} ({duration}). Nobody is "
                "taking care of it."
            ),
        },
        still_several="{host}: {count} checks still in trouble, nobody is taking care of them",
        unstable="{host}: {check} keeps failing and recovering, last failed at {since}.",
        unstable_several="{host}: {count} checks keep failing and recovering",
        at_rest="All right at the moment.",
        quiet_until=(
            "Quiet until there is no failure for {stable}, unless a critical one lasts {lasting}."
        ),
        recovered="{host}: {check} recovered at {until}, after {duration}.",
        all_recovered="{host}: {count} checks recovered",
        each_recovered="{check}, {until}, after {duration}",
        own_trouble="WatchCall on {host} has trouble of its own: {reason}.",
        own_recovered="WatchCall on {host} is all right again since {until}, after {duration}.",
        more="… and {count} more",
        reply="Reply {code} to acknowledge.",
        reply_any="Reply with a code to acknowledge.",
        clock=_written,
    ),
    ones={
        "seconds": "second",
        "hours": "hour",
        "days": "day",
        "bytes": "byte",
        "megabytes": "megabyte",
        "redirects": "redirect",
        "incidents": "incident",
        "processes": "process",
    },
)
