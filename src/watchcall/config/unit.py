"""`[[check]]` with `type = "unit"`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from watchcall.config.checks import CommonCheck
from watchcall.config.types import Unit


class UnitCheck(CommonCheck):
    """A systemd unit of this machine."""

    type: Literal["unit"] = Field(description='"unit"')
    unit: Unit = Field(description="the name of a systemd unit such as httpd.service")
    """Its name, or an alias; without an ending it is a service. One that systemd does not know is
    refused at the start, and unknown afterwards."""
