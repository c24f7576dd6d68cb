"""A security module in the way: Landlock (landlock(7)), which a process may put on itself.

    python landlock.py read=PATH write=FOLDER exec=PATH connect=PORT -- PROGRAM ARGUMENT…

denies what it says and then becomes the program. `connect` names the one port that may still be
connected to. All else that is there when it begins stays as it is; what is made later beside
something denied is denied, too.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
NO_NEW_PRIVS = 38  # prctl(2)
EXECUTE, WRITE_FILE, READ_FILE = 1 << 0, 1 << 1, 1 << 2
REMOVE_FILE, MAKE_DIR, MAKE_REG, MAKE_SOCK, TRUNCATE = 1 << 5, 1 << 7, 1 << 8, 1 << 9, 1 << 14
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
CONNECT_TCP = 1 << 1
BENEATH, PORT = 1, 2  # types of rules
KINDS = {
    "read": READ_FILE,
    "write": WRITE_FILE | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | TRUNCATE,
    "exec": EXECUTE,
}
KNOWS_PORTS = 4  # the version that has all of this
libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Return Landlock's version, less than one where the kernel has it not."""
    return int(libc.syscall(CREATE_RULESET, None, 0, 1))


needs_landlock = pytest.mark.skipif(version() < KNOWS_PORTS, reason="the kernel has no Landlock")


def through(*denied: str) -> tuple[str, ...]:
    """Return what starts a program so; see Server.through."""
    return (sys.executable, __file__, *denied, "--")


def put_on(denied: Iterable[str]) -> None:
    """Deny this, to this process and all that it starts."""
    libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    wanted = [one.split("=", 1) for one in denied]
    for kind, access in KINDS.items():
        if paths := [Path(what) for named, what in wanted if named == kind]:
            _put_on_files(access, paths)
    for named, what in wanted:
        if named == "connect":
            ruleset = _ruleset(0, CONNECT_TCP)
            _add(ruleset, PORT, struct.pack("QQ", CONNECT_TCP, int(what)))
            _restrict(ruleset)


def _put_on_files(access: int, denied: list[Path]) -> None:
    ruleset = _ruleset(access, 0)
    for path in _beside(Path("/"), denied):
        try:
            number = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:  # gone again
            continue
        allowed = access if path.is_dir() else access & OF_FILES
        if allowed:
            _add(ruleset, BENEATH, struct.pack("=Qi", allowed, number))
        os.close(number)
    _restrict(ruleset)


def _beside(folder: Path, denied: list[Path]) -> Iterator[Path]:
    """Yield what covers all below a folder but what is denied."""
    for path in folder.iterdir():
        if path in denied or path.is_symlink():  # what a link leads to is allowed where it is
            continue
        if any(path in one.parents for one in denied):
            yield from _beside(path, denied)
        else:
            yield path


def _ruleset(files: int, net: int) -> int:
    attributes = struct.pack("QQ", files, net)
    return _called(CREATE_RULESET, attributes, len(attributes), 0)


def _add(ruleset: int, type_: int, rule: bytes) -> None:
    _called(ADD_RULE, ruleset, type_, rule, 0)


def _restrict(ruleset: int) -> None:
    _called(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _called(number: int, *arguments: object) -> int:
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"syscall {number}")
    return int(result)


if __name__ == "__main__":
    end = sys.argv.index("--")
    put_on(sys.argv[1:end])
    os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])
