"""Twilio's way of saying no: an HTTP status, a code, a sentence."""

from __future__ import annotations

MESSAGES = {
    20001: "Unknown parameters",
    20003: "Authenticate",
    20004: "Method not allowed",
    20005: "Account is not active",
    20403: "Forbidden",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21201: "No 'To' number is specified",
    21205: "Url parameter is required",
    21208: "Invalid Timeout",
    21209: "Invalid Method",
    21210: "The source phone number provided is not yet verified for your account",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid 'From' Number",
    21213: "No 'From' number is specified",
    21214: "'To' phone number cannot be reached",
    21215: "Account not authorized to call this number; check your geo permissions",
    21216: "Account not allowed to call this number",
    21217: "Phone number does not appear to be valid",
    21219: "'To' phone number not verified",
    21220: "Call is not in the expected state. Cannot cancel or complete it",
    21266: "'To' and 'From' number cannot be the same",
    21408: "Permission to send an SMS has not been enabled for the region of the 'To' number",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21604: "'To' phone number is required to send a Message",
    21606: "The 'From' phone number is not a valid, message-capable Twilio phone number",
    21608: "The number is unverified",
    21609: "Invalid 'StatusCallback' URL",
    21610: "Attempt to send to unsubscribed recipient",
    21612: "The 'To' phone number is not currently reachable using the 'From' phone number",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21620: "Invalid media URL(s)",
}
STATUSES = {
    20003: 401,
    20004: 405,
    20005: 403,
    20403: 403,
    20404: 404,
    20429: 429,
    20500: 500,
    20503: 503,
}


class Refusal(Exception):
    """A request is not granted.

    status:  HTTP; what the code usually comes with, else 400
    message: what Twilio says with the code, and what is added to it
    """

    def __init__(self, code: int, message: str | None = None, *, status: int | None = None) -> None:
        self.code = code
        self.message = message or MESSAGES.get(code, f"The request was refused with {code}")
        self.status = status or STATUSES.get(code, 400)
        super().__init__(f"{self.status} {code} {self.message}")

    @classmethod
    def about(cls, code: int, detail: str) -> Refusal:
        return cls(code, f"{MESSAGES[code]}: {detail}")

    def as_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
