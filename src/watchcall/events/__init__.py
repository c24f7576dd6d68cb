"""What makes a look early: a process dies, a local server lets go of a connection.

An event decides nothing: it only brings a look forward. The schedule stays the authority, and
without events everything is seen by polling.
"""

from __future__ import annotations

from watchcall.events.events import Events

__all__ = ["Events"]
