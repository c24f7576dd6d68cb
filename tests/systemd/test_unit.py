"""What the unit promises, read from its text: no systemd is needed.

`faults` holds the promises; each is shown to be able to fail on a unit that breaks it. What only
a booted systemd can show is not here.
"""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systemd.unit import Unit
from watchcall import daemon
from watchcall.channels.twilio import client
from watchcall.cli import COMMANDS, _parser
from watchcall.cli.exits import CONFIGURATION
from watchcall.config import locate
from watchcall.config.secrets import CREDENTIALS, ENCRYPTED
from watchcall.config.twilio import Twilio
from watchcall.lastgasp.gasp import PATIENCE_S
from watchcall.lastgasp.request import GRACE_S
from watchcall.lastgasp.words import HERE

ROOM = Path(__file__).parents[2] / "systemd"
SERVICE = (ROOM / "watchcall.service").read_text("utf-8")
GASP = (ROOM / "watchcall-lastgasp.service").read_text("utf-8")
SYSUSERS = (ROOM / "sysusers.d" / "watchcall.conf").read_text("utf-8")

PROGRAM = "/usr/bin/watchcall"
STORE_WAITS = 5  # seconds for a locked database (store/open.py), on top of Twilio's deadline
START_S = 90  # DefaultTimeoutStartSec=: what a start may hang
LEAST_WATCHDOG = 30  # seconds; a shorter hiccup of a busy machine is no reason for a restart

# With any other value a check would be blind, or see an outage where there is none.
SEEING = {
    "ProtectProc": "default",
    "ProcSubset": "all",
    "PrivateUsers": "no",
    "PrivateTmp": "no",
    "ProtectHome": "read-only",
}
HIDING = (
    "BindPaths",
    "BindReadOnlyPaths",
    "DynamicUser",
    "IPAddressDeny",
    "InaccessiblePaths",
    "MountAPIVFS",
    "NetworkNamespacePath",
    "PrivateNetwork",
    "PrivatePIDs",
    "RootDirectory",
    "RootImage",
    "SupplementaryGroups",  # a group that is not there ends the start with 216/GROUP
    "TemporaryFileSystem",
)
NEWER_THAN_252 = ("ImportCredential", "RestartMaxDelaySec", "RestartMode", "RestartSteps")
LOCKED = {
    "CapabilityBoundingSet": "",
    "LimitCORE": "0",
    "MemoryDenyWriteExecute": "yes",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "StateDirectoryMode": "0700",
    "UMask": "0077",
}

# What says all by its name, or belongs to the line above. Everything else wants a comment.
PLAIN = set(
    """
    After AmbientCapabilities Description DevicePolicy ExecStart Group KeyringMode LockPersonality
    NotifyAccess OOMPolicy PrivateDevices ProtectClock ProtectControlGroups ProtectKernelLogs
    ProtectKernelModules ProtectKernelTunables RemoveIPC Restart RestartSec RestrictNamespaces
    RestrictRealtime RestrictSUIDSGID RuntimeDirectory StartLimitBurst StateDirectory
    SystemCallArchitectures Type UMask WantedBy
    """.split()
)


def faults(text: str, users: str = SYSUSERS) -> list[str]:
    """Return the promises that a unit breaks."""
    unit = Unit(text)
    return [
        *_readiness(unit),
        *_restarts(unit),
        *_user(unit, users),
        *_secrets(unit),
        *_sight(unit),
        *(f"{name} is not {value!r}" for name, value in LOCKED.items() if unit.get(name) != value),
        *(f"{one.name} is not explained" for one in unit.directives if _puzzles(one.name, unit)),
    ]


def _readiness(unit: Unit) -> Iterator[str]:
    if unit.get("Type") != "notify" or unit.get("NotifyAccess") != "main":
        yield "systemd is not told"
    if _words(unit, "ExecStart") != ["run", "--config", str(locate.SYSTEM)]:
        yield "ExecStart does not run the daemon"
    if _words(unit, "ExecReload") != ["reload", "--config", str(locate.SYSTEM)]:
        yield "ExecReload does not wait for the reload"
    if f"/run/{unit.get('RuntimeDirectory')}" != str(locate.RUN):
        yield "the control socket is not where the commands look"
    mode = int(unit.get("RuntimeDirectoryMode") or "0755", 8)
    if mode & stat.S_IRWXO or not mode & stat.S_IXGRP or mode & stat.S_IWGRP:
        yield "not the group alone reaches the control socket"
    if unit.get("StateDirectory") != "watchcall":
        yield "there is no state directory"


