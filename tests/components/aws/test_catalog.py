"""The catalog answers from its data files, and those are what the published packages hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.aws import catalog
from components.aws.catalog import CatalogError

ROOT = Path(__file__).parents[3]
DATABASE_CLASSES = [
    "db.t3.micro",
    "db.t3.small",
    "db.t3.medium",
    "db.t4g.large",
    "db.r5.large",
    "db.r8g.48xlarge",
]


def test_the_committed_data_is_what_the_installed_packages_give() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "tools" / "refresh_catalog.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"run tools/refresh_catalog.py: {result.stderr}"


def test_zones_are_named_after_their_region_and_every_region_has_two() -> None:
    for region in catalog.REGIONS:
        zones = catalog.zones(region)
        assert len(zones) >= 2, region
        assert list(zones) == sorted({region + zone[-1] for zone in zones})


def test_only_commercial_regions_are_held() -> None:
    assert {"us-east-1", "eu-west-1", "ap-southeast-1"} <= set(catalog.REGIONS)
    assert not {r for r in catalog.REGIONS if r.startswith(("cn-", "us-gov-", "us-iso"))}


def test_an_instance_type_carries_its_published_size() -> None:
    medium = catalog.instance_type("t3.medium")
    assert (medium.vcpus, medium.memory_gib, medium.architecture) == (2, 4.0, "x86_64")
    assert (medium.max_enis, medium.gpus) == (3, 0)
    gpu = catalog.instance_type("g4dn.xlarge")
    assert (gpu.gpus, gpu.gpu_model, gpu.gpu_memory_gib) == (1, "NVIDIA T4", 16.0)
    eight = catalog.instance_type("p4d.24xlarge")
    assert (eight.vcpus, eight.memory_gib, eight.gpus) == (96, 1152.0, 8)
    assert catalog.instance_type("m7g.large").architecture == "arm64"


@pytest.mark.parametrize(
    ("name", "gpus", "gpu_model", "gpu_memory_gib"),
    [
        ("g5.xlarge", 1, "NVIDIA A10G", 22.35),
        ("g6e.xlarge", 1, "NVIDIA L40S", 44.7),
        ("p4d.24xlarge", 8, "NVIDIA A100", 320),
        ("p4de.24xlarge", 8, "NVIDIA A100", 640),
        ("p5.48xlarge", 8, "NVIDIA H100", 640),
        ("p5en.48xlarge", 8, "NVIDIA H200", 1128),
        ("p6-b200.48xlarge", 8, "NVIDIA B200", 1432.5),
    ],
)
def test_a_gpu_machine_carries_the_memory_of_all_its_gpus(
    name: str, gpus: int, gpu_model: str, gpu_memory_gib: float
) -> None:
    machine = catalog.instance_type(name)
    assert (machine.gpus, machine.gpu_model) == (gpus, gpu_model)
    assert machine.gpu_memory_gib == pytest.approx(gpu_memory_gib, abs=0.01)


@pytest.mark.parametrize(
    ("name", "max_pods"),
    [
        ("t3.medium", 17),
        ("m5.large", 29),
        ("g5.48xlarge", 250),  # 345 by its addresses
        ("c6i.4xlarge", 110),  # 234 by its addresses
        ("p5.48xlarge", 100),  # of 64 interfaces only those of the first card count
    ],
)
def test_a_managed_node_runs_the_pods_that_its_addresses_and_the_cap_allow(
    name: str, max_pods: int
) -> None:
    assert catalog.instance_type(name).max_pods == max_pods


def test_local_disks_are_counted_in_gib_and_only_where_there_are_some() -> None:
    assert catalog.instance_type("g5.4xlarge").local_nvme_gib == pytest.approx(558.8, abs=0.1)
    assert catalog.instance_type("m5.large").local_nvme_gib == 0


def test_what_aws_no_longer_calls_current_is_marked() -> None:
    assert catalog.instance_type("g6.xlarge").current_generation
    assert not catalog.instance_type("g5.xlarge").current_generation


def test_a_database_class_has_the_size_of_its_ec2_twin() -> None:
    assert catalog.database_class("db.t3.small").memory_gib == 2.0
    large = catalog.database_class("db.r5.large")
    assert (large.vcpus, large.memory_gib) == (2, 16.0)
    assert catalog.database_class("db.r8g.large").memory_gib == 16.0


@pytest.mark.parametrize(
    ("name", "memory_gib"),
    [
        ("cache.t4g.micro", 0.5),
        ("cache.t4g.small", 1.37),
        ("cache.t4g.medium", 3.09),
        ("cache.m6g.large", 6.38),
        ("cache.r6g.large", 13.07),
        ("cache.r6g.xlarge", 26.32),
    ],
)
def test_a_cache_node_has_the_usable_memory_that_aws_documents(
    name: str, memory_gib: float
) -> None:
    assert catalog.cache_node_type(name).memory_gib == pytest.approx(memory_gib, abs=0.005)


@pytest.mark.parametrize(
    ("look_up", "typo", "nearest"),
    [
        (catalog.instance_type, "m5.larg", "m5.large"),
        (catalog.database_class, "db.r5.lage", "db.r5.large"),
        (catalog.cache_node_type, "cache.t4.medium", "cache.t4g.medium"),
        (catalog.zones, "us-east1", "us-east-1"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_known(
    look_up: object, typo: str, nearest: str
) -> None:
    assert callable(look_up)
    with pytest.raises(CatalogError) as refusal:
        look_up(typo)
    assert repr(typo) in str(refusal.value)
    assert nearest in str(refusal.value)


def test_a_name_with_nothing_near_is_refused_without_a_hint() -> None:
    with pytest.raises(CatalogError, match=r"^'' is no region in the catalog$"):
        catalog.zones("")


def test_a_region_offers_only_what_is_published_for_it() -> None:
    assert catalog.offered("rds", "db.r5.large", "us-east-1")
    assert catalog.offered("ec2", "p4d.24xlarge", "us-east-1")
    assert not catalog.offered("ec2", "p4d.24xlarge", "af-south-1")
    assert not catalog.offered("rds", "db.m8g.large", "il-central-1")
    assert catalog.offered("elasticache", "cache.t4g.medium", "eu-west-1")


def test_asking_about_an_unknown_type_or_region_is_an_error_not_a_no() -> None:
    with pytest.raises(CatalogError, match=r"db\.r5\.large"):
        catalog.offered("rds", "db.r5.larg", "us-east-1")
    with pytest.raises(CatalogError, match="us-east-1"):
        catalog.offered("rds", "db.r5.large", "us-east-11")


def test_zones_that_offer_a_type_can_be_fewer_than_the_region_has() -> None:
    assert "us-east-1e" in catalog.zones("us-east-1")
    assert "us-east-1e" not in catalog.offered_zones("t3.medium", "us-east-1")
    assert len(catalog.offered_zones("p4d.24xlarge", "eu-west-1")) == 1
    assert catalog.offered_zones("p4d.24xlarge", "af-south-1") == ()


def test_regions_offering_agrees_with_offered() -> None:
    regions = catalog.regions_offering("ec2", "p4d.24xlarge")
    assert set(regions) == {r for r in catalog.REGIONS if catalog.offered("ec2", "p4d.24xlarge", r)}
    assert 0 < len(regions) < len(catalog.REGIONS)


@pytest.mark.parametrize("region", catalog.REGIONS)
def test_everything_a_region_offers_has_a_size(region: str) -> None:
    for name in catalog.names_offered("ec2", region):
        assert catalog.instance_type(name).vcpus > 0
        assert catalog.offered_zones(name, region)
    for name in catalog.names_offered("rds", region):
        assert catalog.database_class(name).memory_gib > 0
    for name in catalog.names_offered("elasticache", region):
        assert catalog.cache_node_type(name).memory_gib > 0


def test_small_sizes_are_listed_before_large_ones() -> None:
    m5 = [n for n in catalog.names_offered("ec2", "us-east-1") if n.startswith("m5.")]
    assert m5[:3] == ["m5.large", "m5.xlarge", "m5.2xlarge"]


@pytest.mark.parametrize(("memory_gib", "expected"), [(1, 76), (4, 390), (8, 809), (16, 1647)])
def test_the_connection_estimate_follows_the_documented_formula(
    memory_gib: int, expected: int
) -> None:
    by_memory = {1: "db.t3.micro", 4: "db.t3.medium", 8: "db.t4g.large", 16: "db.r5.large"}
    assert catalog.default_max_connections(by_memory[memory_gib]) == expected


@pytest.mark.parametrize("name", DATABASE_CLASSES)
def test_the_connection_estimate_never_exceeds_what_rds_can_set(name: str) -> None:
    nominal = catalog.database_class(name).memory_gib * 2**30 / 9531392
    assert 0 < catalog.default_max_connections(name) <= min(nominal, 5000)


def test_the_largest_class_is_capped_at_5000_connections() -> None:
    assert catalog.default_max_connections("db.r8g.48xlarge") == 5000


@pytest.mark.parametrize(
    ("cpu", "memory_mib"), [(256, 512), (1024, 8192), (2048, 5120), (8192, 20480), (32768, 249856)]
)
def test_fargate_runs_the_pairs_in_its_table(cpu: int, memory_mib: int) -> None:
    assert catalog.fargate_size_valid(cpu, memory_mib)


@pytest.mark.parametrize(
    ("cpu", "memory_mib"), [(256, 4096), (1024, 3584), (1024, 1024), (1000, 2048), (8192, 17408)]
)
def test_fargate_runs_no_other_pair(cpu: int, memory_mib: int) -> None:
    assert not catalog.fargate_size_valid(cpu, memory_mib)


@given(cpu=st.integers(-1, 40000), memory_mib=st.integers(-1, 300000))
def test_a_fargate_size_is_valid_only_within_two_to_eight_gib_a_vcpu(
    cpu: int, memory_mib: int
) -> None:
    if catalog.fargate_size_valid(cpu, memory_mib):
        assert 1.875 <= memory_mib / cpu <= 8
