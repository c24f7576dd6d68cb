"""Playing words on this machine, by espeak-ng where it is installed: free, offline, and plain."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from watchcall.core.speech import Speech
from watchcall.core.words import subtag
from watchcall.errors import WatchCallError

ESPEAK = "espeak-ng"
ESPEAK_MISSING = (
    f"{ESPEAK} is not installed; it is the package {ESPEAK} of Debian, Ubuntu, Fedora and "
    f"Arch Linux, such as: apt install {ESPEAK}"
)
ESPEAK_VOICES = {"zh": "cmn"}  # where its name is not the language's


def play(speeches: Sequence[Speech]) -> None:
    """Say each text once; raises WatchCallError where that cannot be done."""
    program = shutil.which(ESPEAK)
    if program is None:
        raise WatchCallError(ESPEAK_MISSING)
    if not speeches:
        raise WatchCallError(
            "there is nothing to play: none of these words are spoken by WatchCall"
        )
    for speech in speeches:
        primary = subtag(speech.language)
        argv = [program, "-b", "1", "-v", ESPEAK_VOICES.get(primary, primary), "--stdin"]
        said = subprocess.run(  # noqa: S603 - found on PATH, no shell, the words come by stdin
            argv, input=speech.text.encode("utf-8", "replace"), capture_output=True, check=False
        )
        if said.returncode:
            why = said.stderr.decode("utf-8", "replace").strip() or f"exit code {said.returncode}"
            raise WatchCallError(f"{ESPEAK} failed: {why}")
