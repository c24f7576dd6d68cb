"""Why there was no connection, or it broke: in the system's words and ours, not in Python's.

None of them repeats a URL: phone numbers and secrets stand in some.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
from collections.abc import Iterator

import urllib3.exceptions as wire

from watchcall.rights import explained

DEEPEST = 10  # causes; requests wraps urllib3, which wraps what the system says
TUNNEL = re.compile(r"Tunnel connection failed: ([0-9]{3}[ \w-]{0,60})")  # http.client's words


def why(error: BaseException) -> str:
    """Return what is behind an error of `requests` or urllib3, for people."""
    causes = list(_causes(error))
    words = next(filter(None, map(_words, reversed(causes))), None)
    said = words or f"an unforeseen error, {type(error).__name__}"
    return f"the proxy: {said}" if any(isinstance(one, wire.ProxyError) for one in causes) else said


def _causes(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """Yield the error, and what is within, the innermost last."""
    yield error
    wrapped = (getattr(error, "reason", None), getattr(error, "original_error", None))
    for inner in (*error.args, *wrapped, error.__cause__):
        if isinstance(inner, BaseException) and inner is not error and depth < DEEPEST:
            yield from _causes(inner, depth + 1)
            return


def _words(error: BaseException) -> str | None:
    if isinstance(error, socket.gaierror):
        return f"its name cannot be looked up: {error.strerror}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None) or "no reason given"
        return f"no TLS with it: {reason.lower().replace('_', ' ')}"
    if isinstance(error, PermissionError):
        return explained(error)
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    if isinstance(error, TimeoutError | wire.ReadTimeoutError):
        return "no answer in time"
    if type(error) is wire.ConnectTimeoutError:  # others that did not connect are of its kind
        return "no answer in time"
    if isinstance(error, http.client.RemoteDisconnected):
        return "it hung up without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "it hung up in the middle of its answer"
    if isinstance(error, http.client.HTTPException | wire.InvalidHeader | wire.InvalidChunkLength):
        return "what it answers is no HTTP"
    tunnel = TUNNEL.match(str(error)) if isinstance(error, OSError) else None
    return tunnel[1].strip() if tunnel else None
