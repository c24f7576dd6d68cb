"""Observation in, rulings out, committed: what happens between a look and the outbox.

The engine knows no probe, no phone and no configuration file. It runs on the loop alone.
"""

from __future__ import annotations

from watchcall.engine.engine import Engine
from watchcall.engine.inquiry import Failure, Inquiry
from watchcall.engine.watch import Watch

__all__ = ["Engine", "Failure", "Inquiry", "Watch"]
