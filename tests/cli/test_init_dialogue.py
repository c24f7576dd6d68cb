"""`watchcall init` at a real terminal, against the real simulator: both languages, word by word."""

from __future__ import annotations

import asyncio
import re
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from tests.init.typist import Typist, typing, wide
from watchcall.config.load import load
from watchcall.simulator.api import Account
from watchcall.simulator.simulator import Simulator

SID, FROM = "AC" + "0" * 32, "+15005550006"
TOKEN = "5ecre7" * 5 + "00"
INTERRUPT, END = "\x03", "\x04"  # what Ctrl-C and Ctrl-D send
# A check that is found on every machine; servers of other tests may be found too.
DISK = [("a tick;", "none"), ("a tick;", "disk"), ("a tick;", "")]
ACCOUNT = [("Account SID", SID), ("Number [1]", ""), ("Auth token", TOKEN), ("calls:", FROM)]
KEI = [("first:", "kei"), ("of kei", "+819012345678"), ("[ja-JP]", ""), ("[y/N]", "")]
REST = [("works again?", ""), *DISK]
WRITE = ("q ends", "")
NO_CALL = ("Ring kei now", "")


@dataclass
class Desk:
    """Where somebody sits and sets up; everything in `folder`."""

    folder: Path
    simulator: Simulator
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "etc" / "config.toml"

    @property
    def token(self) -> Path:
        return self.config.with_name("twilio_auth_token")

    @property
    def tables(self) -> dict[str, Any]:
        return tomllib.loads(self.config.read_text("utf-8"))

    async def talk(
        self, dialogue: Callable[[Typist], None], *words: str, columns: int = 80, **environ: str
    ) -> tuple[int, str]:
        """Hold a dialogue beside the loop; return the exit code and all that was shown."""
        base = {
            "HOME": str(self.folder),
            "LANG": "en_US.UTF-8",
            "WATCHCALL_CONFIG": str(self.config),
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/no-bus",
            "WATCHCALL_TWILIO__API_URL": self.simulator.url,
            "WATCHCALL_DAEMON__CONTROL_SOCKET": str(self.folder / "control.sock"),
        }

        def hold() -> tuple[int, str]:
            with typing("init", *words, environ=base | environ, columns=columns) as typist:
                dialogue(typist)
                return typist.ends(), typist.raw

        return await asyncio.to_thread(hold)


@asynccontextmanager
async def desk(folder: Path, **script: Any) -> AsyncIterator[Desk]:
    said = {"speed": 100, "queued": 0, **script}
    async with Simulator(said, account=Account(token=TOKEN)) as simulator:
        yield Desk(folder, simulator)


async def test_a_whole_dialogue(tmp_path: Path) -> None:
    """With a slip at each question, help, a step back, a second person and a test call."""

    def dialogue(typist: Typist) -> None:
        typist.until("Nothing is written before")
        typist.answers(
            ("1/6", ""),
            ("Account SID:", "?"),
            ("It is no secret.", ""),
            ("0 characters", "AC1"),
            ("3 characters", SID),
            ("Number [1]", "9"),
            ("from 1 to 2", "1"),
            ("Auth token", TOKEN),
            ("32 characters", ""),
            ("a number is needed", FROM),
            ("first:", "kei"),
            ("of kei", "110"),
            ("of kei", "090-1234-5678"),
            ("of kei", "+81 90-1234-5678"),
            ("= +819012345678", "1"),
            ("[y/N]", "y"),
            ("next person:", "mai"),
            ("of mai", "<"),
            ("next person [mai]:", "mia"),
            ("of mia", "090-8765-4321"),
            ("= +819087654321", "en-US"),
            ("[y/N]", ""),
            ("works again?", "y"),
            ("a tick;", "none"),
            ("a tick;", "process:worker"),
            ("process: worker", ""),
            ("This is what will be written", "?"),
            ("Nothing is written yet", "5"),
            ("works again? [Y/n]", "n"),
            ("call nobody", ""),
            ("Ring kei now", "y"),
        )
        typist.until("kei (+81*******678): human")
        typist.until("What comes next:")

    async with desk(tmp_path) as here:
        code, shown = await here.talk(dialogue)

        assert code == 0
        assert [call.to for call in here.simulator.calls] == ["+819012345678"]
        assert here.tables["contact"] == [
            {"name": "kei", "phone": "+819012345678", "language": "ja-JP"},
            {"name": "mia", "phone": "+819087654321", "language": "en-US"},
        ]
        assert here.tables["notify"] == {"call_on_recovery": False}
        assert [check["name"] for check in here.tables["check"]] == ["worker"]
        assert here.token.read_text() == f"{TOKEN}\n"
        assert here.token.stat().st_mode & 0o777 == 0o600
        assert load(here.config, environ={}, need_token=True).warnings == ()
        assert TOKEN not in shown
        assert "\x1b[1m1/6" in shown  # coloured


