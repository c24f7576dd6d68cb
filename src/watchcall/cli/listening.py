"""Playing words on this machine, by espeak-ng where it is installed: free, offline, and plain."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence

from watchcall.core.speech import Speech
from watchcall.core.words import subtag
from watchcall.errors import WatchCallError

ESPEAK = "espeak-ng"
ESPEAK_MISSING = (
    f"{ESPEAK} is not installed; it is the package {ESPEAK} of Debian, Ubuntu, Fedora and "
    f"Arch Linux, such as: apt install {ESPEAK}"
)
# Where their names are not the language's, the better one first: "cmn" reads many characters as if
# they were English, and older versions have no other.
ESPEAK_VOICES = {"zh": ("cmn-latn-pinyin", "cmn")}
NO_KANJI = (
    f'note: {ESPEAK} reads no kanji; where it says "Chinese letter", Twilio\'s voices read the word'
)


def play(speeches: Sequence[Speech]) -> None:
    """Say each text once; raises WatchCallError where that cannot be done."""
    program = shutil.which(ESPEAK)
    if program is None:
        raise WatchCallError(ESPEAK_MISSING)
    if not speeches:
        raise WatchCallError(
            "there is nothing to play: none of these words are spoken by WatchCall"
        )
    if any(subtag(speech.language) == "ja" for speech in speeches):
        print(NO_KANJI, file=sys.stderr)
    for speech in speeches:
        primary = subtag(speech.language)
        for voice in ESPEAK_VOICES.get(primary, (primary,)):
            wrong = _say(program, voice, speech.text)
            if wrong is None:
                break
        else:
            raise WatchCallError(f"{ESPEAK} failed: {wrong}")


def _say(program: str, voice: str, text: str) -> str | None:
    """Say a text; return what went wrong, None where nothing did."""
    said = subprocess.run(  # noqa: S603 - found on PATH, no shell, the words come by stdin
        [program, "-b", "1", "-v", voice, "--stdin"],
        input=text.encode("utf-8", "replace"),
        capture_output=True,
        check=False,
    )
    if not said.returncode:
        return None
    return said.stderr.decode("utf-8", "replace").strip() or f"exit code {said.returncode}"
