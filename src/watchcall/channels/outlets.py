"""Which adapter takes the notices of which type of channel."""

from __future__ import annotations

from watchcall.channels.apprise import AppriseOutlet
from watchcall.channels.command import CommandOutlet
from watchcall.channels.webhook import WebhookOutlet
from watchcall.core.contact import Address
from watchcall.ports import Outlet

OUTLETS: dict[str, type[CommandOutlet | WebhookOutlet | AppriseOutlet]] = {
    "command": CommandOutlet,
    "webhook": WebhookOutlet,
    "apprise": AppriseOutlet,
}


def outlet_of(kind: str, address: Address) -> Outlet:
    """Return the adapter for a type of channel that reaches no phone."""
    return OUTLETS[kind](address)
