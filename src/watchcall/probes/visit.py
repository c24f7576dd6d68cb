"""One request and what came of it, taken out of libcurl before its handle is closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pycurl

from watchcall.probes.reply import Reply
from watchcall.probes.transfers import Outcome

# OpenSSL's way to write it, and GnuTLS's.
CERTIFICATE_DATES = ("%b %d %H:%M:%S %Y GMT", "%Y-%m-%d %H:%M:%S GMT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """When each phase was over, in seconds since the request began; None if it never was."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    total: float

    def as_json(self) -> dict[str, float | None]:
        """Return how long each phase took, in milliseconds."""
        spans: dict[str, float | None] = {}
        before = 0.0
        for name in ("dns", "connect", "tls", "first_byte"):
            end = getattr(self, name)
            spans[name] = None if end is None else _ms(end - before)
            before = before if end is None else end
        return {**spans, "total": _ms(self.total)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one request led to."""

    url: str
    outcome: Outcome
    reply: Reply
    phases: Phases
    status: int = 0
    remote: str | None = None
    redirect_url: str | None = None
    errno: int = 0
    tunnel_status: int = 0  # what a proxy answered to CONNECT
    tls_verdict: int = 0  # OpenSSL's X509_V_…
    expires_at: datetime | None = field(default=None)  # of the server's certificate

    @property
    def is_whole(self) -> bool:
        """The reply came as far as it was wanted."""
        return self.outcome.code == 0 or (
            self.outcome.code == pycurl.E_WRITE_ERROR and self.reply.is_truncated
        )


def recorded(
    curl: pycurl.Curl, url: str, outcome: Outcome, reply: Reply, dns_s: float | None
) -> Visit:
    """Return what a finished transfer knows of itself."""
    ip = curl.getinfo(pycurl.PRIMARY_IP)
    return Visit(
        url=url,
        outcome=outcome,
        reply=reply,
        phases=_phases(curl, dns_s),
        status=curl.getinfo(pycurl.RESPONSE_CODE),
        remote=f"{ip} port {curl.getinfo(pycurl.PRIMARY_PORT)}" if ip else None,
        redirect_url=_text(curl.getinfo_raw(pycurl.REDIRECT_URL)),
        errno=curl.getinfo(pycurl.OS_ERRNO),
        tunnel_status=curl.getinfo(pycurl.HTTP_CONNECTCODE),
        tls_verdict=curl.getinfo(pycurl.SSL_VERIFYRESULT),
        expires_at=_expires_at(curl.getinfo_raw(pycurl.INFO_CERTINFO)),
    )


def _phases(curl: pycurl.Curl, dns_s: float | None) -> Phases:
    """libcurl gives 0 for what was not reached; its own DNS time is our RESOLVE entry's."""
    before = dns_s or 0.0

    def at(option: int) -> float | None:
        seconds = curl.getinfo(option)
        return before + seconds if seconds else None

    connected = at(pycurl.CONNECT_TIME)
    return Phases(
        dns=before if dns_s is not None else at(pycurl.NAMELOOKUP_TIME),
        connect=connected,
        tls=at(pycurl.APPCONNECT_TIME),
        # Without a connection libcurl reports the end of the transfer here.
        first_byte=at(pycurl.STARTTRANSFER_TIME) if connected else None,
        total=before + curl.getinfo(pycurl.TOTAL_TIME),
    )


def _expires_at(chain: list[tuple[tuple[bytes, bytes], ...]]) -> datetime | None:
    """The server's own certificate comes first; those above it have their own watchers."""
    told = dict(chain[0]).get(b"Expire date") if chain else None
    return parse_expiry(told.decode("latin-1")) if told else None


def parse_expiry(text: str) -> datetime | None:
    for form in CERTIFICATE_DATES:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _text(raw: bytes | None) -> str | None:
    return raw.decode("utf-8", "replace") if raw else None


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
