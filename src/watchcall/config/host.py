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
    """From here on a warning; at most 100."""
    critical: Share = None
    """From here on critical; at most 100."""


class DiskLimits(ShareLimits):
    """`{ path = "/var", warning = 80, critical = 95 }`"""

    path: Place | None = None
    """The disk that this stands on."""


class HostCheck(CommonCheck):
    """How busy and how full this machine is."""

    fails_plainly: ClassVar[bool] = False  # its limits say what each thing is

    type: Literal["host"] = Field(description='"host"')
    load: PercentLimits = PercentLimits()
    """What runs or waits for a core, per core, on average of five minutes: 100 is one for each
    core."""
    memory_used: ShareLimits = ShareLimits()
    """Memory that no program could be given (caches could)."""
    swap_used: ShareLimits = ShareLimits()
    """Swap space in use."""
    disk_used: DiskLimits = DiskLimits()
    """How full the disk of `path` is, as `df` counts it."""
    path: Place | None = None
    """An absolute path on the disk that is meant; may stand inside `disk_used` instead, not in
    both. Default: `/`."""

    @property
    def disk(self) -> Path:
        """Where the disk is; the key may stand beside or inside `disk_used`."""
        return self.disk_used.path or self.path or Path("/")
