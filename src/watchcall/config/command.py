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
