"""Which addresses are this machine's own."""

from __future__ import annotations

import ipaddress
import socket


def is_own(address: str) -> bool:
    """Return whether an IP address is loopback or one of this machine's; sends nothing.

    The kernel says it: what it would send to an address of its own comes from that very address.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.is_loopback:
        return True
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect((address, 9))  # a datagram socket: only the route is looked up
            mine: str = asked.getsockname()[0]
    except OSError:
        return False
    return ipaddress.ip_address(mine) == ip
