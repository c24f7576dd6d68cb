"""Which file, and what stands in it. Imported by quick commands, so: no pydantic here."""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
import unicodedata
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchcall.errors import ConfigError, StartError, UnreachableError
from watchcall.rights import advice, explained

SYSTEM = Path("/etc/watchcall/config.toml")
RUN = Path("/run/watchcall")
LARGEST = 4 * 1024 * 1024  # bytes; a larger file is not a configuration
LONGEST_NUMBER = 4096  # bits
DEEPEST = 64  # tables in tables; what reads and copies them recurses

QUOTED = re.compile(rb'"{3}|\'{3}|"(?:[^"\\]|\\.)*"?' rb"|'[^']*'?")
PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
LONG_KEY = re.compile(rb"(?<![\w-])(?:[\w-]+[ \t]*\.[ \t]*){%d}" % DEEPEST)

HINTS = {
    "Invalid value": 'text must be in quotes, such as "httpd"',
    "Expected '='": "write key = value, with text in quotes, or [table]",
    "Cannot overwrite": "the same key stands here twice",
    "Cannot declare": "this table stands here twice; a second check is written [[check]]",
    "Cannot mutate": "a list of tables is written [[check]] each time",
    "Unescaped '\\'": "in double quotes a backslash is doubled; single quotes leave it alone",
    "Invalid hex value": "in double quotes a backslash is doubled; single quotes leave it alone",
    "Illegal character": "is a quote missing?",
    "Unterminated string": "is a quote missing?",
    "end of document": "is the file complete?",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A configuration file as read: where, its permissions, its tables."""

    path: Path
    mode: int
    tables: dict[str, Any] = field(repr=False)  # may hold secrets


def find(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the file to read: the one named, else $WATCHCALL_CONFIG, else where it belongs."""
    if path is not None:
        return path
    if named := environ.get("WATCHCALL_CONFIG"):
        return Path(named)
    candidates = (SYSTEM, own(environ))
    for candidate in candidates:
        if _there(candidate):
            return candidate
    places = " nor ".join(str(candidate) for candidate in candidates)
    right = "`watchcall init` writes one, --config names another"
    raise ConfigError([f"there is no configuration: neither {places}; {right}"])


def read(path: Path) -> Text:
    """Return what stands in a file; raise ConfigError with one sentence where that fails."""
    try:
        content, mode = content_of(path, LARGEST)
    except IsADirectoryError:
        raise ConfigError([f"{path}: is a folder; name the file in it"]) from None
    except (OSError, ValueError) as error:
        why = explained(error, path) if isinstance(error, OSError) else str(error)
        why = why[:1].lower() + why[1:]
        if isinstance(error, PermissionError) and (right := advice(path)):
            why += f"; {right}"
        raise ConfigError([f"{path}: cannot be read: {why}"]) from None
    if len(content) > LARGEST:
        raise ConfigError([f"{path}: is larger than 4 MiB; is this the right file?"])
    tables = _tables(path, content)
    if not tables:
        raise ConfigError([f"{path}: is empty; config.toml.example shows what belongs here"])
    return Text(path, mode, tables)


def content_of(path: Path, longest: int) -> tuple[bytes, int]:
    """Return what stands in a plain file, cut a byte after the longest, and its permissions.

    Raise OSError, or ValueError for a path with a null byte. What is no file is never waited for.
    """
    kind = path.stat().st_mode
    if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        raise OSError(errno.EINVAL, "is not a plain file")
    with open(path, "rb", opener=_without_waiting) as file:
        return file.read(longest + 1), stat.S_IMODE(os.fstat(file.fileno()).st_mode)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def control_socket(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the daemon of this configuration listens.

    The service goes on where its file is broken or gone, and is found all the same. Raises
    UnreachableError where the only place is one that somebody else could have made.
    """
    found = None
    try:
        found = find(path, environ)
        text = read(found)
    except ConfigError:
        socket = RUN / "control.sock"
        if found in (None, SYSTEM) and _there(socket):
            return socket
        raise
    daemon = text.tables.get("daemon")
    named = daemon.get("control_socket") if isinstance(daemon, dict) else None
    named = environ.get("WATCHCALL_DAEMON__CONTROL_SOCKET") or named
    if named is not None and not isinstance(named, str):
        raise ConfigError([f"{text.path}: daemon: control_socket: must be a path, in quotes"])
    try:
        return socket_path(text.path.absolute().parent / named if named else None, environ)
    except StartError as error:
        raise UnreachableError(f"the daemon cannot be reached: {error}") from None


def socket_path(named: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the control socket.

    The one that is named, else the one in systemd's $RUNTIME_DIRECTORY, else
    /run/watchcall/control.sock for root, and for others where it is or could be made;
    else the one in the user's runtime directory. Raises StartError where that cannot be had.
    """
    if named is not None:
        return named
    if given := environ.get("RUNTIME_DIRECTORY"):
        return Path(given.split(":")[0]) / "control.sock"
    socket = RUN / "control.sock"
    if os.geteuid() == 0 or _there(socket) or os.access(RUN, os.W_OK | os.X_OK):
        return socket
    return _runtime_dir() / "control.sock"


def _runtime_dir() -> Path:
    from platformdirs import user_runtime_path

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it would say that there is no login session
        try:
            return user_runtime_path("watchcall")
        except OSError as error:
            raise StartError(
                f"there is no folder for the control socket: {error.strerror or error}; set "
                "[daemon] control_socket to a path in a folder of your own"
            ) from None


def own(environ: Mapping[str, str]) -> Path:
    """Return where a user's own file belongs."""
    return _home(environ) / "watchcall" / "config.toml"


def _home(environ: Mapping[str, str]) -> Path:
    given = Path(environ.get("XDG_CONFIG_HOME", ""))
    if given.is_absolute():  # the XDG specification: a relative one is ignored
        return given
    return Path(environ.get("HOME", "/root")) / ".config"


def _there(path: Path) -> bool:
    """Whether a path exists. One that we may not see exists: better to say so than to pass on."""
    try:
        return path.exists()
    except PermissionError:
        return path.suffix != ".sock"
    except OSError:
        return False


def _tables(path: Path, content: bytes) -> dict[str, Any]:
    if line := next(_long_keys(content), None):
        raise ConfigError([f"{path}: line {line}: is nested too deeply"])
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}: line {line}: is not UTF-8 text; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        odd = _odd_sign(str(error), content.decode("utf-8-sig"))
        raise ConfigError([f"{path}: {_syntax(str(error), odd)}"]) from None
    except ValueError:  # Python reads no more digits than sys.get_int_max_str_digits()
        raise ConfigError([f"{path}: holds a number that is too long"]) from None
    except RecursionError:
        raise ConfigError([f"{path}: is nested too deeply"]) from None
    if too_deep(tables):
        raise ConfigError([f"{path}: is nested too deeply"])
    if _has_long_number(tables):
        raise ConfigError([f"{path}: holds a number that is too long"])
    return tables


def _long_keys(content: bytes) -> Iterator[int]:
    """Yield the lines with a key of too many parts: tomllib takes quadratic time and memory."""
    for number, line in enumerate(content.splitlines(), start=1):
        if line.count(b".") >= DEEPEST:
            bare, _, _ = QUOTED.sub(b"q", line).partition(b"#")
            if LONG_KEY.search(bare):
                yield number


def too_deep(value: object) -> bool:
    """Whether tables and lists are nested deeper than any configuration needs."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _has_long_number(value: object) -> bool:
    """Whether there is a number that Python reads (0xfff…) and could not write."""
    if isinstance(value, int):
        return value.bit_length() > LONGEST_NUMBER
    return any(map(_has_long_number, _inside(value)))


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _odd_sign(message: str, text: str) -> str | None:
    """Return what stands where tomllib stops, if it only looks like what belongs there.

    So do full-width spaces and signs, and the quotes of a word processor.
    """
    place = PLACE.search(message)
    if place is None:
        return None
    line, column = map(int, place.groups())
    sign = text.split("\n")[line - 1][column - 1 : column]
    if not sign or sign.isascii() or sign.isalnum():
        return None
    name = unicodedata.name(sign, "a sign").lower()
    return f"there stands U+{ord(sign):04X} ({name}); type it with the keyboard set to ASCII"


def _syntax(message: str, odd: str | None = None) -> str:
    """Return tomllib's message with the place in front and a hint behind."""
    what, _, place = message.rpartition(" (at ")
    hint = odd or next(_hints(message), None)
    said = f"{place.rstrip(')')}: {what[:1].lower()}{what[1:200]}"
    return f"{said}; {hint}" if hint else said


def _hints(message: str) -> Iterator[str]:
    return (hint for start, hint in HINTS.items() if start in message)
