"""`[[check]]` with `type = "host"`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from watchcall.config.checks import CommonCheck, PercentLimits
from watchcall.config.types import Percent, file

LIMITS = ("load", "memory_used", "swap_used", "disk_used")


def at_most_all(value: float | None) -> float | None:
    """Refuse a share that nothing can reach: such a limit would never speak."""
    if value is not None and value > 100:
        raise ValueError("must be at most 100: it is a share of all there is")
    return value


def place(value: object) -> Path:
    """Read the path of something on a disk."""
    path = file(value)
    if not path.is_absolute():
        raise ValueError("must be an absolute path such as /var")
    return path


Share = Annotated[Percent | None, AfterValidator(at_most_all)]


Place = Annotated[Path, BeforeValidator(place)]


class ShareLimits(PercentLimits):
    """`{ warning = 80, critical = 95 }`, of something that ends at 100."""

    warning: Share = None
    critical: Share = None


class DiskLimits(ShareLimits):
    """`{ path = "/var", warning = 80, critical = 95 }`"""

    path: Place | None = None


class HostCheck(CommonCheck):
    """How busy and how full this machine is."""

    fails_plainly: ClassVar[bool] = False  # its limits say what each thing is

    type: Literal["host"] = Field(description='"host"')
    load: PercentLimits = PercentLimits()
    memory_used: ShareLimits = ShareLimits()
    swap_used: ShareLimits = ShareLimits()
    disk_used: DiskLimits = DiskLimits()
    path: Place | None = None

    @property
    def disk(self) -> Path:
        """Where the disk is; the key may stand beside or inside `disk_used`."""
        return self.disk_used.path or self.path or Path("/")
