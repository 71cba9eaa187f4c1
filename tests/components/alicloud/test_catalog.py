"""What Alibaba Cloud offers, read offline."""

from __future__ import annotations

import ipaddress

import pytest

from components.alicloud import catalog, subnets
from components.alicloud.offer import CATALOG
from components.alicloud.parameters import parameters
from components.alicloud.sizes import (
    CACHES,
    DATABASES,
    EMBEDDING_MACHINES,
    GPU_MACHINES,
    MACHINES,
    OLLAMA_MACHINE,
)
from components.sizing import CatalogError


def test_every_type_in_the_tables_of_sizes_is_in_the_catalog() -> None:
    for architecture, table in MACHINES.items():
        for size, name in table.items():
            found = catalog.instance_type(name)
            assert (found.vcpus, found.memory_gib) == size
            assert found.architecture == architecture
    for size, name in DATABASES.items():
        database = catalog.database_class(name)
        assert (database.vcpus, database.memory_gib) == size
    for memory_gib, name in CACHES.items():
        assert catalog.cache_size(name) == memory_gib
    for name in (*GPU_MACHINES, OLLAMA_MACHINE, EMBEDDING_MACHINES["gpu"]):
        assert CATALOG.gpu_machine(name).gpus


@pytest.mark.parametrize(
    ("primary", "read_only"),
    [("pg.n2.4c.2m", "pgro.n2.4c.1m"), ("pg.x4.large.2c", "pgro.x4.large.1c")],
)
def test_a_read_only_class_is_found_by_both_names(primary: str, read_only: str) -> None:
    assert catalog.database_class(primary).read_only == read_only
    assert catalog.any_database_class(read_only).name == primary


@pytest.mark.parametrize(
    ("look", "name", "words"),
    [
        (catalog.instance_type, "ecs.g7.larg", "ecs.g7.large"),
        (catalog.database_class, "pg.n2.4c.2", "pg.n2.4c.2m"),
        (catalog.any_database_class, "pgro.none", "no database class"),
        (catalog.cache_size, "redis.shard.large", "redis.shard.large.ce"),
        (catalog.zones, "ap-southeast-11", "ap-southeast-1"),
        (CATALOG.gpu_machine, "ecs.g7.large", "has no GPU"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_is_near(
    look: object, name: str, words: str
) -> None:
    with pytest.raises(CatalogError, match=words):
        look(name)  # type: ignore[operator]


def test_only_the_smallest_classes_of_caches_name_their_nodes() -> None:
    for memory_gib, name in CACHES.items():
        assert name.endswith(".2.ce") == (memory_gib <= 2), name


def test_connections_go_by_the_memory_of_the_class() -> None:
    for name in DATABASES.values():
        found = catalog.database_class(name)
        assert found.max_connections == 100 * found.memory_gib


def test_a_machine_leaves_less_to_pods_than_it_has() -> None:
    for name in (*MACHINES["x86_64"].values(), *GPU_MACHINES):
        kind = catalog.instance_type(name)
        assert 0 < catalog.node_memory_mib(kind) < kind.memory_gib * 1024 * 0.95
        assert 0 < catalog.node_vcpus(kind) < kind.vcpus


def test_parameters_follow_from_the_memory_but_for_what_rds_sets() -> None:
    assert parameters("pg.n4.4c.2m") == {
        "effective_cache_size": str(int(0.75 * 16 * 2**20 / 8)),
        "maintenance_work_mem": str(2**20),
        "work_mem": str(64 * 1024),
        "max_parallel_workers_per_gather": "4",
    }


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "172.30.0.0/16", "192.168.4.0/22"])
def test_the_parts_of_a_network_do_not_overlap_and_lie_in_it(cidr: str) -> None:
    parts = [
        ipaddress.IPv4Network(each)
        for zone in subnets.divide(cidr, 3)
        for each in vars(zone).values()
    ]
    assert len(parts) == 9
    assert all(part.subnet_of(ipaddress.IPv4Network(cidr)) for part in parts)
    assert not any(a.overlaps(b) for a in parts for b in parts if a != b)
    services = ipaddress.IPv4Network(subnets.services(cidr))
    assert not services.overlaps(ipaddress.IPv4Network(cidr))


def test_a_zone_that_is_added_moves_no_other() -> None:
    assert subnets.divide("10.0.0.0/16", 3)[:2] == subnets.divide("10.0.0.0/16", 2)


def test_a_zone_has_room_for_machines_and_their_pods() -> None:
    assert subnets.nodes_per_zone("10.0.0.0/22") == (64 - 4) // 30
    assert subnets.nodes_per_zone("10.0.0.0/16") == (4096 - 4) // 30
