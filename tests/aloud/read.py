"""Reads aloud what is said, as far as a program can: the sounds that a voice would make of it.

    make aloud              # compare with the readings that are written down, exit 1 if they differ
    make aloud ARGS=write   # write them down anew, to be read by a person before they are committed
    make aloud ARGS=play    # let a voice say each of them, into build/aloud/*.wav

English is read by espeak-ng, Japanese by Open JTalk (pyopenjtalk-plus, which brings a dictionary of
its own: a few hundred megabytes, so it is in an environment of its own and no dependency).
Twilio's voices read better than either, never worse: they know more words.
"""

from __future__ import annotations

import difflib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.aloud.said import sentences

HERE = Path(__file__).parent
PLACE = Path("build/aloud")
OPEN_JTALK = """
import json, pyopenjtalk, sys
json.dump([pyopenjtalk.g2p(text, kana=True) for text in json.load(sys.stdin)], sys.stdout)
"""
OPEN_JTALK_PLAYS = """
import array, json, pyopenjtalk, sys, wave
for nth, text in enumerate(json.load(sys.stdin)):
    samples, rate = pyopenjtalk.tts(text)
    with wave.open(f"{sys.argv[1]}/ja-{nth:03}.wav", "wb") as file:
        file.setparams((1, 2, int(rate), 0, "NONE", ""))
        loud = [round(max(-32768, min(one, 32767))) for one in samples]
        file.writeframes(array.array("h", loud).tobytes())
"""


def readings(tag: str) -> Path:
    """Return where the readings of a language are: a sentence, and below it how it sounds."""
    return HERE / f"{tag}.txt"


def main(order: str = "compare") -> int:
    if order == "play":
        _play()
        return 0
    differ = False
    for tag, read in READERS.items():
        texts = sentences(tag)
        pairs = zip(texts, read(texts), strict=True)
        now = "".join(f"{text}\n    {sounds}\n" for text, sounds in pairs)
        if order == "write":
            readings(tag).write_text(now, encoding="utf-8")
        differ |= _differs(tag, now)
        sys.stdout.write(f"{tag}: {len(texts)} sentences read aloud\n")
    return int(differ)


def _differs(tag: str, now: str) -> bool:
    before = readings(tag).read_text(encoding="utf-8")
    lines = before.splitlines(keepends=True), now.splitlines(keepends=True)
    sys.stdout.writelines(difflib.unified_diff(*lines, f"{tag}, written down", f"{tag}, read now"))
    return before != now


def _english(texts: list[str]) -> list[str]:
    """One at a time: espeak-ng breaks lines where it likes."""
    read = [_program("espeak-ng"), "-q", "-v", "en-us", "--ipa", "--stdin"]
    return [" ".join(_run(read, text).split()) for text in texts]


def _japanese(texts: list[str]) -> list[str]:
    told = _run([_open_jtalk(), "-c", OPEN_JTALK], json.dumps(texts))
    read: list[str] = json.loads(told.splitlines()[-1])  # it warns before, of what is not needed
    return read


READERS: dict[str, Callable[[list[str]], list[str]]] = {"en": _english, "ja": _japanese}


def _play() -> None:
    PLACE.mkdir(parents=True, exist_ok=True)
    for nth, text in enumerate(sentences("en")):
        _run([_program("espeak-ng"), "-w", str(PLACE / f"en-{nth:03}.wav"), "--stdin"], text)
    _run([_open_jtalk(), "-c", OPEN_JTALK_PLAYS, str(PLACE)], json.dumps(sentences("ja")))
    sys.stdout.write(f"{len(list(PLACE.glob('*.wav')))} recordings in {PLACE}\n")


def _open_jtalk() -> str:
    return _program(str(PLACE / "venv/bin/python"))


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is missing: make aloud sets up Open JTalk; apt install espeak-ng")
    return found


def _run(argv: list[str], text: str) -> str:
    done = subprocess.run(argv, input=text, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
