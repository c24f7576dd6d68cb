"""Where the program begins: the last gasp must not need what may be broken, the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Run what the command line says; return the exit code."""
    if sys.argv[1:] == ["lastgasp"]:
        from watchcall.lastgasp.gasp import main as last_gasp

        return last_gasp()
    if sys.argv[1:2] == ["run"]:
        from watchcall import hangup

        hangup.heed()  # before what takes its time: somebody may want a reload already
    from watchcall.cli import main as command

    return command()
