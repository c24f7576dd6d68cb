"""Which addresses are this machine's own."""

from __future__ import annotations

import socket

import pytest

from watchcall.events.local import is_own


@pytest.mark.parametrize(
    ("address", "own"),
    [
        pytest.param("127.0.0.1", True, id="loopback"),
        pytest.param("127.1.2.3", True, id="all of loopback"),
        pytest.param("::1", True, id="loopback of IPv6"),
        pytest.param("192.0.2.1", False, id="somebody else's: RFC 5737"),
        pytest.param("2001:db8::1", False, id="somebody else's: RFC 3849"),
        pytest.param("web1", False, id="no address"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_it_is_our_own(address: str, own: bool) -> None:
    assert is_own(address) is own


def test_an_address_of_an_interface_is_our_own() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no interface but loopback")
        mine = asked.getsockname()[0]

    assert is_own(mine)
