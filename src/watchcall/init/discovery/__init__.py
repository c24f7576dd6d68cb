"""What runs on this machine and is worth watching. It looks, and changes nothing."""

from __future__ import annotations

from watchcall.init.discovery.found import Found, discover

__all__ = ["Found", "discover"]
