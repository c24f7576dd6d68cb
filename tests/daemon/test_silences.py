"""Nobody is called about what is silenced: real commands, a real daemon, a Twilio on loopback."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.daemon.people import KEI, OTHERS, outcomes, said
from tests.daemon.server import ME, Server, server

REAL_TIME = {"speed": 1, "queued": 0}


async def verdicts(web1: Server, name: str) -> dict[str, str]:
    """Return the verdicts about the check as a whole and its channels, by their filters."""
    answer: dict[str, Any] = await web1.json("explain", name)
    return {one["filter"]: one["verdict"] for one in answer["steps"] if one["contact"] is None}


async def test_a_silence_keeps_the_phone_quiet_through_a_restart_until_it_is_taken_back(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        words = ("silence", "http*", "--for", "2h", "--reason", "new kernel", "--by", "mia")
        code, out, _ = await web1.run(*words)
        assert (code, out[:52]) == (0, "silence 1 by mia: nobody is called about http* until")
        assert "it matches 1 check: httpd\n" in out
        await web1.kill_httpd()
        await web1.logged("stays quiet: silenced: by mia until")

        (silence,) = await web1.json("silences")
        begun, until = (datetime.fromisoformat(silence.pop(name)) for name in ("from", "until"))
        assert abs(until - begun - timedelta(hours=2)) < timedelta(seconds=5)
        assert silence == {
            "id": 1,
            "checks": ["http*"],
            "matches": ["httpd"],
            "reason": "new kernel",
            "by": "mia",
        }
        (check,) = (await web1.json("status"))["checks"]
        assert (check["state"], check["silenced"]) == ("failing", True)
        found = await verdicts(web1, "httpd")
        assert {name: found[name] for name in ("look", "silence", "channel")} == {
            "look": "passes",
            "silence": "holds",
            "channel": "holds",
        }
        (incident,) = (await web1.json("explain", "httpd"))["incidents"]
        assert incident["told"] == []
        assert "silenced: by mia until" in incident["quiet"][0]["why"]

        await web1.stop()
        await web1.start()
        await web1.until(lambda: said(web1, "stays quiet") >= 1)
        assert [one["id"] for one in await web1.json("silences")] == [1]
        assert web1.asked("POST") == []

        code, out, _ = await web1.run("unsilence", "1")
        assert (code, out.splitlines()) == (
            0,
            ["silence 1 (http*) has ended", "httpd still fails, and is told now (incident 1)"],
        )
        await web1.until(lambda: web1.rung(1))
        assert len(web1.words) == 1
        assert await web1.json("silences") == []
        code, _, err = await web1.run("unsilence", "1")
        assert (code, err[:43]) == (1, "watchcall: silence 1 has ended already, at ")


async def test_a_silence_that_runs_out_is_followed_by_the_call(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.run("silence", "httpd", "--for", "4s")
        await web1.kill_httpd()
        await web1.logged("stays quiet: silenced")
        before = len(web1.asked("POST"))
        await web1.until(lambda: web1.rung(1))

        assert before == 0
        _, out, _ = await web1.run("silences")
        assert out == "no silences\n"


async def test_a_phone_that_rings_falls_silent_and_the_next_person_is_not_called(
    tmp_path: Path,
) -> None:
    phones = {ME: ["no-answer"], KEI: ["answer"]}
    async with server(tmp_path, script={**REAL_TIME, "phones": phones}) as web1:
        web1.configure(OTHERS)
        await web1.start()
        await web1.kill_httpd()
        await web1.logged("placed")
        code, out, _ = await web1.run("silence", "httpd", "--for", "1h")
        assert code == 0
        assert "the calls about incident 1 (httpd) stop\n" in out
        await web1.logged("on channel 'phone': canceled")

        assert await outcomes(web1) == [("me", "canceled")]
        code, out, _ = await web1.run("unsilence", "1")
        assert "httpd still fails, and is told now (incident 1)\n" in out
        await web1.until(lambda: len(web1.simulator.calls) == 2)


async def test_what_cannot_be_silenced_or_explained_is_named(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        near = "did you mean httpd?\n"
        for words, code, err in (
            (("silence", "htpd", "--for", "2h"), 2, f"no check matches 'htpd', {near}"),
            (("explain", "htpd"), 2, f"no check is called 'htpd', {near}"),
            (("unsilence", "7"), 2, "there is no silence 7; watchcall silences lists them\n"),
        ):
            assert await web1.run(*words) == (code, "", f"watchcall: {err}"), words
        assert await web1.json("silences") == []
        _, out, _ = await web1.run("explain", "httpd")
        assert "if it failed now: a failure is confirmed" in out
