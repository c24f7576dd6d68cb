"""How many SMS a text is: what `num_segments` says, and what is paid for.

GSM 7-bit where every character is in the default alphabet or its extension table (3GPP TS 23.038
§6.2.1), which cost one and two septets; UCS-2 otherwise, where a character outside the basic
plane costs two units. One segment holds 160 septets or 70 units; of many, each gives up 7 bytes
to the header that joins them, and holds 153 or 67. No character is split between two segments.
https://www.twilio.com/docs/glossary/what-sms-character-limit
"""

from __future__ import annotations

from collections.abc import Sequence

DEFAULT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # each follows an escape


def segments(body: str) -> int:
    """Return how many segments a text takes; even an empty one takes one."""
    if all(mark in DEFAULT or mark in EXTENSION for mark in body):
        return _segments([2 if mark in EXTENSION else 1 for mark in body], 160, 153)
    return _segments([2 if ord(mark) > 0xFFFF else 1 for mark in body], 70, 67)


def _segments(costs: Sequence[int], alone: int, joined: int) -> int:
    if sum(costs) <= alone:
        return 1
    count, room = 1, joined
    for cost in costs:
        if cost > room:
            count, room = count + 1, joined
        room -= cost
    return count
