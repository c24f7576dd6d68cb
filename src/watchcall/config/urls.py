"""Addresses: of what is looked at, of Twilio, and of what stands in between."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator


def _split(value: str, schemes: tuple[str, ...], right: str) -> SplitResult:
    """Return the parts of a URL. The URL is not repeated: it may hold a password."""
    if not value.isprintable() or re.search(r"[\s\\]", value):
        raise ValueError("must not hold spaces, backslashes or control characters")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError(f"must be {right}") from None
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise ValueError(f"must be {right}")
    return parts


def http_url(value: str) -> str:
    """Accept http(s) with a host, and without secrets."""
    parts = _split(value, ("http", "https"), "a URL such as https://example.com/health")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user or password; use username and password_file")
    return value


def callback_url(value: str) -> str:
    """Accept a URL that Twilio is to ask."""
    _split(value, ("http", "https"), "a URL such as https://example.com/twiml")
    return value


def outlet_url(value: str) -> str:
    """Accept a URL that notices go to. It is not repeated: it may hold a secret."""
    if not value.isprintable() or re.search(r"[\s\\]", value):
        raise ValueError("must not hold spaces, backslashes or control characters")
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", value):
        raise ValueError("must be a URL such as https://example.com/hook")
    return value


def webhook_error(value: str) -> str | None:
    """Return what is wrong with an outlet's URL as that of a webhook."""
    right = "a URL such as https://example.com/hook"
    try:
        host = _split(value, ("http", "https"), right).hostname or ""
    except ValueError as error:
        return str(error)
    if is_link_local(host):
        return "is a link-local address, where clouds keep their secrets; nobody else is told there"
    return None


def heartbeat_url(value: str) -> str:
    """Accept a URL that is told that WatchCall works. It is not repeated: it may be a secret."""
    if wrong := webhook_error(value):
        raise ValueError(wrong.replace("example.com/hook", "hc-ping.com/your-uuid"))
    return value


def is_link_local(host: str) -> bool:
    """Whether a host is an address in 169.254.0.0/16 or fe80::/10, however it is written."""
    try:
        if ":" in host:
            address = ipaddress.IPv6Address(host.partition("%")[0])
            return (address.ipv4_mapped or address).is_link_local
        return ipaddress.IPv4Address(socket.inet_aton(host)).is_link_local
    except (OSError, ValueError):
        return False


def shown_url(kind: str, value: str) -> str:
    """Return what of a URL may be shown: never its path or query, and not who asks.

    What stands where the host would be is a token with many of Apprise's services.
    """
    if kind == "apprise":
        return f"{value.partition('://')[0]}://"
    parts = urlsplit(value)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def proxy_url(value: str) -> str:
    """Accept a proxy: http, https or socks."""
    schemes = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
    parts = _split(value, schemes, "a URL such as http://proxy.example.com:3128")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user or password")
    return value


def api_url(value: str) -> str:
    """Accept Twilio over https, or a loopback address: the token is sent to nobody else."""
    right = "https://api.twilio.com, or a loopback address such as http://127.0.0.1:8080"
    parts = _split(value, ("http", "https"), right)
    if "@" in parts.netloc or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"must be {right}, and nothing after it")
    twilio = parts.scheme == "https" and is_twilio(parts.hostname or "")
    if not twilio and not is_loopback(parts.hostname or ""):
        raise ValueError(f"must be {right}")
    return value.rstrip("/")


def is_twilio(host: str) -> bool:
    return re.fullmatch(r"([a-z0-9-]+\.)*twilio\.com", host) is not None


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ip_version(host: str) -> str | None:
    """Return "4" or "6" for an address, None for a name. libcurl knows 127.1 too."""
    if ":" in host:
        return "6"
    try:
        socket.inet_aton(host)
    except (OSError, ValueError):
        return None
    return "4"


def host_and_port(value: str) -> str:
    """Accept host:port; an IPv6 address stands in brackets."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})", value)
    if not found or not 1 <= int(found[2]) <= 65535:
        raise ValueError("must be host:port such as 127.0.0.1:8080 or [::1]:8080")
    return value


def host(value: str) -> str:
    """Accept a name or an address; the brackets of an IPv6 address are taken off."""
    bare = value[1:-1] if re.fullmatch(r"\[.*\]", value) else value
    right = "must be a name or an address such as db.example.com, 192.0.2.1 or ::1, and no more"
    if not re.fullmatch(r"[\w.:%-]+", bare):
        raise ValueError(right)
    try:
        return str(ipaddress.IPv6Address(bare)) if ":" in bare else bare
    except ValueError:
        raise ValueError(right) from None


def listen_address(value: str) -> str:
    """Accept HOST:PORT to listen at; an IPv6 address stands in brackets."""
    try:
        host = host_and_port(value).rpartition(":")[0]
        if host.startswith("[") or re.fullmatch("[0-9.]+", host):
            ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise ValueError("must be HOST:PORT such as 127.0.0.1:9911 or [::1]:9911") from None
    return value


# Twilio signs the URL letter by letter: nothing that anybody on the way might write differently.
PUBLIC = r"https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?"


def public_url(value: str) -> str:
    """Accept the URL where Twilio finds this server; return it without a slash at the end."""
    right = (
        "must be an https URL such as https://watchcall.example.com, without user, query or "
        "fragment (http only for a loopback address)"
    )
    try:
        parts = _split(value, ("http", "https"), right)
    except ValueError:
        raise ValueError(right) from None
    dots = any(set(step) == {"."} for step in parts.path.split("/"))
    if not re.fullmatch(PUBLIC, value) or dots:
        raise ValueError(right)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(right)
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(http_url)]
CallbackUrl = Annotated[str, AfterValidator(callback_url)]
OutletUrl = Annotated[str, AfterValidator(outlet_url)]
HeartbeatUrl = Annotated[str, AfterValidator(heartbeat_url)]
ProxyUrl = Annotated[str, AfterValidator(proxy_url)]
ApiUrl = Annotated[str, AfterValidator(api_url)]
HostPort = Annotated[str, AfterValidator(host_and_port)]
ListenAddress = Annotated[str, AfterValidator(listen_address)]
PublicUrl = Annotated[str, AfterValidator(public_url)]