def _restarts(unit: Unit) -> Iterator[str]:
    if unit.get("Restart") != "on-failure":
        yield "a daemon that died stays dead"
    if unit.get("RestartPreventExitStatus") != str(CONFIGURATION):
        yield "a wrong configuration is started again and again"
    watchdog = unit.seconds("WatchdogSec") if unit.get("WatchdogSec") else 0
    death = unit.seconds("RestartSec") + max(START_S, watchdog)
    if unit.seconds("StartLimitIntervalSec") < death * int(unit.get("StartLimitBurst") or 0):
        yield "the start limit is never reached"
    if unit.get("OnFailure") != "watchcall-lastgasp.service":
        yield "nobody is told when it has failed"
    if watchdog < LEAST_WATCHDOG or watchdog * (1 - 2 * daemon.WATCHDOG_SHARE) < STORE_WAITS:
        yield "the watchdog is missing or too impatient"
    deadline = (Twilio.model_fields["timeout"].default + client.GRACE).total_seconds()
    if unit.seconds("TimeoutStopSec") <= deadline + STORE_WAITS:
        yield "a call that is being placed is cut off"
    if unit.get("KillMode") != "mixed":
        yield "helpers are told to end while their checks go on"


def _user(unit: Unit, users: str) -> Iterator[str]:
    made = [line.split()[:2] for line in users.splitlines() if line and not line.startswith("#")]
    if ["u", unit.get("User")] not in made:
        yield "sysusers does not make the user"
    if unit.get("Group") != unit.get("User"):
        yield "the group is not the user's own"


def _secrets(unit: Unit) -> Iterator[str]:
    loaded = dict(value.split(":", 1) for value in unit.all("LoadCredential"))
    if loaded != {name: f"/etc/watchcall/{name}" for name in CREDENTIALS.values()}:
        yield "a secret does not come as a credential"
    encrypted = dict(value.split(":", 1) for value in unit.all("LoadCredentialEncrypted"))
    if encrypted != {f"{name}{ENCRYPTED}": f"{file}{ENCRYPTED}" for name, file in loaded.items()}:
        yield "a secret does not come encrypted"
    # An empty text is refused by systemd ("Invalid syntax, ignoring"), so a line break it is.
    if dict(value.split(":", 1) for value in unit.all("SetCredential")) != dict.fromkeys(
        [*loaded, *encrypted], r"\n"
    ):
        yield "without the secret's file the unit does not start"
    if any("TWILIO" in value.upper() for value in unit.all("Environment")) or unit.get(
        "EnvironmentFile"
    ):
        yield "a secret is in the environment"


def _sight(unit: Unit) -> Iterator[str]:
    yield from (
        f"{name} is not {value!r}" for name, value in SEEING.items() if unit.get(name) != value
    )
    yield from (f"{name} is set" for name in HIDING if unit.get(name) is not None)
    yield from (f"{name} is too new" for name in NEWER_THAN_252 if unit.get(name) is not None)
    families = set(" ".join(unit.all("RestrictAddressFamilies")).split())
    if families != {"AF_UNIX", "AF_INET", "AF_INET6"}:
        yield "not just the needed address families"


def _words(unit: Unit, name: str) -> list[str]:
    program, *words = (unit.get(name) or "").split()
    return words if program == PROGRAM else []


def _puzzles(name: str, unit: Unit) -> bool:
    alike = [one for one in unit.directives if one.name == name]
    return name not in PLAIN and not all(one.explained for one in alike)


def test_the_unit_keeps_every_promise() -> None:
    assert faults(SERVICE) == []


