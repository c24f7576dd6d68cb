"""What survives a crash."""

from watchcall.store.sql import SqlStore

__all__ = ["SqlStore"]
