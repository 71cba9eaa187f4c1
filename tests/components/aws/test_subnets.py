"""The division of an address range: what must hold for every range and number of zones."""

from __future__ import annotations

import ipaddress
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws.subnets import MAX_ZONES, divide

_SMALLEST_SUBNET = 32

_ranges = st.builds(
    lambda prefix, index: str(
        list(ipaddress.IPv4Network("10.0.0.0/14").subnets(new_prefix=prefix))[index]
    ),
    st.integers(16, 22),
    st.integers(0, 3),
)
_zones = st.integers(1, MAX_ZONES)


def _all(vpc_cidr: str, zones: int) -> list[ipaddress.IPv4Network]:
    return [
        ipaddress.IPv4Network(cidr)
        for zone in divide(vpc_cidr, zones)
        for cidr in (zone.private, zone.public, zone.database)
    ]


@given(_ranges, _zones)
def test_subnets_lie_in_the_range_and_never_overlap(vpc_cidr: str, zones: int) -> None:
    found = _all(vpc_cidr, zones)
    assert len(found) == 3 * zones
    assert all(subnet.subnet_of(ipaddress.IPv4Network(vpc_cidr)) for subnet in found)
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))


@given(_ranges, _zones)
def test_every_subnet_holds_a_load_balancer(vpc_cidr: str, zones: int) -> None:
    assert all(subnet.num_addresses >= _SMALLEST_SUBNET for subnet in _all(vpc_cidr, zones))


@given(_ranges, st.integers(1, MAX_ZONES - 1))
def test_a_zone_added_later_moves_no_other(vpc_cidr: str, zones: int) -> None:
    assert divide(vpc_cidr, zones + 1)[:zones] == divide(vpc_cidr, zones)


def test_servers_get_half_of_a_zone() -> None:
    (zone,) = divide("10.0.0.0/16", 1)
    assert (zone.private, zone.public, zone.database) == (
        "10.0.0.0/20",
        "10.0.16.0/21",
        "10.0.24.0/21",
    )


@pytest.mark.parametrize("vpc_cidr", ["10.0.0.0/23", "10.0.0.0/28", "10.0.0.0/15"])
def test_a_range_that_cannot_hold_the_subnets_is_refused_with_the_limit_and_a_way_out(
    vpc_cidr: str,
) -> None:
    with pytest.raises(ValueError, match=r"must be between /16 and /22: choose such a range") as e:
        divide(vpc_cidr, 2)
    assert vpc_cidr in str(e.value)


@pytest.mark.parametrize("zones", [0, MAX_ZONES + 1])
def test_a_number_of_zones_beyond_the_room_is_refused(zones: int) -> None:
    with pytest.raises(ValueError, match=f"zones {zones} must be between 1 and {MAX_ZONES}"):
        divide("10.0.0.0/16", zones)
