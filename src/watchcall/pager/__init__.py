"""Outbox in, attempts out: everything between what is to be told and the people."""

from watchcall.pager.pager import Pager
from watchcall.pager.switchboard import Line, Switchboard, Voice

__all__ = ["Line", "Pager", "Switchboard", "Voice"]
