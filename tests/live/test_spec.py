from __future__ import annotations

import pytest

from sandbox.live.spec import Addresses, LiveError


def test_a_name_that_begins_like_another_is_resolved_to_its_own_address() -> None:
    addresses = Addresses("127.78.9")
    short, long = addresses.of("db.example"), addresses.of("db.example.com")
    assert addresses.resolved("db.example.com db.example") == f"{long} {short}"
    assert addresses.of("db.example") == short != long


def test_a_network_has_254_addresses() -> None:
    addresses = Addresses("127.78.9")
    for number in range(254):
        addresses.of(str(number))
    with pytest.raises(LiveError, match="more than 254 hosts"):
        addresses.of("one more")


def test_only_whole_names_of_hosts_are_resolved() -> None:
    addresses = Addresses("127.78.9")
    host = addresses.of("db.example")
    addresses.of_nameless("server")
    text = "db.example, a.db.example, db.example.com, server, db.example."
    assert addresses.resolved(text) == (f"{host}, a.db.example, db.example.com, server, {host}.")
    assert dict(addresses.known) == {"db.example": host}
