"""How targets are looked at: one probe for each type of check."""

from __future__ import annotations

from watchcall.ports import Probe, Units


def probe_for(type_: str, units: Units) -> Probe:
    """Return a new probe for a check type; only what it needs is imported.

    units: whom checks of units ask
    """
    if type_ == "process":
        from watchcall.probes.process import ProcessProbe

        return ProcessProbe()
    if type_ == "unit":
        from watchcall.probes.unit import UnitProbe

        return UnitProbe(units)
    if type_ == "http":
        from watchcall.probes.http import HttpProbe

        return HttpProbe()
    if type_ == "tcp":
        from watchcall.probes.tcp import TcpProbe

        return TcpProbe()
    if type_ == "command":
        from watchcall.probes.command import CommandProbe

        return CommandProbe()
    if type_ == "host":
        from watchcall.probes.host import HostProbe

        return HostProbe()
    raise LookupError(f"no probe looks at {type_!r}")
