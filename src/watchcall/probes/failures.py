"""Why an exchange came to nothing: libcurl's codes as reasons, and whose fault it was.

What only this machine is to blame for (no descriptors, no memory, a bad local file, a dead proxy)
is unknown; all else is a failure of the target.
"""

from __future__ import annotations

import errno
import os

import pycurl

from watchcall.core.check import Check, HttpTarget
from watchcall.core.reason import Reason
from watchcall.probes.deadline import seconds_of
from watchcall.probes.ours import OUR_ERRNOS, lacks_descriptors
from watchcall.probes.request import Place
from watchcall.probes.tls import TLS_CAUSES
from watchcall.probes.verdict import CannotLook, Finding, clean
from watchcall.probes.visit import Visit
from watchcall.rights import explained

# pycurl has no names for these.
E_PROXY = 97  # CURLE_PROXY
E_TOO_LARGE = 100  # CURLE_TOO_LARGE: a line of the header

OUR_CODES = frozenset(
    {
        pycurl.E_FAILED_INIT,
        pycurl.E_URL_MALFORMAT,
        pycurl.E_NOT_BUILT_IN,
        pycurl.E_OUT_OF_MEMORY,
        pycurl.E_FUNCTION_NOT_FOUND,
        pycurl.E_BAD_FUNCTION_ARGUMENT,
        pycurl.E_INTERFACE_FAILED,
        pycurl.E_UNKNOWN_OPTION,
        pycurl.E_SSL_ENGINE_NOTFOUND,
        pycurl.E_SSL_ENGINE_SETFAILED,
        pycurl.E_SSL_ENGINE_INITFAILED,
        pycurl.E_SSL_CERTPROBLEM,
        pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_CACERT_BADFILE,
        pycurl.E_SSL_CRL_BADFILE,
    }
)
NOT_HTTP = frozenset(
    {pycurl.E_UNSUPPORTED_PROTOCOL, pycurl.E_FTP_WEIRD_SERVER_REPLY, pycurl.E_BAD_CONTENT_ENCODING}
)
TO_THE_PROXY = frozenset(
    {pycurl.E_COULDNT_RESOLVE_PROXY, pycurl.E_COULDNT_CONNECT, pycurl.E_OPERATION_TIMEDOUT, E_PROXY}
)
PROXY_AUTHENTICATION_REQUIRED = 407


def failure(check: Check, target: HttpTarget, visit: Visit) -> Finding:
    """Return why no whole reply came; raise CannotLook where the fault is ours."""
    _ours(target, visit)
    reason = _reason(check, visit)
    facts = {"curl": visit.outcome.code, "error": clean(visit.outcome.message)}
    return Finding(rule="exchange", level=check.level, reason=reason, facts=facts)


def _ours(target: HttpTarget, visit: Visit) -> None:
    code, message = visit.outcome
    if lacks_descriptors():
        raise CannotLook(Reason.of("http.descriptors"))
    if code in OUR_CODES or visit.errno in OUR_ERRNOS:
        text = message
        if visit.errno in OUR_ERRNOS:
            text = explained(OSError(visit.errno, os.strerror(visit.errno)))
        raise CannotLook(Reason.of("http.cannot_look", error=clean(text)))
    if target.proxy is None:
        return
    unreached = code in TO_THE_PROXY and visit.phases.connect is None
    if unreached or code == E_PROXY or visit.tunnel_status == PROXY_AUTHENTICATION_REQUIRED:
        raise CannotLook(Reason.of("http.proxy", error=clean(message)))


def _reason(check: Check, visit: Visit) -> Reason:
    code, message = visit.outcome
    if visit.reply.is_flooded or code == E_TOO_LARGE:
        return Reason.of("http.header_too_long")
    if visit.reply.fault:
        return Reason.of("http.garbage", error=clean(visit.reply.fault.decode("latin-1").strip()))
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return Reason.of(f"http.timeout.{_phase(visit)}", seconds=seconds_of(check))
    if code == pycurl.E_COULDNT_CONNECT:
        return _unconnected(visit)
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return _untrusted(visit)
    if code == pycurl.E_SSL_CONNECT_ERROR:
        return Reason.of("http.tls.failed", error=clean(message))
    if code == pycurl.E_GOT_NOTHING:
        return Reason.of("http.empty")
    if code == pycurl.E_PARTIAL_FILE:
        return Reason.of("http.cut", bytes=visit.reply.size)
    if code in NOT_HTTP:
        return Reason.of("http.garbage", error=clean(message))
    return Reason.of("http.broken", error=clean(message))


def _unconnected(visit: Visit) -> Reason:
    place = Place.of(visit.url)
    if visit.errno == errno.ECONNREFUSED:
        return Reason.of("http.refused", host=clean(place.host), port=place.port)
    why = os.strerror(visit.errno) if visit.errno else clean(visit.outcome.message)
    return Reason.of("http.no_connection", host=clean(place.host), port=place.port, error=why)


def _untrusted(visit: Visit) -> Reason:
    message = visit.outcome.message
    # libcurl compares the name itself and leaves OpenSSL's verdict at "unspecified".
    named = "subject name" in message
    code = "http.tls.wrong_name" if named else TLS_CAUSES.get(visit.tls_verdict)
    if code is None:
        return Reason.of("http.tls.failed", error=clean(message))
    if code == "http.tls.wrong_name":
        return Reason.of(code, host=clean(Place.of(visit.url).host))
    return Reason.of(code)


def _phase(visit: Visit) -> str:
    phases = visit.phases
    if phases.connect is None:
        return "connect"
    if visit.url.startswith("https:") and phases.tls is None:
        return "tls"
    return "first_byte" if phases.first_byte is None else "reading"
