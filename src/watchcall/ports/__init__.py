"""What the engine and the pager need from outside, each as a contract."""

from watchcall.ports.looking import Probe, UnitProperties, Units, UnitState, Witness
from watchcall.ports.outlet import NoticeData, Outlet
from watchcall.ports.store import Decision, Notice, Quiet, Remembered, Store, Told, Undelivered
from watchcall.ports.telephone import CallRequest, Desk, Heard, Phone, TextRequest, Texts
from watchcall.ports.time import Calendar, Clock

__all__ = [
    "Calendar",
    "CallRequest",
    "Clock",
    "Decision",
    "Desk",
    "Heard",
    "Notice",
    "NoticeData",
    "Outlet",
    "Phone",
    "Probe",
    "Quiet",
    "Remembered",
    "Store",
    "TextRequest",
    "Texts",
    "Told",
    "Undelivered",
    "UnitProperties",
    "UnitState",
    "Units",
    "Witness",
]
