"""What AWS offers to a stack file: sizes by name, names by size."""

from __future__ import annotations

import subprocess
import sys

import pytest

from components.args.base import Architecture
from components.aws import catalog
from components.aws.offer import CATALOG
from components.aws.sizes import CACHES, DATABASES, MACHINES
from infra.tiers import TIERS

ARCHITECTURES: tuple[Architecture, ...] = ("x86_64", "arm64")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("size", MACHINES["x86_64"])
def test_a_machine_is_what_it_stands_for(
    size: tuple[int, float], architecture: Architecture
) -> None:
    name = CATALOG.machine(*size, architecture)
    assert CATALOG.machine_size(name) == size
    assert CATALOG.machine_architecture(name) == architecture


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("size", DATABASES["x86_64"])
def test_a_database_class_is_what_it_stands_for(
    size: tuple[int, float], architecture: Architecture
) -> None:
    name = CATALOG.database(*size, architecture)
    assert CATALOG.database_size(name) == size
    assert CATALOG.database_architecture(name) == architecture


@pytest.mark.parametrize("size", MACHINES["x86_64"])
def test_an_arm64_machine_holds_as_many_copies_and_is_current(size: tuple[int, float]) -> None:
    x86, arm = (catalog.instance_type(CATALOG.machine(*size, each)) for each in ARCHITECTURES)
    assert arm.max_enis >= x86.max_enis
    assert arm.max_pods >= x86.max_pods
    assert arm.current_generation


@pytest.mark.parametrize("name", CACHES.values())
def test_every_cache_node_is_an_arm64_one(name: str) -> None:
    assert catalog.instance_type(name.removeprefix("cache.")).architecture == "arm64"


@pytest.mark.parametrize(("size", "name"), CACHES.items())
def test_a_cache_node_holds_what_it_stands_for(size: float, name: str) -> None:
    assert CATALOG.cache(size) == name
    assert size <= CATALOG.cache_size(name) < 1.2 * size


@pytest.mark.parametrize("tier", TIERS)
def test_every_tier_can_be_had_in_the_default_region(tier: str) -> None:
    sizes = TIERS[tier]
    for architecture in ARCHITECTURES:
        machine = CATALOG.machine(sizes.api.vcpus, sizes.api.memory_gib, architecture)
        memory_gib = sizes.database.memory_gib
        database = CATALOG.database(sizes.database.vcpus, memory_gib, architecture)
        assert CATALOG.offered("machine", machine, "us-east-1")
        assert CATALOG.offered("database", database, "us-east-1")
    if sizes.cache.kind == "managed":
        assert CATALOG.offered("cache", CATALOG.cache(sizes.cache.memory_gib), "us-east-1")


def test_a_size_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"no size of 3 vCPU with 7 GiB; .* 2 vCPU 4 GiB, "):
        CATALOG.machine(3, 7, "x86_64")
    with pytest.raises(ValueError, match=r"no size of 2 GiB; .* 3 GiB"):
        CATALOG.cache(2)


def test_an_unknown_name_is_refused_with_near_ones() -> None:
    with pytest.raises(ValueError, match=r"the nearest are m5\.large"):
        CATALOG.machine_size("m5.larg")


@pytest.mark.parametrize(
    ("vcpus", "memory_mib", "valid"),
    [(0.25, 512, True), (2, 8192, True), (2, 2048, False), (3, 8192, False)],
)
def test_fargate_has_the_sizes_of_its_table(vcpus: float, memory_mib: int, valid: bool) -> None:
    assert CATALOG.serverless_size_valid(vcpus, memory_mib) is valid


def test_reading_the_offer_loads_no_sdk() -> None:
    program = "import sys, components.aws.offer; print('pulumi_aws' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "False\n"
