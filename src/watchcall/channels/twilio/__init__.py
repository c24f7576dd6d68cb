"""Twilio: the only room that knows it."""

from watchcall.channels.twilio.client import Account, address
from watchcall.channels.twilio.desk import TwilioDesk
from watchcall.channels.twilio.phone import TwilioPhone
from watchcall.channels.twilio.texts import LazyTexts, TwilioTexts

__all__ = ["Account", "LazyTexts", "TwilioDesk", "TwilioPhone", "TwilioTexts", "address"]
