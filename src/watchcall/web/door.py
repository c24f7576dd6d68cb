"""Where the daemon listens for the command line: a socket, in a folder that is made for it."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from watchcall.errors import StartError
from watchcall.rights import GROUP, explained

MODE = 0o660  # the owner and the group, which is `watchcall` where that exists
FOLDER_MODE = 0o750  # of a folder that the group is given; else it is the owner's alone


class Door:
    """A socket that listens at a path, from the beginning. Raises StartError where it cannot."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.listening = _bind(path)
        self._made = _identity(path)

    @property
    def there(self) -> bool:
        """Whether the file is still the one that was made."""
        return self._made is not None and _identity(self._path) == self._made

    def remove(self) -> None:
        """Take the file away, unless it is another one by now."""
        if self.there:
            self._path.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _bind(path: Path) -> socket.socket:
    """Return a socket that listens at a path. Raises StartError."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o077)  # nothing of it is open to others even for a moment
    try:
        _make_folder(path.parent)
        _remove_stale(path)
        listening.bind(str(path))
        _give_to_group(path)
        path.chmod(MODE)
        listening.listen()
    except OSError as error:
        listening.close()
        raise StartError(
            f"cannot listen on the control socket {path}: {explained(error, path, os.W_OK)}; "
            "set [daemon] control_socket to a place that can be written"
        ) from None
    except StartError:
        listening.close()
        raise
    finally:
        os.umask(before)
    return listening


def _make_folder(folder: Path) -> None:
    """Make what is missing of a folder, so that whoever may use the socket gets to it."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
        if _give_to_group(one):
            one.chmod(FOLDER_MODE)


def _remove_stale(path: Path) -> None:
    """A socket that nobody listens on was left by a daemon that died."""
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        else:
            raise StartError(f"another daemon listens on {path}")


def _give_to_group(path: Path) -> bool:
    """Return whether there is a group to give it to, and we may: root may, and its members."""
    import grp

    with contextlib.suppress(KeyError, OSError):
        os.chown(path, -1, grp.getgrnam(GROUP).gr_gid)
        return True
    return False
