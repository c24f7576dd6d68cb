"""How each command that stands within a sentence or a cell is typed, and where: all in one table.

ON_STAGE is typed in this order by tests/docs/say.py, beside a daemon that watches EXAMPLES of
tests/docs/play.py; IN_A_CHECKOUT by tests/docs/test_inline.py; ON_A_SERVER in this order by
tests/acceptance/test_inline.py. What a page leaves open (a check, an incident) is filled in here.
"""

from __future__ import annotations

from dataclasses import dataclass

from watchcall.cli import COMMANDS

# Apart from the daemon, which may be calling the same person: a phone that rings is not rung again.
RINGS = (
    "WATCHCALL_DAEMON__CONTROL_SOCKET=$PWD/apart.sock WATCHCALL_DAEMON__STATE_DIR=$PWD/apart "
    "watchcall test-call {}"
)
HELP = f"for each in {' '.join(COMMANDS)}; do watchcall $each --help; done"


@dataclass(frozen=True, slots=True)
class Typed:
    """A command of a page.

    shown: as it stands there
    typed: with what a reader puts in; the same where it is whole
    says:  words that it answers
    code:  its exit code, where that is not 0 because the answer is "no"
    instead: of one that lasts, what ends before, for its place is needed
    """

    shown: str
    typed: str = ""
    says: str = ""
    code: int = 0
    instead: str = ""

    @property
    def line(self) -> str:
        return self.typed or self.shown


