"""`[[check]]` with `type = "command"`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from watchcall.config.checks import CommonCheck
from watchcall.config.types import Command


class CommandCheck(CommonCheck):
    """A program that looks, as the monitoring plugins do."""

    type: Literal["command"] = Field(description='"command"')
    # Not shown where the check is printed: arguments may hold secrets.
    command: Command = Field(
        repr=False, description='a list: the program and its arguments, as ["/bin/true"]'
    )
    """A program and its arguments, run without a shell as the daemon's user and killed whole at
    `timeout`. Ends with 0 (ok), 1 (warning), 2 (critical), 3 (unknown), as monitoring plugins
    do; the first line of its output is the reason. Secrets do not belong here: `ps` shows them."""