@pytest.mark.parametrize(
    ("line", "instead", "fault"),
    [
        ("Type=notify", "Type=simple", "systemd is not told"),
        ("NotifyAccess=main", "NotifyAccess=none", "systemd is not told"),
        ("/bin/watchcall run", "/bin/watchcal run", "ExecStart does not run the daemon"),
        ("/bin/watchcall reload --config /etc", "/bin/watchcall reload --config /opt/etc",
         "ExecReload does not wait for the reload"),
        ("RuntimeDirectory=watchcall", "RuntimeDirectory=wc",
         "the control socket is not where the commands look"),
        ("RuntimeDirectoryMode=0750", "RuntimeDirectoryMode=0755",
         "not the group alone reaches the control socket"),
        ("RuntimeDirectoryMode=0750", "RuntimeDirectoryMode=0700",
         "not the group alone reaches the control socket"),
        ("StateDirectory=watchcall", "", "there is no state directory"),
        ("Restart=on-failure", "Restart=no", "a daemon that died stays dead"),
        ("RestartPreventExitStatus=78", "RestartPreventExitStatus=1",
         "a wrong configuration is started again and again"),
        ("RestartSec=3s", "RestartSec=1min", "the start limit is never reached"),
        ("StartLimitIntervalSec=20min", "StartLimitIntervalSec=10min",
         "the start limit is never reached"),
        ("OnFailure=watchcall-lastgasp.service", "", "nobody is told when it has failed"),
        ("LoadCredentialEncrypted=twilio_auth_token.cred:", "LoadCredentialEncrypted=token:",
         "a secret does not come encrypted"),
        ("WatchdogSec=60s", "", "the watchdog is missing or too impatient"),
        ("WatchdogSec=60s", "WatchdogSec=20s", "the watchdog is missing or too impatient"),
        ("TimeoutStopSec=30s", "TimeoutStopSec=11s", "a call that is being placed is cut off"),
        ("KillMode=mixed", "KillMode=control-group",
         "helpers are told to end while their checks go on"),
        ("User=watchcall", "User=nobody", "sysusers does not make the user"),
        ("Group=watchcall", "Group=adm", "the group is not the user's own"),
        ("LoadCredential=twilio_auth_token:", "LoadCredential=twilio_token:",
         "a secret does not come as a credential"),
        (r"SetCredential=twilio_auth_token:\n", "SetCredential=twilio_auth_token:",
         "without the secret's file the unit does not start"),
        (r"SetCredential=twilio_auth_token.cred:\n", "",
         "without the secret's file the unit does not start"),
        ("Environment=PYTHONFAULTHANDLER=1", "Environment=WATCHCALL_TWILIO__AUTH_TOKEN=x",
         "a secret is in the environment"),
        ("UMask=0077", "UMask=0077\nEnvironmentFile=/etc/default/watchcall",
         "a secret is in the environment"),
        ("ProtectProc=default", "ProtectProc=invisible", "ProtectProc is not 'default'"),
        ("ProcSubset=all", "ProcSubset=pid", "ProcSubset is not 'all'"),
        ("PrivateUsers=no", "PrivateUsers=true", "PrivateUsers is not 'no'"),
        ("PrivateTmp=no", "PrivateTmp=1", "PrivateTmp is not 'no'"),
        ("ProtectHome=read-only", "ProtectHome=tmpfs", "ProtectHome is not 'read-only'"),
        ("UMask=0077", "UMask=0077\nDynamicUser=yes", "DynamicUser is set"),
        ("UMask=0077", "UMask=0077\nRestartSteps=5", "RestartSteps is too new"),
        ("AF_UNIX AF_INET", "AF_INET", "not just the needed address families"),
        ("CapabilityBoundingSet=", "CapabilityBoundingSet=CAP_SYS_PTRACE",
         "CapabilityBoundingSet is not ''"),
        ("# Not pid: /proc", "ProcSubset=all\n\n#", "ProcSubset is not explained"),
        ("LimitCORE=0", "LimitCORE=0\nIPAddressAllow=any", "IPAddressAllow is not explained"),
    ],
)  # fmt: skip
def test_a_broken_promise_is_seen(line: str, instead: str, fault: str) -> None:
    assert SERVICE.count(line) >= 1

    assert fault in faults(SERVICE.replace(line, instead, 1))


def test_a_user_that_nobody_makes_is_seen() -> None:
    assert "sysusers does not make the user" in faults(SERVICE, "# u watchcall\n")


