"""Play a page: run every command that it shows, in order, on a stage like the one it describes.

`python -m tests.docs.play PAGE [PART]` in namespaces of its own; prints what was not as shown, as
JSON. A scene says what is so before each block of its page.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.docs.blocks import Block, blocks, fenced, text_of
from tests.docs.stage import AFTERNOON, Stage, loopback, missing

Scene = Callable[[ExitStack, int], Stage]

ME, KEI, MIA = "+819012345678", "+819023456789", "+819034567890"
# Commands that answer "not fine" where they are shown: nobody answers, a check fails.
ANSWERS_NO = {"watchcall test-call me": 1, "watchcall status": 1}
TWILIO = """
[twilio]
account_sid = "AC00000000000000000000000000000000"
from = "+15005550006"
"""
PEOPLE = f"""
[[contact]]
name = "me"
phone = "{ME}"

[[contact]]
name = "kei"
phone = "{KEI}"

[[contact]]
name = "mia"
phone = "{MIA}"
"""
SHOP = """
[[check]]
name = "shop"
type = "process"
process = "shop"
"""


@contextmanager
def staged(config: str, script: str = "", *, pace: bool = True) -> Iterator[Stage]:
    """A stage with a Twilio whose phones do what a script says."""
    stage = Stage(config, pace=pace)
    try:
        stage.simulator(script)
        yield stage
    finally:
        stage.close()


def failing(stage: Stage, *victims: str, reached: bool = False) -> None:
    """Let the daemon see what runs, and then the shop stop; wait until somebody is called."""
    for name in victims:
        stage.victim(name)
    stage.daemon()
    stage.logged("check 'shop' is ok")
    stage.end("shop")
    stage.logged("incident 1 opened")
    stage.logged("human" if reached else "placed")


def acknowledging(stack: ExitStack, nth: int) -> Stage:
    config = TWILIO + PEOPLE + SHOP
    stage = stack.enter_context(staged(config, f'speed = 1\n[phones]\n"{ME}" = ["no-answer"]\n'))
    failing(stage, "shop")
    return stage


ALONE = f"""
{TWILIO}
[[contact]]
name = "me"
phone = "{ME}"

[[contact]]
name = "kei"
phone = "{KEI}"
quiet_hours = {{ from = "16:00", to = "07:00", timezone = "{AFTERNOON}" }}

[[channel]]
name = "phone"
fallback = "text"

[[channel]]
name = "text"
type = "sms"
default = false
to = ["me"]

[[check]]
name = "db"
type = "process"
process = "postgres"

{SHOP}
depends_on = ["db"]
"""
SILENCED = "watchcall silence shop --for 2h --reason 'new kernel' --by mia"


def leaving_alone(stack: ExitStack, nth: int) -> Stage:
    """First the shop is well; then somebody is called about it; then it was silenced before."""
    no_answer = f'speed = 1\n[phones]\n"{ME}" = ["no-answer"]\n'
    stage = stack.enter_context(staged(ALONE, no_answer))
    if nth == 0:
        stage.victim("shop")
        stage.daemon()
    elif nth == 1:
        failing(stage, "postgres", "shop")
    else:
        stage.victim("postgres")
        stage.victim("shop")
        stage.daemon()
        stage.logged("check 'shop' is ok")
        stage.run(SILENCED)
        stage.end("shop")
        stage.logged("incident 1 opened")
    return stage


def reaching(stack: ExitStack, nth: int) -> Stage:
    (config, *_) = fenced("docs/how-to/reaching-people.md", "toml")
    script = f'speed = 20\n[phones]\n"{KEI}" = ["human"]\n"{ME}" = ["busy"]\n'
    return stack.enter_context(staged(config, script))


REHEARSING = "docs/how-to/rehearsing.md"
FILES = re.compile(r"`([a-z]+\.toml)`[^`]*\n\n```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def rehearsal(speed: int) -> Stage:
    """The folder of the rehearsal, with all its files; phones live faster than shown, mostly."""
    stage = Stage(fenced(REHEARSING, "toml")[0], pace=False, twilio=False)
    for name, text in FILES.findall(text_of(REHEARSING)):
        if name != "config.toml":
            stage.write(name, text)
    stage.write("night.txt", fenced(REHEARSING, "text")[0])
    night = fenced(REHEARSING, "bash")[0]
    night = night.replace("--speed 4", f"--speed {speed}").replace('"${2:-30}"', "18")
    stage.write("night", night, 0o755)
    stage.environ |= {"WATCHCALL_DEFAULTS__INTERVAL": "1s", "TZ": "Asia/Tokyo"}
    return stage


def rehearsing(stack: ExitStack, nth: int) -> Stage:
    shown = blocks(REHEARSING)[nth].commands
    stage = rehearsal(speed=4 if "callback" in shown[0].text else 12)
    stack.callback(stage.close)
    if shown[0].text.startswith("./night keys"):
        web = next(one for one in fenced(REHEARSING, "toml") if one.startswith("[web]"))
        stage.write("config.toml", fenced(REHEARSING, "toml")[0] + "\n" + web)
    if shown[0].text.startswith(("watchcall ack", "from=")):  # "while a scene plays"
        stage.spawn("night", "./night", "nobody.toml")
        stage.until(lambda: "incident 1 opened" in _read(stage, "watchcall.log"))
    return stage


def _read(stage: Stage, name: str) -> str:
    path = stage.folder / name
    return path.read_text("utf-8") if path.exists() else ""


SCENES: dict[str, Scene] = {
    "docs/how-to/acknowledging.md": acknowledging,
    "docs/how-to/leaving-people-alone.md": leaving_alone,
    "docs/how-to/reaching-people.md": reaching,
    REHEARSING: rehearsing,
}


def play(block: Block, stage: Stage) -> Iterator[str]:
    """Run the commands of a block; yield what is not as the page has it."""
    if block.script:
        code, said = stage.run("\n".join(command.text for command in block.commands))
        if code:
            yield f"{block.where}: exit code {code}:\n{said}"
        return
    for command in block.commands:
        code, said = stage.run(command.text)
        if code not in (0, ANSWERS_NO.get(command.text)):
            yield f"{block.where}: {command.text}: exit code {code}:\n{said}"
        for line in missing(command.shown, said):
            yield f"{block.where}: {command.text}: not said: {line}\nbut:\n{said}"


def main(page: str, *numbers: str) -> None:
    loopback()
    wrong = list[str]()
    shown = blocks(page)
    for nth in map(int, numbers):
        if shown[nth].mark is None:
            with ExitStack() as stack:
                wrong += play(shown[nth], SCENES[page](stack, nth))
    sys.stdout.write(json.dumps(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