ON_STAGE = (
    Typed("watchcall --version", says="watchcall 0."),
    Typed("watchcall COMMAND --help", HELP, says="usage: watchcall simulator"),
    Typed("watchcall simulator --help", says="the script: what the phones do"),
    Typed(
        "chmod 600 config.toml", "chmod 644 config.toml; chmod 600 config.toml; stat -c%a *.toml"
    ),
    Typed("chmod +x night", "chmod +x night; ./night", says="a night"),
    Typed(
        "export WATCHCALL_CONFIG=$PWD/config.toml",
        "unset WATCHCALL_CONFIG; export WATCHCALL_CONFIG=$PWD/config.toml; watchcall validate",
        says="fine: 14 checks",
    ),
    Typed("watchcall preview CHECK", "watchcall preview httpd", says="no process named httpd"),
    Typed("watchcall preview", "watchcall preview web-1", says="no process named web-1"),
    Typed("watchcall preview httpd --language de --event reminder", says="in de"),
    Typed("watchcall simulate", "watchcall simulate --fail httpd", says="incident 1"),
    # Httpd runs, and dies.
    Typed("watchcall probe CHECK", "watchcall probe httpd", says="httpd: 1 running"),
    Typed("ps -o comm", "ps -o comm -p $(pgrep -f '^web-1 ')", says="sleep"),
    Typed("kill -9", "kill -9 $(pgrep -f '^httpd ')"),
    Typed("watchcall probe", "watchcall probe httpd", says="no process named httpd", code=1),
    Typed("watchcall incidents 12", says="job-"),
    Typed("watchcall incidents --json", says='"told"'),
    Typed("watchcall calls --json", says='"outcome"'),
    Typed("watchcall explain CHECK", "watchcall explain httpd", says="nobody owns it"),
    Typed("watchcall explain", "watchcall explain job-1", says="critical"),
    Typed("watchcall explain CHECK --json", "watchcall explain httpd --json", says='"steps"'),
    # Somebody is on it.
    Typed("watchcall ack 12", says="incident 12 ("),
    Typed("watchcall ack R6K4 --by mia", "watchcall ack {code} --by mia", says="is owned by mia"),
    Typed("watchcall ack INCIDENT", "watchcall ack 11", says="incident 11 ("),
    Typed("watchcall ack", "watchcall ack 10 --by kei", says="is owned by kei"),
    # Others are left alone.
    Typed("watchcall silence CHECK --for 2h", "watchcall silence httpd --for 2h", says="silence 1"),
    Typed("watchcall silence 'web-*' tag:db --until 07:00", says="it matches 1 check: web-1"),
    Typed("watchcall silence", "watchcall silence job-1 --for 1h", says="silence 3"),
    Typed("watchcall unsilence ID", "watchcall unsilence 1", says="silence 1 (httpd) has ended"),
    Typed("watchcall unsilence", "watchcall unsilence 3", says="silence 3 (job-1) has ended"),
    Typed("watchcall reload", says="reloaded"),
    Typed("watchcall test-call", RINGS.format(""), says="me (+81*******678): human"),
    Typed("watchcall test-call [CONTACT]", RINGS.format("kei"), says="(+81*******789): human"),
    Typed("python -c pass"),
    # It says why a notice does not arrive, which WatchCall itself does not know.
    Typed(
        "apprise -vv",
        "apprise -vv --title web1 --body text json://127.0.0.1:9/hook",
        says="Connection error",
        code=1,
    ),
    # These last, and take the place of what ran until now.
    Typed("watchcall run", instead="daemon"),
    Typed("watchcall run --call-on-recovery", instead="daemon"),
    Typed("watchcall simulator", instead="simulator"),
)
IN_A_CHECKOUT = (
    Typed("python -m tests.test_architecture", says="core"),
    # They are there, or the packages were not built; nothing is installed by asking.
    Typed(
        "apt install debhelper rpm binutils python3-venv",
        "apt-get --simulate install debhelper rpm binutils python3-venv",
    ),
)
STATE = "/var/lib/watchcall"
DATABASE = f"{STATE}/watchcall.db"
FAILS = "timeout 20 bash -c 'until watchcall incidents | grep -q httpd; do sleep 0.2; done'"
# On a terminal, or systemctl does not edit; ./editor writes what the pages say.
EDIT = "script --quiet --return --command 'SYSTEMD_EDITOR=./editor systemctl edit {}' /dev/null"
# WatchCall runs as the package has installed it, beside httpd and a Twilio; alice has no rights.
ON_A_SERVER = (
    Typed("apt install python3-venv", says="python3-venv is already the newest version"),
    Typed("systemctl start dbus"),
    Typed("systemctl status dbus", says="active (running)"),
    Typed("systemctl show", "systemctl show httpd", says="ActiveState=active"),
    Typed("systemd-analyze security watchcall", says="for watchcall.service: 1.7 OK"),
    Typed(
        "usermod -aG watchcall alice",
        "! su alice -c 'watchcall status'; usermod -aG watchcall alice; "
        "su alice -c 'watchcall status'",
        says="httpd ok",
    ),
    # Neither calls anybody.
    Typed("systemctl restart", "systemctl restart httpd"),
    Typed("systemctl stop", "systemctl stop watchcall"),
    Typed("systemctl reset-failed watchcall"),
    Typed(
        "chown -R watchcall: /var/lib/watchcall",
        f"chown -R root: {STATE}; ! systemctl start watchcall; "
        f"chown -R watchcall: {STATE}; systemctl start watchcall",
    ),
    Typed(
        "chmod 700",
        f"chmod 777 {STATE}; chmod 700 {STATE}; systemctl restart watchcall",
    ),
    Typed("chmod 600", f"chmod 644 {DATABASE}; chmod 600 {DATABASE}; systemctl restart watchcall"),
    Typed("systemctl edit watchcall", f"{EDIT.format('watchcall')}; systemctl restart watchcall"),
    Typed("systemctl edit watchcall-lastgasp", EDIT.format("watchcall-lastgasp")),
    Typed(
        "journalctl -u watchcall -p warning",
        f"systemctl stop httpd; {FAILS}; journalctl -u watchcall -p warning",
        says="check 'httpd' is failing (critical), incident 1 opened",
    ),
    # By hand, as systemd runs it with the token.
    Typed(
        "watchcall lastgasp",
        "systemctl stop watchcall; WATCHCALL_TWILIO__AUTH_TOKEN=simulator watchcall lastgasp",
        says="me is being called",
    ),
)
INSTALLED = "tests/packaging/test_installed.py"
UPSETS = "tests/packaging/test_upsets.py"
BIND = "mount --bind /srv/watchcall /var/lib/watchcall"
MENDED = "watchcall validate && systemctl restart watchcall"
LIFE = "test_from_the_first_installation_to_the_purge"
MAKE = "tests/docs/test_make.py"
CONTENTS = "tests/packaging/test_contents.py"
HAND_OVER = "watchcall install-service --remove && systemctl enable --now watchcall"
MEASURED = ("checks", "idle", "latency", "peers", "processes", "start", "status")
SOME = 'make test ARGS="-k restart"'
# Typed by another test, in which these words stand.
ELSEWHERE = {
    BIND: ("tests/acceptance/test_last_gasp.py", BIND),
    MENDED: (UPSETS, f'watching.type("{MENDED}")'),
    "apt install ./watchcall_*.deb": (INSTALLED, LIFE),
    "apt install ./watchcall_NEW.deb": (INSTALLED, LIFE),
    "apt remove watchcall": (INSTALLED, LIFE),
    "apt purge watchcall": (INSTALLED, LIFE),
    'pip install "watchcall[apprise]"': (INSTALLED, 'pip install "watchcall[apprise]"'),
    "pip install --upgrade .": (INSTALLED, "pip install --upgrade ."),
    "pipx install --global .": (INSTALLED, "pipx install --global ."),
    "pipx uninstall --global watchcall": (INSTALLED, "pipx uninstall --global watchcall"),
    "watchcall install-service": (INSTALLED, 'PROGRAM, "install-service"'),
    "/usr/local/bin/watchcall install-service": (INSTALLED, "/usr/local/bin/watchcall install-"),
    "watchcall install-service --remove": (INSTALLED, '"install-service", "--remove"'),
    HAND_OVER: (INSTALLED, HAND_OVER),
    "rm -r /opt/watchcall": (INSTALLED, '"rm", "-r", "/opt/watchcall"'),
    "systemctl start watchcall": ("tests/packaging/test_upgraded.py", "systemctl start watchcall"),
    "man watchcall": (CONTENTS, '"man", "watchcall"'),
    "watchcall demo": ("tests/daemon/test_demo.py", '"watchcall", "demo"'),
    "make docs": (MAKE, '"make docs"'),
    "make bench": (MAKE, "MEASUREMENTS"),
    **{f"make bench ARGS={one}": (MAKE, "MEASUREMENTS") for one in MEASURED},
    **dict.fromkeys(
        ("make aloud", "make aloud ARGS=play", "make aloud ARGS=write"), (MAKE, "ALOUD")
    ),
    SOME: (MAKE, SOME),
    "python3 -m tests.packaging.built": (CONTENTS, '"-m", "tests.packaging.built"'),
    "tests/acceptance/testbed.sh build": ("tests/acceptance/testbed.py", '[SCRIPT, "build"]'),
}
# Not typed at all, and why.
NOT_TYPED = {
    ".ci/run": "what runs the tests",
}
# What begins like a command, and is none. So is what is one word: it names a program or a path.
NO_COMMANDS = {
    "/srv/watchcall /var/lib/watchcall none bind": "a line of /etc/fstab",
    "chrt -r 1": "how a figure was measured",
    "watchcall incidents N": "a form, in the changelog; `watchcall incidents 12` is typed",
    "python3 (>= 3.11), python3 (<< 3.12~)": "what a package depends on",
    "reboot for 90s": "a line of a timeline",
    "systemctl --user": "names users' own managers",
}
