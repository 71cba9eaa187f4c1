"""What Google Cloud offers, read offline."""

from __future__ import annotations

import pytest

from components.gcp import catalog, subnets
from components.gcp.catalog import CatalogError
from components.gcp.parameters import flags


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_gib", "gpus"),
    [
        ("e2-medium", 2, 4, 0),
        ("n2-standard-8", 8, 32, 0),
        ("n1-highmem-8", 8, 52, 0),
        ("n1-standard-8+t4", 8, 30, 1),
        ("g2-standard-24", 24, 96, 2),
        ("a2-ultragpu-8g", 96, 1360, 8),
    ],
)
def test_a_machine_is_as_large_as_its_name_says(
    name: str, vcpus: int, memory_gib: float, gpus: int
) -> None:
    found = catalog.machine_type(name)
    assert (found.vcpus, found.memory_gib, found.gpus) == (vcpus, memory_gib, gpus)


@pytest.mark.parametrize("name", ["n2-standard-9", "n2-standard-8+t4", "n1-standard-8+h100"])
def test_what_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(CatalogError):
        catalog.machine_type(name)


def test_every_machine_in_the_data_has_a_size() -> None:
    for region in catalog.REGIONS:
        assert catalog.machine_offered("e2-standard-4", region)
        assert len(catalog.zones(region)) >= 3


@pytest.mark.parametrize(
    ("tier", "words"),
    [
        ("db-custom-3-15360", "even number"),
        ("db-custom-2-15360", "3840 to 13312"),
        ("db-custom-4-15400", "steps of 256"),
        ("db-perf-optimized-N-2", "is no database tier"),
    ],
)
def test_a_database_tier_that_google_has_not_is_refused(tier: str, words: str) -> None:
    with pytest.raises(CatalogError, match=words):
        catalog.database_tier(tier)


def test_flags_follow_from_the_memory() -> None:
    assert flags("db-custom-4-16384") == {
        "shared_buffers": str(4 * 2**20 // 8),
        "effective_cache_size": str(int(0.7 * 16 * 2**20 / 8)),
        "maintenance_work_mem": str(2**20),
        "work_mem": str(64 * 1024),
        "max_parallel_workers_per_gather": "4",
        "max_connections": str(16 * 112),
    }


def test_without_the_flag_a_server_accepts_what_google_says() -> None:
    counts = [
        catalog.default_max_connections(f"db-custom-{n}-{m}")
        for n, m in ((1, 3840), (2, 7680), (4, 15360), (8, 30720))
    ]
    assert counts == [100, 400, 500, 600]


def test_the_parts_of_a_network_do_not_overlap_and_lie_in_it() -> None:
    for cidr in ("10.0.0.0/16", "192.168.4.0/22"):
        ranges = subnets.divide(cidr)
        import ipaddress

        parts = [ipaddress.IPv4Network(one) for one in vars(ranges).values()]
        assert all(part.subnet_of(ipaddress.IPv4Network(cidr)) for part in parts)
        assert not any(a.overlaps(b) for a in parts for b in parts if a != b)


def test_the_network_of_a_cluster_has_room_for_its_nodes_and_their_pods() -> None:
    assert subnets.nodes("10.0.0.0/22") == 512 - 4
    assert subnets.nodes("10.0.0.0/16") == 1024
