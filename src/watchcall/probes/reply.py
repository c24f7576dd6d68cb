"""What a server sends back, taken in as it comes and never more than asked for."""

from __future__ import annotations

import codecs
import re
from functools import cached_property

BEGINNING = 2048  # bytes of a body that are kept in any case: evidence, where it is not as wanted
MOST_HEADERS = 500
MOST_HEADER_BYTES = 64 * 1024

# What is decoded, though nobody asks for it: brotli's decoder takes as much memory as the sender
# likes, 16 MiB and more, before `max_body` counts a byte.
ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "identity", ""})

BODILESS = (b"204", b"304")
# RFC 9112 §4 and RFC 9110 §8.6. libcurl reads 200 from "2000", and a length that it cannot hold as
# none, after which no cut would be seen.
STATUS_LINE = re.compile(rb"HTTP/[0-9](?:\.[0-9])? [1-9][0-9]{2}(?![0-9])")
LENGTH = re.compile(rb"\s*[0-9]{1,18}(?:\s*,\s*[0-9]{1,18})*\s*")

# Text encodings of Python's that no web page is in, and that are slow or odd to decode.
NOT_FOR_WEB = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})


class Reply:
    """The header and body of the last response of a transfer.

    max_body: reading stops after so many (decoded) bytes
    keep:     whether the body is needed afterwards or only counted
    is_head:  the answer to HEAD, which has no body whatever its header says
    """

    def __init__(self, max_body: int, *, keep: bool, is_head: bool = False) -> None:
        self._max_body = max_body
        self._keep = keep
        self._is_head = is_head
        self._headers = 0
        self._header_bytes = 0
        self._chunks: list[bytes] = []
        self._beginning = b""
        self.size = 0
        self.is_truncated = False  # we stopped; there was more
        self.is_flooded = False  # we stopped; the header had no end
        self.fault: bytes | None = None  # we stopped at this line of the header
        self._restart(b"")

    def _restart(self, status_line: bytes) -> None:
        self._version, _, rest = status_line.partition(b" ")
        self._status = rest[:3]
        self._is_framed = False
        self._is_last = False
        self.has_whole_header = False
        self.content_type = ""

    def take_header(self, line: bytes) -> int | None:
        """libcurl: one line of a header; also of interim responses, and trailers."""
        self._headers += 1
        self._header_bytes += len(line)
        if self._headers > MOST_HEADERS or self._header_bytes > MOST_HEADER_BYTES:
            self.is_flooded = True
            return -1
        if not line.strip():
            self.has_whole_header = True
        elif line.startswith(b"HTTP/"):
            self._restart(line)
            self.fault = None if STATUS_LINE.match(line) else line
        elif not self.has_whole_header:
            self._note(line)
        return -1 if self.fault else None

    def _note(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        if name in (b"content-length", b"transfer-encoding"):
            self._is_framed = True
            if name == b"content-length" and not LENGTH.fullmatch(value):
                self.fault = line
        elif name == b"connection":
            self._is_last = b"close" in value.lower()
        elif name == b"content-encoding" and self._keep and not self._is_head:
            named = {one.strip() for one in value.decode("latin-1").lower().split(",")}
            if not named <= ENCODINGS:
                self.fault = line
        elif name == b"content-type":
            self.content_type = value.decode("latin-1").strip()

    def take_body(self, chunk: bytes) -> int | None:
        """libcurl: a piece of the body. Another count than its length ends the transfer."""
        room = self._max_body - self.size
        taken = chunk[:room]
        self.size += len(taken)
        if len(self._beginning) < BEGINNING:
            self._beginning += taken[: BEGINNING - len(self._beginning)]
        if self._keep:
            self._chunks.append(taken)
        if len(chunk) > room:
            self.is_truncated = True
            return -1
        return None

    @property
    def looks_cut(self) -> bool:
        """A connection that broke off can look like a reply's end.

        RFC 9112 §6.3 ends a reply without a length where the connection closes, and §9.6 has an
        HTTP/1.1 server announce that. One that says neither and sends nothing was cut off.
        """
        if not self.has_whole_header:
            return True
        if self._is_head or self._status in BODILESS or self.size > 0:
            return False
        return self._version == b"HTTP/1.1" and not (self._is_framed or self._is_last)

    @property
    def body(self) -> bytes:
        return b"".join(self._chunks)

    @property
    def beginning(self) -> str:
        """The first of the body, in its charset."""
        return self._beginning.decode(self._charset(), errors="backslashreplace")

    @cached_property
    def text(self) -> str:
        """The body in the charset that its Content-Type names, else UTF-8."""
        return self.body.decode(self._charset(), errors="replace")

    def _charset(self) -> str:
        for parameter in self.content_type.split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return _known(value.strip().strip("\"'"))
        return "utf-8"


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
        b"a".decode(name, errors="replace")  # not all codecs are of text
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in NOT_FOR_WEB else name
