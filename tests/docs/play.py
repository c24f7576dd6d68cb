"""Play a page: run every command that it shows, in order, on a stage like the one it describes.

`python -m tests.docs.play PAGE [PART]` in namespaces of its own; prints what was not as shown, as
JSON. A scene says what is so before each block of its page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.docs.blocks import Block, blocks, fenced, files
from tests.docs.stage import AFTERNOON, SIMULATED, Stage, loopback, missing

Scene = Callable[[ExitStack, int], Stage]

ME, KEI, MIA = "+819012345678", "+819023456789", "+819034567890"
# Commands that answer "not fine" where they are shown: nobody answers, a check fails.
NO = {
    *("watchcall test-call me", "watchcall test-call kei"),
    *("watchcall status", "watchcall status --json", "watchcall doctor"),
}
# Commands that go on until they are told to stop, and what they say once they work.
LASTING = {"watchcall run": "watches", "watchcall simulator": "listening"}
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


def anew(stack: ExitStack, config: str, script: str = "") -> Stage:
    """Clear the stage, and set it up otherwise."""
    stack.close()
    return stack.enter_context(staged(config, script))


@contextmanager
def staged(config: str, script: str) -> Iterator[Stage]:
    """A stage with a Twilio whose phones do what a script says."""
    stage = Stage(config)
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
    stage = anew(stack, config, f'speed = 1\n[phones]\n"{ME}" = ["no-answer"]\n')
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
    stage = anew(stack, ALONE, no_answer)
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


def configured(page: str, script: str = "") -> Scene:
    """The page's first configuration, and phones that do what a script says."""

    def scene(stack: ExitStack, nth: int) -> Stage:
        return anew(stack, fenced(page, "toml")[0], f"speed = 20\n{script}")

    return scene


GEO = "geo = { JP = false }\n"
REACHING = "docs/how-to/reaching-people.md"


def reaching(stack: ExitStack, nth: int) -> Stage:
    """The daemon has run once. Twilio may call nobody in Japan, until that is mended."""
    phones = f'[phones]\n"{KEI}" = ["human"]\n"{ME}" = ["busy"]\n'
    shown = blocks(REACHING)[nth].commands[0].text
    stage = configured(REACHING, GEO if shown == "watchcall doctor" else phones)(stack, nth)
    (stage.folder / "state").mkdir(0o700)
    return stage


def cut_off(stack: ExitStack, nth: int) -> Stage:
    """There is no way to Twilio."""
    stage = anew(stack, TWILIO + PEOPLE + SHOP)
    del stage.environ["WATCHCALL_TWILIO__API_URL"]
    return stage


# For the examples of each command: twelve failures at once, for `ack 12`, and names for the rest.
EXAMPLES = (
    TWILIO
    + PEOPLE
    + "".join(
        f'\n[[check]]\nname = "{name}"\ntype = "process"\nprocess = "{name}"\ntags = ["{tag}"]\n'
        for name, tag in [
            ("httpd", "web"),
            ("web-1", "db"),
            *((f"job-{n}", "job") for n in range(12)),
        ]
    )
)


class Examples:
    """One stage for all that ask the daemon, one for each command that lasts."""

    def __init__(self) -> None:
        self.shared: Stage | None = None

    def __call__(self, stack: ExitStack, nth: int) -> Stage:
        shown = blocks("docs/reference/commands.md")[nth].commands[0].text
        lasting = shown.startswith(tuple(LASTING))
        if self.shared is not None and not lasting:
            return self.shared
        stage = anew(stack, EXAMPLES, f'speed = 20\n[phones]\n"{KEI}" = ["human"]\n')
        stage.write("phones.toml", 'default = ["busy"]')
        if lasting:
            if shown.startswith("watchcall simulator"):
                stage.end("simulator")  # here comes another one
            self.shared = None
            return stage
        for name in ("httpd", "web-1"):
            stage.victim(name)
        stage.daemon()
        stage.logged("incident 12 opened")
        for _ in range(3):
            stage.run("watchcall silence httpd --for 1h")
        self.shared = stage
        return stage


REHEARSING = "docs/how-to/rehearsing.md"

# What the script of the rehearsal waits for, where it only waits for some time.
PAUSES = {
    "sleep 2\n": "(: < /dev/tcp/127.0.0.1/8129) 2> /dev/null",
    "sleep 5\n": """grep -qs "'shop' is ok" watchcall.log""",
    'sleep "${2:-30}"\n': "[ $(($(date +%s) - $(stat -c %Y watchcall.log))) -ge 8 ]",
}


def rehearsal(speed: int) -> Stage:
    """The folder of the rehearsal, with all its files; phones live faster than shown, mostly."""
    stage = Stage(fenced(REHEARSING, "toml")[0], pace=False, twilio=False)
    for name, text in files(REHEARSING):
        if name != "config.toml":
            stage.write(name, text)
    stage.write("night.txt", fenced(REHEARSING, "text")[0])
    night = fenced(REHEARSING, "bash")[0].replace("--speed 4", f"--speed {speed}")
    for pause, until in PAUSES.items():
        assert pause in night
        night = night.replace(pause, f"until {until}; do sleep 0.2; done\n")
    stage.write("night", night, 0o755)
    stage.environ |= {"WATCHCALL_DEFAULTS__INTERVAL": "1s", "TZ": "Asia/Tokyo"}
    return stage


def rehearsing(stack: ExitStack, nth: int) -> Stage:
    shown = blocks(REHEARSING)[nth].commands
    stack.close()
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
    "docs/how-to/firewall.md": cut_off,
    REACHING: reaching,
    "docs/reference/commands.md": Examples(),
    **{
        page: configured(page, script)
        for page, script in {
            "README.ja.md": f'[phones]\n"{ME}" = ["human"]\n',
            "docs/how-to/from-datadog.md": "",
            "docs/how-to/from-mackerel.md": "",
            "docs/how-to/japan.md": f'[phones]\n"{ME}" = ["human"]\n',
            "docs/how-to/trial-account.md": f'account_type = "Trial"\nverified = ["{ME}"]\n',
        }.items()
    },
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
        code, said = answered(stage, command.text)
        if code not in (0, 1 if command.text in NO else 0):
            yield f"{block.where}: {command.text}: exit code {code}:\n{said}"
        exact = command.text.startswith(SIMULATED)  # it is the same each time
        for line in missing(command.shown, said, exact=exact):
            yield f"{block.where}: {command.text}: not said: {line}\nbut:\n{said}"


def answered(stage: Stage, command: str) -> tuple[int, str]:
    """Run a command to its end, one that lasts until it works."""
    text = command.replace("/etc/watchcall/", f"{stage.folder}/")
    for beginning, words in LASTING.items():
        if command.startswith(beginning):
            stage.spawn("lasting", "bash", "-c", f"exec {text}")
            stage.said("lasting", words)
            return stage.end("lasting"), stage.log("lasting")
    return stage.run(text)


def main(page: str, *numbers: str) -> None:
    loopback()
    wrong = list[str]()
    shown = blocks(page)
    with ExitStack() as stack:
        for nth in map(int, numbers or range(len(shown))):
            if shown[nth].mark is None:
                wrong += play(shown[nth], SCENES[page](stack, nth))
    sys.stdout.write(json.dumps(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
