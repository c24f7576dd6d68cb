"""What is asked, and the errors that come of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.channels.server import ME, account
from watchcall.channels.twilio import TwilioPhone
from watchcall.core.speech import Speech
from watchcall.errors import PhoneError
from watchcall.ports import CallRequest

REQUEST = CallRequest(to=ME, speech=Speech("httpd", "again", "ja-JP"), ring_timeout_s=5)
CALL = "CA" + "0" * 32
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


QUESTIONS_OF_A_PHONE: tuple[Callable[[TwilioPhone], Awaitable[object]], ...] = (
    lambda phone: phone.fetch(CALL),
    lambda phone: phone.placed_between(ME, *EVER),
    lambda phone: phone.why(CALL),
)


async def refused(
    url: str, ask: Callable[[TwilioPhone], Awaitable[object]] | None = None, **other: Any
) -> PhoneError:
    phone = TwilioPhone(account(url, **other), "test")
    try:
        with pytest.raises(PhoneError) as caught:
            await (ask(phone) if ask else phone.place(REQUEST))
    finally:
        phone.close()
    return caught.value
