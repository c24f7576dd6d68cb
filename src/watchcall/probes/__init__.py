"""How targets are looked at: one probe for each type of check."""

from __future__ import annotations

from watchcall.ports import Probe


def probe_for(type_: str) -> Probe:
    """Return a new probe for a check type; only what it needs is imported."""
    if type_ == "process":
        from watchcall.probes.process import ProcessProbe

        return ProcessProbe()
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
