"""What systemd hands to the daemon as credentials, for root's commands while it does not run.

From where the unit says (LoadCredential=, LoadCredentialEncrypted=), as systemd would read it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from watchcall.config.locate import content_of
from watchcall.config.secrets import CREDENTIALS, ENCRYPTED, LONGEST, credential_in
from watchcall.errors import ConfigError
from watchcall.service.standing import UNIT, credentials

DECRYPT = "systemd-creds"  # of systemd 250 and newer
DEADLINE_S = 30


def secrets(unit: str = UNIT) -> dict[str, str]:
    """Return what a unit would be handed, as variables; the plain one comes before the encrypted.

    Raises ConfigError where one is there and cannot be used.
    """
    names = [name + kind for name in CREDENTIALS.values() for kind in ("", ENCRYPTED)]
    files = credentials(names, unit)
    found = {}
    for key, name in CREDENTIALS.items():
        given = [one for one in (name, name + ENCRYPTED) if one in files]
        if text := next(filter(None, (_credential(one, *files[one]) for one in given)), None):
            found[f"WATCHCALL_TWILIO__{key.upper()}"] = text
    return found


def _credential(name: str, path: Path, encrypted: bool) -> str | None:
    try:
        content = _decrypted(name, path) if encrypted else content_of(path, LONGEST)[0]
        return credential_in(content)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        why = "is a folder"
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        why = str(error)
    raise ConfigError([f"systemd credential {name}: {path} {why}"])


def _decrypted(name: str, path: Path) -> bytes:
    """Return what stands in it; raise ValueError with what systemd has against it."""
    path.stat()
    try:
        said = subprocess.run(
            [DECRYPT, "decrypt", f"--name={name}", path, "-"],
            capture_output=True,
            check=False,
            timeout=DEADLINE_S,
        )
    except FileNotFoundError:
        raise ValueError(f"is encrypted, and there is no {DECRYPT} here to read it") from None
    except subprocess.TimeoutExpired:
        raise ValueError(f"was not decrypted within {DEADLINE_S} s") from None
    if said.returncode != 0:
        lines = said.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(f"cannot be decrypted: {lines[-1] if lines else said.returncode}")
    return said.stdout