async def test_a_whole_dialogue_in_japanese_on_a_narrow_terminal(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        typist.answers(
            ("アカウント SID:", SID),
            ("番号 [1]", ""),
            ("Auth Token（", TOKEN),
            ("発信に使う番号", FROM),
            ("人の名前:", "太郎"),
            ("太郎 の電話番号", "090-123"),
            ("ありえません", wide("090-1234-5678")),
            ("= +819012345678", ""),
            ("追加しますか？", "いいえ"),
            ("にも電話しますか？", ""),
            ("このマシンで見つかったもの", "none"),
            ("ディスク / の使用率", "disk"),
            ("[x] disk", ""),
            ("次の内容を書き込みます", ""),
            ("試しに 太郎 に電話を", "はい"),
        )

    async with desk(tmp_path) as here:
        code, shown = await here.talk(dialogue, columns=40, LANG="ja_JP.UTF-8", NO_COLOR="1")

        assert code == 0
        _, _, rung = shown.partition("試しに 太郎 に電話を")
        for words in ("に電話をかけています", "受け付けました", "電話に出ました（", "次にすること"):
            _, found, rung = rung.partition(words)
            assert found == words
        assert here.tables["contact"] == [
            {"name": "太郎", "phone": "+819012345678", "language": "ja-JP"}
        ]
        assert "# 連絡先。この順に電話し" in here.config.read_text("utf-8")
        assert load(here.config, environ={}, need_token=True).warnings == ()
        assert "次にすること:" in shown
        assert not re.search(r"\x1b\[[0-9;]*m", shown)  # no colour
        typed, copied = (SID, wide("090")), ("watchcall", "（CA")  # are nobody's to break
        lines = shown.replace("\r", "").split("\n")
        ours = [line for line in lines if not any(one in line for one in (*typed, *copied))]
        assert [line for line in ours if cell_len(line) > 40 and " " in line.strip()] == []


async def test_names_and_tabs_on_a_terminal_without_a_language(tmp_path: Path) -> None:
    """There readline takes letters beyond ASCII for commands, and shows them as numbers."""

    def dialogue(typist: Typist) -> None:
        typist.answers(
            *ACCOUNT, ("first:", "\t\t太郎"), ("of 太郎", "+819012345678"), ("[ja-JP]", "")
        )
        typist.answers(("[y/N]", ""), *REST, WRITE, ("Ring 太郎 now", ""))

    async with desk(tmp_path) as here:
        (tmp_path / "inputrc").write_text("TAB: complete\n")
        rc = str(tmp_path / "inputrc")
        code, shown = await here.talk(dialogue, LC_ALL="C", TERM="dumb", INPUTRC=rc)

        assert code == 0
        assert [one["name"] for one in here.tables["contact"]] == ["太郎"]
        typed = shown.partition("first:")[2].partition("of 太郎")[0]
        assert "太郎" in typed
        assert "pyproject.toml" not in typed  # nor any other file
        assert "\x1b" not in shown


async def test_a_step_back_offers_what_was_answered(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        typist.answers(
            *ACCOUNT,
            ("first:", "<"),
            (f"calls [{FROM}]:", "<"),
            ("Enter keeps the one you gave", ""),
            (f"calls [{FROM}]:", ""),
            ("first:", "kei"),
            ("of kei", "+819012345678"),
            ("[ja-JP]", "<"),
            ("of kei [+819012345678]:", "<"),
            ("first [kei]:", ""),
            ("of kei [+819012345678]:", ""),
            ("[ja-JP]", ""),
            ("[y/N]", "y"),
            ("next person:", "<"),  # nobody has begun
            ("[y/N]", ""),
            *REST,
            WRITE,
            NO_CALL,
        )

    async with desk(tmp_path) as here:
        code, _ = await here.talk(dialogue)

        assert code == 0
        assert here.token.read_text() == f"{TOKEN}\n"
        assert [one["name"] for one in here.tables["contact"]] == ["kei"]


async def test_flags_answer_questions_beforehand(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        typist.answers(("Auth token", TOKEN), ("works again?", ""), WRITE, NO_CALL)

    words = ("--account-sid", SID, "--from", FROM, "--contact", "kei=+819012345678", "--no-checks")
    async with desk(tmp_path) as here:
        code, shown = await here.talk(dialogue, *words, "--token-file", "-")

        assert code == 0
        assert "Account SID" not in shown
        assert here.token.read_text() == f"{TOKEN}\n"


async def test_a_wrong_token_is_corrected_and_the_rest_is_kept(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        account = [pair if pair[0] != "Auth token" else (pair[0], "wrong") for pair in ACCOUNT]
        typist.answers(
            *account,
            *KEI,
            *REST,
            WRITE,
            ("Twilio refuses something of this: account or credentials.", ""),
            (f"Account SID [{SID}]", ""),
            ("Number [1]", ""),
            ("Enter keeps the one you gave", TOKEN),
            WRITE,
            NO_CALL,
        )

    async with desk(tmp_path) as here:
        code, _ = await here.talk(dialogue)

        assert code == 0
        assert here.token.read_text() == f"{TOKEN}\n"
        assert here.tables["contact"][0]["name"] == "kei"
        assert {path.name for path in here.config.parent.iterdir()} == {
            "config.toml",
            "twilio_auth_token",
        }


async def test_a_number_of_somebody_else_is_corrected(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        account = [pair if pair[0] != "calls:" else (pair[0], "+15005550001") for pair in ACCOUNT]
        typist.answers(
            *account,
            *KEI,
            *REST,
            WRITE,
            ("Twilio refuses something of this: the number that calls.", "y"),
            ("calls [+15005550001]", FROM),
            WRITE,
            NO_CALL,
        )

    async with desk(tmp_path, owned=[FROM]) as here:
        code, _ = await here.talk(dialogue)

        assert code == 0
        assert here.tables["twilio"]["from"] == FROM


async def test_what_is_not_corrected_is_kept_and_exit_1(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        typist.answers(*ACCOUNT, *KEI, *REST, WRITE, ("Correct that now?", "n"), NO_CALL)

    async with desk(tmp_path, owned=["+15005550001"]) as here:
        code, _ = await here.talk(dialogue)

        assert code == 1
        assert here.tables["twilio"]["from"] == FROM


async def test_an_api_key_takes_the_place_of_the_token(tmp_path: Path) -> None:
    sid = "SK" + "1" * 32

    def dialogue(typist: Typist) -> None:
        key = [("SID of the API key", sid), ("Secret of the API key", TOKEN), ACCOUNT[-1]]
        refused = [("Correct that now?", "n"), NO_CALL]  # this simulator knows no keys
        typist.answers(ACCOUNT[0], ("Number [1]", "2"), *key, *KEI, *REST, WRITE, *refused)

    async with desk(tmp_path) as here:
        code, shown = await here.talk(dialogue)

        assert code == 1
        assert here.tables["twilio"]["api_key_sid"] == sid
        assert here.token.with_name("twilio_api_key_secret").read_text() == f"{TOKEN}\n"
        assert TOKEN not in shown


AT = {
    "the first question": [("Account SID", "")],
    "the hidden one": [*ACCOUNT[:2], ("Auth token", "")],
    "the list of checks": [*ACCOUNT, *KEI, REST[0], ("a tick;", "")],
    "the summary": [*ACCOUNT, *KEI, *REST, ("q ends", "")],
}


@pytest.mark.parametrize("key", [INTERRUPT, END], ids=["Ctrl-C", "Ctrl-D"])
@pytest.mark.parametrize("at", AT.values(), ids=AT.keys())
async def test_whoever_goes_leaves_nothing_behind(
    at: list[tuple[str, str]], key: str, tmp_path: Path
) -> None:
    def dialogue(typist: Typist) -> None:
        *before, (last, _) = at
        typist.answers(*before)
        typist.until(last)
        typist.goes(key)

    async with desk(tmp_path) as here:
        code, shown = await here.talk(dialogue)

        assert code == 1
        assert shown.rstrip().endswith("Ended. Nothing was written.")
        assert "Traceback" not in shown
        assert not here.config.parent.exists()


async def test_q_at_the_summary_writes_nothing(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        typist.answers(*ACCOUNT, *KEI, *REST, ("q ends", "x"), ("from 1 to 6", "q"))

    async with desk(tmp_path) as here:
        code, shown = await here.talk(dialogue)

        assert code == 1
        assert "Nothing was written." in shown
        assert not here.config.exists()


async def test_whoever_goes_after_it_was_written_has_a_whole_file(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        typist.answers(*ACCOUNT, *KEI, *REST, WRITE)
        typist.until("Ring kei now")
        typist.goes(INTERRUPT)

    async with desk(tmp_path) as here:
        code, shown = await here.talk(dialogue)

        assert code == 1
        assert shown.rstrip().endswith("is written and whole.")
        assert load(here.config, environ={}, need_token=True).warnings == ()


async def test_an_old_file_is_asked_about_first_and_left_alone(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.config.parent.mkdir()
        here.config.write_text("mine")
        code, shown = await here.talk(lambda typist: typist.answers(("[y/N]", "")))

        assert code == 1
        assert "is there already" in shown
        assert "Account SID" not in shown
        assert here.config.read_text() == "mine"


async def test_an_old_file_that_may_go_stays_beside_the_new_one(tmp_path: Path) -> None:
    def dialogue(typist: Typist) -> None:
        typist.answers(("config.toml.bak [y/N]", "y"), *ACCOUNT, *KEI, *REST, WRITE, NO_CALL)

    async with desk(tmp_path) as here:
        here.config.parent.mkdir()
        here.config.write_text("mine")
        code, _ = await here.talk(dialogue)

        assert code == 0
        assert here.config.with_name("config.toml.bak").read_text() == "mine"
        assert here.tables["contact"][0]["name"] == "kei"
