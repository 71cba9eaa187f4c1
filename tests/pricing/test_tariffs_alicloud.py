"""What Alibaba Cloud bills for: quantities worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from infra.tiers import Workload
from pricing.inventory import (
    CacheNodes,
    Dashboards,
    DatabaseServer,
    Inventory,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    Queue,
    Thing,
)
from pricing.span import Span
from pricing.tariffs import Charge, charges
from tests.pricing.charging import MONTH, ON_DEMAND, WORKLOAD

API = Machines(
    component="api",
    type="ecs.g7.large",
    count=Span.of(2, 3, 10),
    disk_gib=200,
    disk_type="essd-pl0",
)


def _bill(*things: Thing, workload: Workload = WORKLOAD) -> dict[tuple[str, str], Charge]:
    inventory = Inventory(cloud="alicloud", region="ap-southeast-1", things=things)
    found: dict[tuple[str, str], Charge] = {}
    for charge in charges(inventory, workload, ON_DEMAND):
        assert (charge.service, charge.sku) not in found
        found[charge.service, charge.sku] = charge
    return found


def _database(*, high_availability: bool, days: int = 7, gib: int = 500) -> DatabaseServer:
    return DatabaseServer(
        component="database",
        type="pg.n2.4c.2m",
        high_availability=high_availability,
        storage_gib=Span.of(gib, gib, 2 * gib),
        storage_type="cloud_essd",
        backup_retention_days=days,
        version="16",
    )


def test_machines_are_billed_with_their_disks() -> None:
    found = _bill(API)
    assert found["ecs", "ecs.g7.large"].quantity == Span.of(2 * MONTH, 3 * MONTH, 10 * MONTH)
    assert found["alicloud-ebs", "essd-pl0"].quantity == Span.of(400, 600, 2000)


def test_storage_of_a_standby_is_billed_too_and_its_machine_is_in_the_price() -> None:
    service, storage = "alicloud-rds-postgres", "storage-cloud_essd"
    alone = _bill(_database(high_availability=False))
    both = _bill(_database(high_availability=True))
    assert alone[service, storage].quantity == Span.of(500 * MONTH, 500 * MONTH, 1000 * MONTH)
    assert both[service, storage].quantity == alone[service, storage].quantity * 2
    assert both[service, "pg.n2.4c.2m"].quantity == Span.fixed(MONTH)


def test_backups_are_free_up_to_twice_the_disk() -> None:
    sku = ("alicloud-rds-postgres", "backup-beyond-quota")
    assert _bill(_database(high_availability=True))[sku].quantity == Span.fixed(0)
    assert sku not in _bill(_database(high_availability=True, days=0))
    # 100 000 agents: 67.3 GiB after a year, and 30 days of 3/365 of that: 83.9 GiB.
    crowd = Workload(agents=100_000, messages_per_agent=100)
    data = (
        Decimal(150_000_000 + 100_000 * 10_000) + Decimal(100_000 * 100 * 12) * 500 * Decimal("1.2")
    ) / 2**30
    held = data * (1 + Decimal(30 * 3) / 365)
    found = _bill(_database(high_availability=True, days=30, gib=20), workload=crowd)
    assert found[sku].quantity.expected == pytest.approx(held - 40)


def test_a_cache_is_billed_once_with_its_standby() -> None:
    cache = CacheNodes(component="cache", type="redis.shard.large.2.ce", count=Span.fixed(1))
    assert _bill(cache)["tair-redis", cache.type].quantity == Span.fixed(MONTH)


def test_traffic_is_billed_where_it_leaves_and_where_it_passes() -> None:
    balancer = LoadBalancer(component="ingress", zones=3)
    found = _bill(balancer, NatGateways(component="network", count=1))
    # A million messages: 25 GB of traffic with callers, which no model of the stack answers.
    out = found["alicloud-data-transfer", "internet-out-pay-by-traffic"]
    assert out.quantity == Span.fixed(25)
    assert out.egress
    assert found["alicloud-alb", "lcu"].quantity == Span.fixed(25)
    assert found["alicloud-nat-gateway", "internet-nat-cu"].quantity == Span.fixed(25)  # its logs


def test_a_load_balancer_pays_for_an_address_in_each_of_its_zones() -> None:
    found = _bill(LoadBalancer(component="ingress", zones=3))
    assert found["alicloud-alb", "instance-standard"].quantity == Span.fixed(MONTH)
    assert found["alicloud-eip", "retention"].quantity == Span.fixed(3 * MONTH)


def test_spare_machines_have_a_price_of_their_own() -> None:
    found = _bill(replace(API, spot=True))
    assert found["ecs-spot", "ecs.g7.large"].quantity == Span.of(2 * MONTH, 3 * MONTH, 10 * MONTH)
    assert found["ecs-spot", "ecs.g7.large"].spot_of == "ecs ecs.g7.large"


def test_lines_are_billed_when_they_come_when_they_are_indexed_and_as_long_as_they_stay() -> None:
    found = _bill(LogGroups(component="monitoring", holds="servers", count=1, retention_days=365))
    assert found["sls", "write-traffic"].quantity == Span.fixed(25)
    assert found["sls", "index-traffic"].quantity == Span.fixed(25)
    assert found["sls", "storage"].quantity == Span.fixed(25 * 12)


def test_the_log_of_requests_grows_with_the_requests() -> None:
    found = _bill(LogGroups(component="monitoring", holds="requests", count=1, retention_days=30))
    assert found["sls", "write-traffic"].quantity == Span.fixed(Decimal("0.5"))  # 0.5 kB each


def test_the_queue_and_its_dead_letters_are_billed_once() -> None:
    queue = Queue(component="queue", fifo=False)
    asked = _bill(queue, queue)["alicloud-mns", "requests"]
    assert asked == _bill(queue)["alicloud-mns", "requests"]


def test_what_has_no_tariff_is_an_error() -> None:
    with pytest.raises(ValueError, match="no tariff for Dashboards"):
        _bill(Dashboards(component="monitoring", count=1))
