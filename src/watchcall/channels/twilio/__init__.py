"""Twilio: the only room that knows it."""

from watchcall.channels.twilio.phone import Account, TwilioPhone

__all__ = ["Account", "TwilioPhone"]
