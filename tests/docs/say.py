"""Type the commands that stand within sentences, in order, on one stage with a daemon.

`python -m tests.docs.say` in namespaces of its own; prints what did not go as it should, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from tests.docs.play import EXAMPLES, KEI, ME, answered
from tests.docs.stage import Stage, loopback
from tests.docs.typed import ON_STAGE, Typed

HUMANS = f'[phones]\n"{ME}" = ["human"]\n"{KEI}" = ["human"]\n'
APPRISE = "from apprise.cli import main; main()"
CODE = (
    'import json, sys; print(next(one["code"] for one in json.load(sys.stdin) if one["id"] == 9))'
)


def stage() -> Stage:
    """Two things run, twelve do not, and have been told."""
    made = Stage(EXAMPLES)
    made.program("python", f'exec {sys.executable} "$@"')
    made.program("apprise", f"exec {sys.executable} -c '{APPRISE}' \"$@\"")
    made.write("night", "#!/bin/sh\necho a night\n")
    made.simulator(HUMANS)
    for name in ("httpd", "web-1"):
        made.victim(name)
    made.daemon()
    made.logged("incident 12 opened")
    made.logged("check 'httpd' is ok")
    return made


def wrong(typed: Typed, on: Stage) -> Iterator[str]:
    """Type a command; yield what is not as the table has it."""
    line = typed.line
    if "{code}" in line:
        line = line.format(
            code=on.run(f"watchcall incidents --json | python -c '{CODE}'")[1].strip()
        )
    if typed.instead in on.children:
        on.end(typed.instead)
    (on.folder / "lasting.log").unlink(missing_ok=True)
    code, said = answered(on, line) if typed.instead else on.run(line)
    if code != typed.code:
        yield f"{typed.shown}: {line}: exit code {code}, not {typed.code}:\n{said}"
    if typed.says not in " ".join(said.split()):
        yield f"{typed.shown}: {line}: not said: {typed.says}\nbut:\n{said}"
    for no in ("Traceback", *(() if "--help" in line else ("usage:",))):
        if no in said:
            yield f"{typed.shown}: {line}: {said}"


def main() -> None:
    loopback()
    on = stage()
    try:
        found = [one for typed in ON_STAGE for one in wrong(typed, on)]
    finally:
        on.close()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
