"""`[[check]]` with `type = "tcp"`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from watchcall.config.checks import CommonCheck, TimeLimits
from watchcall.config.http import Words
from watchcall.config.types import File, Flag, Regex, whole, within
from watchcall.config.urls import host

Port = Annotated[int, BeforeValidator(whole), within(1, 65535)]
Host = Annotated[str, AfterValidator(host)]


class TcpCheck(CommonCheck):
    """One connection, perhaps what is said on it, and what has to be answered."""

    type: Literal["tcp"] = Field(description='"tcp"')
    host: Host = Field(description="a name or an address such as db.example.com or 127.0.0.1")
    """A name or an address."""
    port: Port = Field(description="a number from 1 to 65535")
    """From 1 to 65535."""
    send: Words | None = None
    """Sent as soon as the connection stands."""
    expect: Regex | None = None
    """What has to come, searched in the first 64 KiB."""
    tls: Flag = False
    """Encrypted from the first byte on?"""
    verify_tls: Flag = True
    """Must the certificate be right? Needs `tls = true`."""
    ca_file: File | None = None
    """Who is trusted instead of the system's authorities; needs `tls = true`."""
    latency: TimeLimits = TimeLimits()
    """How slow is too slow, from the name's address to the end of what is expected."""
