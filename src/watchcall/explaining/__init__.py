"""From the last look to the phone: every filter with its verdict (`watchcall explain`).

What decides is asked, never imitated: the engine's rulings, the holds, the switchboard.
"""

from __future__ import annotations

from watchcall.explaining.explainer import Explainer
from watchcall.explaining.step import Effect, Step

__all__ = ["Effect", "Explainer", "Step"]
