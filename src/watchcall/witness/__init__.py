"""Who knows more of a failure than a look can see. Implements ports.Witness."""

from __future__ import annotations

from watchcall.witness.systemd import SystemdWitness

__all__ = ["SystemdWitness"]