ALIKE = """
    User Group LoadCredential LoadCredentialEncrypted SetCredential UMask ProtectSystem
    CapabilityBoundingSet NoNewPrivileges LimitCORE MemoryDenyWriteExecute SystemCallFilter
    RestrictAddressFamilies
""".split()


@pytest.mark.parametrize("name", ALIKE)
def test_the_last_gasp_is_who_the_daemon_is_and_may_no_more(name: str) -> None:
    assert Unit(GASP).all(name) == Unit(SERVICE).all(name)


def test_the_last_gasp_does_not_need_the_directory_that_the_daemon_may_lack() -> None:
    """A link in its place, or a disk that is full, ends whatever wants StateDirectory=."""
    unit = Unit(GASP)

    assert unit.get("StateDirectory") is None
    assert unit.all("ReadWritePaths") == [f"-{HERE}"]
    assert f"/var/lib/{Unit(SERVICE).get('StateDirectory')}" == HERE


def test_the_last_gasp_has_the_time_that_it_takes() -> None:
    unit = Unit(GASP)
    request = Twilio.model_fields["timeout"].default.total_seconds() + GRACE_S

    assert unit.get("ExecStart") == f"{PROGRAM} lastgasp"
    assert unit.seconds("TimeoutStartSec") > PATIENCE_S + 2 * request
    assert unit.get("RestartPreventExitStatus") == str(CONFIGURATION)
    each = unit.seconds("RestartSec") + unit.seconds("TimeoutStartSec")
    assert unit.seconds("StartLimitIntervalSec") >= each * int(unit.get("StartLimitBurst") or 0)


@pytest.mark.parametrize("name", ["ExecStart", "ExecReload"])
def test_the_program_understands_its_command_line(name: str) -> None:
    words = _words(Unit(SERVICE), name)

    assert words[0] in COMMANDS
    assert _parser(words).parse_args(words).config == str(locate.SYSTEM)


def test_the_watchdog_is_fed_as_often_as_the_comment_says() -> None:
    fed = Unit(SERVICE).seconds("WatchdogSec") * daemon.WATCHDOG_SHARE

    assert f"feeds it every {fed:g} s" in SERVICE


# Where the tool is missing these tests do not exist; a skip would count as a failure (conftest.py).
if shutil.which("systemd-analyze"):

    def _analyze(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["systemd-analyze", *words], capture_output=True, text=True, timeout=30, check=False
        )

    def _complaints(folder: Path, text: str) -> list[str]:
        """Return what systemd says about our unit, on whatever machine this is."""
        unit = folder / "watchcall.service"
        there = shutil.which("true") or "/bin/true"
        unit.write_text(text.replace(PROGRAM, there), "utf-8")
        (folder / "watchcall-lastgasp.service").write_text(GASP.replace(PROGRAM, there), "utf-8")
        said = _analyze("verify", "--man=no", str(unit)).stderr
        return [line for line in said.splitlines() if "watchcall.service" in line]

    @pytest.mark.parametrize("text", [SERVICE, GASP], ids=["the daemon", "the last gasp"])
    def test_systemd_understands_every_line(tmp_path: Path, text: str) -> None:
        assert _complaints(tmp_path, text) == []

    def test_systemd_would_complain(tmp_path: Path) -> None:
        assert _complaints(tmp_path, SERVICE.replace("LimitCORE", "LimitCOR"))

    @pytest.mark.parametrize(
        ("text", "exposed"),
        [
            pytest.param(SERVICE, False, id="as it is: 2.0 or better"),
            pytest.param(GASP, False, id="the last gasp"),
            pytest.param(
                SERVICE.replace("User=watchcall", "User=root").replace("strict", "no"),
                True,
                id="as root on a writable system",
            ),
        ],
    )
    def test_how_exposed_the_service_is(tmp_path: Path, text: str, *, exposed: bool) -> None:
        unit = tmp_path / "watchcall.service"
        unit.write_text(text, "utf-8")
        judged = _analyze("security", "--offline=yes", "--threshold=20", "--no-pager", str(unit))

        assert bool(judged.returncode) is exposed, judged.stderr or judged.stdout[-200:]
