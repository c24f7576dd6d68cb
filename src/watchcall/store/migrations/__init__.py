"""From one schema to the next: one file for each step, only ever forward.

A change of `schema.py` raises its VERSION and comes with a file here that makes of the schema
before it what is described there now. A step that has been released is never edited again: it says
for itself what it adds, and does not look at `schema.py`, which goes on changing.
"""

from __future__ import annotations

from collections.abc import Callable

from watchcall.store.migrations import to_2, to_3
from watchcall.store.migrations.alteration import Alteration

# by the schema that each step leads to
STEPS: dict[int, Callable[[Alteration], None]] = {2: to_2.upgrade, 3: to_3.upgrade}
