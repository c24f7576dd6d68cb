"""Runs inside: takes programs to be run over a serial line, and says how they ended.

One line of JSON each way, nothing else on the line. It runs with Debian's own Python.
"""

import json
import subprocess
import sys
import tty
from typing import Any


def main(line: str) -> None:
    with open(line, "r+b", buffering=0) as port:  # noqa: PTH123  # no seeking on a line
        tty.setraw(port.fileno())
        port.write(b"\n")
        rest = b""
        while True:
            rest += port.read(4096)
            while b"\n" in rest:
                asked, _, rest = rest.partition(b"\n")
                port.write(json.dumps(run(json.loads(asked))).encode() + b"\n")


def run(asked: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        asked["argv"], input=asked["input"], text=True, capture_output=True, check=False
    )
    return {"status": done.returncode, "out": done.stdout, "err": done.stderr}


if __name__ == "__main__":
    main(sys.argv[1])
