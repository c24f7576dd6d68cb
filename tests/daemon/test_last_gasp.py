"""The daemon, and what it leaves for the case that it is gone: real processes."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.channels.outlets import listening, saying
from tests.daemon.server import ME, TOKEN, Server, server

AT_ONCE = "from datetime import timedelta; import watchcall.heartbeat; "
AT_ONCE += "watchcall.heartbeat.FIRST = timedelta(0); watchcall.heartbeat.AGAIN = timedelta(0); "
WELL_AT_ONCE = "import watchcall.daemon; watchcall.daemon.WELL_S = 0.0"
RUN = "d964db95327e454db20fe09edd192af1"


def told(web1: Server) -> Path:
    return web1.folder / "state" / "last-gasp.json"


async def gasp(web1: Server, **environ: str) -> tuple[int, str]:
    """As systemd runs it once the daemon has failed; return its exit code and what it says."""
    state = str(web1.folder / "state")
    code, _, err = await web1.run("lastgasp", STATE_DIRECTORY=state, **environ)
    return code, err


async def test_a_daemon_that_was_killed_is_mourned_once_until_it_has_run_well_again(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        words = web1.folder / "state" / "last-words.json"
        assert stat.S_IMODE(words.stat().st_mode) == 0o600
        assert TOKEN not in words.read_text()
        assert (await gasp(web1))[1] == "last gasp: WatchCall runs; nobody is called\n"
        code, said, _ = await web1.run("lastgasp", "--dry-run", STATE_DIRECTORY=str(words.parent))
        assert (code, said) == (0, "would be called: me\ntwilio.auth_token is there\n")

        await web1.kill()
        web1.config.write_text("[nonsense")  # it is not read
        code, said = await gasp(web1, MONITOR_EXIT_STATUS="78")
        assert (code, web1.asked("POST")[0]["params"]["To"]) == (0, ME)
        await web1.until(lambda: web1.rung(1))
        (words_said,) = web1.words
        assert "WatchCall on server web1 has stopped." in words_said
        assert "Its configuration is wrong." in words_said
        assert ME not in said

        assert (await gasp(web1))[0] == 0
        assert len(web1.asked("POST")) == 1

        web1.configure()
        web1.hurry = WELL_AT_ONCE
        await web1.start()
        await web1.until(lambda: not told(web1).exists())
        await web1.kill()
        assert (await gasp(web1))[0] == 0
        assert len(web1.asked("POST")) == 2


async def test_a_daemon_that_has_not_run_well_yet_is_not_mourned_again(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        await web1.kill()
        await gasp(web1)
        await web1.start()
        await web1.kill()
        await gasp(web1)

        assert len(web1.asked("POST")) == 1


async def test_whoever_was_told_to_stop_is_not_mourned_however_it_ends(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start(INVOCATION_ID=RUN)
        await web1.stop()
        code, said = await gasp(web1, MONITOR_INVOCATION_ID=RUN, MONITOR_SERVICE_RESULT="timeout")

        assert (code, web1.asked("POST")) == (0, [])
        assert "was told to stop" in said


async def test_a_reload_changes_whom_the_gasp_calls(tmp_path: Path) -> None:
    async with server(tmp_path) as web1:
        await web1.start()
        web1.configure(**{ME: "+819087654321"})
        assert (await web1.run("reload"))[0] == 0
        await web1.kill()
        await gasp(web1)

        assert web1.asked("POST")[0]["params"]["To"] == "+819087654321"


async def test_heartbeats_are_sent_while_it_works_and_only_then(tmp_path: Path) -> None:
    async with listening(saying("200 OK")) as watcher, listening(saying("200 OK")) as other:
        beat = '[daemon]\nheartbeat = {{ url = "{}/T0K3N", interval = "1s" }}\n'
        async with server(tmp_path, hurry=AT_ONCE, extra=beat.format(watcher.url)) as web1:
            await web1.start()
            await web1.until(lambda: len(watcher.asked) >= 2)
            status = await web1.json("status")
            assert status["heartbeat"]["state"] == "ok"
            assert status["heartbeat"]["to"] == watcher.url
            found = {one["subject"]: one for one in await web1.json("doctor")}
            assert found["heartbeat"]["state"] == "ok"

            web1.configure(beat.format(other.url))
            assert (await web1.run("reload"))[0] == 0
            before = len(watcher.asked)
            await web1.until(lambda: other.asked)
            assert len(watcher.asked) == before

            (tmp_path / "state").rename(tmp_path / "elsewhere")
            await web1.logged("no heartbeat is sent: the state directory")
            sent = len(other.asked)
            text = (await web1.run("status"))[1]
            assert "heartbeat held: the state directory" in " ".join(text.split())
            assert len(other.asked) == sent
            (tmp_path / "elsewhere").rename(tmp_path / "state")
            await web1.until(lambda: len(other.asked) > sent)

        assert not any("T0K3N" in line for line in web1.log)
