"""What is read of a stack on Alibaba Cloud, and what of it nobody can price."""

from __future__ import annotations

from typing import Any

import pytest

from components.alicloud.fixed import CEILING_TAG
from policies.facts.model import Dump
from tests.policies.changes import Put, Where
from tests.policies.clouds.alicloud import (
    API_POOL,
    BACKUPS,
    BALANCER,
    CACHE,
    CASE,
    DUMP,
    PLANE,
    PRIMARY,
)

facts, good = CASE.facts, CASE.good


def _dump(stack: str) -> Dump:
    [found] = facts(stack, good(stack)).dumps
    return found


@pytest.mark.parametrize("stack", ["small", "medium", "large"])
def test_a_dump_is_read_as_it_runs(stack: str) -> None:
    found = _dump(stack)
    assert found.name.endswith("-dump")
    assert (found.enabled, found.times_a_day, found.longest_gap_hours) == (True, 2, 12)
    assert (found.kept_days, found.recoverable_days) == (30, 7)
    assert found.told_after_hours == 18
    assert len(found.buckets) == 1


def test_ranges_of_the_stacks_own_machines_and_pods_name_no_network() -> None:
    [database] = facts("medium", good("medium")).databases
    assert len(database.sources) == 2 * (3 + 3)  # primary and replica; three zones of each
    assert {one.network for one in database.sources} == {""}


def test_a_database_is_recoverable_for_as_long_as_its_log_is_kept() -> None:
    changed = Put(BACKUPS, "logBackupRetentionPeriod", 9)(good("medium"))
    [database] = facts("medium", changed).databases
    assert database.backup_retention_days == 9


@pytest.mark.parametrize(("ceiling", "gib"), [("1000", 1000), ("", 0), ("much", 0)])
def test_a_disk_that_is_made_larger_says_by_a_tag_how_far_it_may_grow(
    ceiling: str, gib: int
) -> None:
    paused = Put(PRIMARY, "storageAutoScale", "Disable")(good("medium"))
    told = Put(PRIMARY, "tags", {CEILING_TAG: ceiling})(paused)
    [database] = facts("medium", told).databases
    assert database.max_storage_gib == gib


def test_a_read_only_class_is_as_large_as_that_of_its_primary() -> None:
    [database] = facts("medium", good("medium")).databases
    assert [one.type for one in (database, *database.replicas)] == ["pg.n2.4c.2m", "pgro.n2.4c.1m"]
    assert {one.memory_gib for one in (database, *database.replicas)} == {8}
    assert {one.max_connections for one in (database, *database.replicas)} == {800}


@pytest.mark.parametrize(
    ("where", "path", "value"),
    [
        (PLANE, "clusterSpec", "ack.pro.xlarge"),
        (BALANCER, "loadBalancerEdition", "StandardWithWaf"),
        (PRIMARY, "instanceChargeType", "Prepaid"),
        (PRIMARY, "category", "Basic"),
        (CACHE, "paymentType", "PrePaid"),
        (API_POOL, "instanceTypes", ["ecs.g7.large", "ecs.c7.large"]),
        (API_POOL, "dataDisks", [{"size": 100}]),
        (API_POOL, "systemDiskCategory", "cloud_ssd"),
        (API_POOL, "internetMaxBandwidthOut", 5),
        (Where("EipAddress"), "internetChargeType", "PayByBandwidth"),
        (Where("NatGateway"), "internetChargeType", "PayBySpec"),
        (DUMP, "spec.schedule", "17 3 * * 1"),
    ],
)
def test_what_is_billed_otherwise_than_its_prices_are_for_is_not_priced(
    where: Where,
    path: str,
    value: Any,  # noqa: ANN401  (a value of a property)
) -> None:
    assert facts("medium", good("medium")).unpriced == ()
    assert facts("medium", Put(where, path, value)(good("medium"))).unpriced != ()
