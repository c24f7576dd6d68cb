"""The import arrows, drawn: they point inward (design, "Rooms").

`python -m tests.test_architecture` prints the drawing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "watchcall"
MODULES = sorted(SOURCE.rglob("*.py"))

QUIET = {
    "__future__",
    "collections",
    "collections.abc",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fnmatch",
    "hashlib",
    "json",
    "pathlib",
    "re",
    "string",
    "typing",
    "unicodedata",
    "zoneinfo",
}

# room: the rooms it may know, besides core, ports and errors, which everybody may
MAY_KNOW: dict[str, set[str]] = {
    "ports": set(),
    "errors": set(),
    "clock": set(),
    "worker": set(),
    "descriptors": set(),
    "program": set(),
    "cgroups": set(),
    "confinement": set(),
    "rights": {"confinement"},
    "witness": {"cgroups", "program"},
    "statedir": {"rights"},
    "hangup": set(),
    "systemd": set(),
    "log": set(),
    "status": {"engine"},
    "schedule": set(),
    "windows": set(),
    "engine": set(),
    "pager": {"engine", "program", "rights"},
    "silencing": {"config", "engine"},
    "explaining": {"config", "engine", "pager"},
    "operations": {"config", "engine", "silencing"},
    "keypress": {"channels", "config", "engine", "pager", "web"},
    "telling": {"channels", "clock", "config", "engine", "keypress", "pager", "web"},
    "load": set(),
    "heartbeat": {"channels", "config", "pager"},
    "lastgasp": set(),
    "lastwords": {"channels", "config", "lastgasp"},
    "looks": {"engine", "load"},
    "probes": {"cgroups", "confinement", "descriptors", "rights", "worker"},
    "events": {"rights"},
    "channels": {"program", "rights", "worker"},
    "store": {"confinement", "rights", "worker"},
    "config": {"rights", "windows"},
    "web": {"config", "rights"},
    "demo": {"simulator", "web"},
    "service": set(),
    "simulator": set(),
    "init": {"config", "events", "rights"},
    "simulate": {"config", "engine", "looks", "pager", "store", "windows", "worker"},
    "daemon": {
        *(
            "clock",
            "config",
            "engine",
            "events",
            "explaining",
            "log",
            "load",
            "looks",
            "operations",
            "probes",
        ),
        *("pager", "schedule", "silencing", "status", "store", "systemd", "telling", "web"),
        *("confinement", "descriptors", "heartbeat", "lastwords", "rights", "statedir"),
        "hangup",
        *("windows", "witness"),
    },
    "cli": {
        "hangup",
        *("channels", "clock", "config", "daemon", "demo", "events", "init", "log", "looks"),
        *("lastgasp", "probes", "rights", "service", "simulate", "simulator", "web", "windows"),
        "witness",
    },
    "entry": {"cli", "hangup", "lastgasp"},
    "__main__": {"entry"},
}
LIVES_IN = {
    "twilio": "channels/twilio",
    "requests": "channels",
    "apprise": "channels/apprise.py",
    "apscheduler": "schedule.py",
    "cronsim": "windows.py",
    "pycurl": "probes",
    "regex": "probes",
    "psutil": "probes",
    "jeepney": "events",
    "sqlalchemy": "store",
    "uvicorn": "web",
    "starlette": "web",
    "pydantic": "config",
    "pydantic_settings": "config",
    "phonenumbers": "config",
    "h11": "simulator",
    "rich": "cli",
}
ALSO = {
    ("apprise", "config"),  # says whether it understands a URL
    ("twilio", "simulator"),  # signs its callbacks as Twilio does
    ("rich", "simulator"),  # draws the phones
    ("rich", "demo"),
    ("rich", "init"),  # how wide text is in a terminal
    ("psutil", "init"),  # whose a listening socket is, and what runs
    ("pydantic", "init"),  # holds a secret while it is judged as config judges it
}


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are written in full"
            yield node.module or ""


def place(module: Path) -> str:
    return module.relative_to(SOURCE).as_posix()


def room(module: Path) -> str:
    return place(module).split("/")[0].removesuffix(".py")


def rooms_known(module: Path) -> set[str]:
    ours = (name.split(".") for name in imports(module) if name.split(".")[0] == "watchcall")
    return {parts[1] for parts in ours if len(parts) > 1} - {room(module)}


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) == "core"], ids=place)
def test_core_knows_core_and_a_few_quiet_modules(module: Path) -> None:
    foreign = {
        name
        for name in imports(module)
        if name not in QUIET and not name.startswith("watchcall.core")
    }

    assert foreign == set()


@pytest.mark.parametrize("module", [m for m in MODULES if room(m) != "core"], ids=place)
def test_arrows_point_inward(module: Path) -> None:
    if room(module) == "__init__":
        assert rooms_known(module) == set()
        return

    allowed = MAY_KNOW[room(module)] | {"core", "ports", "errors"}
    assert rooms_known(module) <= allowed


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_each_library_lives_in_one_room(module: Path) -> None:
    used = {name.split(".")[0] for name in imports(module)} & set(LIVES_IN)
    strays = {
        library
        for library in used
        if not place(module).startswith(LIVES_IN[library]) and (library, room(module)) not in ALSO
    }

    assert strays == set()


def drawing() -> str:
    """Return the arrows between rooms, as text."""
    arrows: dict[str, set[str]] = {}
    for module in MODULES:
        arrows.setdefault(room(module), set()).update(rooms_known(module))
    width = max(map(len, arrows))
    lines = [f"{name:>{width}} -> {', '.join(sorted(arrows[name])) or '-'}" for name in arrows]
    return "\n".join(sorted(lines, key=lambda line: (line.count(","), line)))


if __name__ == "__main__":
    print(drawing())  # noqa: T201 - asked for by hand
