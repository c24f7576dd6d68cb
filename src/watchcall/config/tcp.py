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
    port: Port = Field(description="a number from 1 to 65535")
    send: Words | None = None
    expect: Regex | None = None
    tls: Flag = False
    verify_tls: Flag = True
    ca_file: File | None = None
    latency: TimeLimits = TimeLimits()
