"""What AWS bills for because it is there: quantities worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from infra.tiers import Workload
from pricing.bill import Unpriced, price
from pricing.book import load
from pricing.inventory import (
    Alarms,
    CacheNodes,
    ControlPlane,
    CustomMetrics,
    Dashboards,
    DatabaseServer,
    DnsZones,
    DumpRuns,
    Dumps,
    Functions,
    InnerBalancers,
    Inventory,
    Keys,
    Machines,
    PublicAddresses,
    Secrets,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span
from pricing.tariffs import Terms, charges
from pricing.usage import (
    DAYS_PER_MONTH,
    DUMP_GIB_PER_HOUR,
    DUMP_PART_MB,
    DUMP_SHARE,
    DUMP_START_HOURS,
    usage_of,
)
from tests.pricing.charging import (
    MONTH,
    ON_DEMAND,
    SERVER,
    TODAY,
    WORKLOAD,
    bill_of,
    database,
    quantity,
)
from tests.pricing.samples import SAMPLES


def test_machines_are_billed_by_the_hour_and_their_disks_by_the_gigabyte() -> None:
    found = bill_of(SERVER, workload=Workload(agents=1, messages_per_agent=0))
    assert quantity(found, "ec2", "m5.large") == Span.of(1460, 2190, 7300)
    assert quantity(found, "ebs", "gp3") == Span.of(400, 600, 2000)
    assert found["ec2", "m5.large"].unit == "hour"
    assert found["ec2", "m5.large"].component == "api"


def test_public_addresses_of_machines_are_billed_for_each_of_them() -> None:
    machine = Machines(
        component="api", type="t3.medium", count=Span.of(1, 1, 2), public_addresses=1
    )
    assert quantity(bill_of(machine), "vpc", "public-ipv4") == Span.of(730, 730, 1460)


def test_spot_machines_have_prices_of_their_own_and_are_never_reserved() -> None:
    worker = Machines(component="worker", type="t3.medium", count=Span.of(1, 1, 2), spot=True)
    found = bill_of(worker, terms=Terms(reserved_years=3, on=TODAY))
    assert quantity(found, "ec2-spot", "t3.medium") == Span.of(730, 730, 1460)
    assert not [service for service, _ in found if service == "ec2"]


@pytest.mark.parametrize("years", [1, 3])
def test_what_always_runs_is_reserved_and_the_rest_is_on_demand(years: int) -> None:
    terms = Terms(reserved_years=1 if years == 1 else 3, on=TODAY)
    found = bill_of(SERVER, terms=terms)
    assert quantity(found, "ec2", f"m5.large:reserved-{years}y") == Span.fixed(2 * MONTH)
    assert quantity(found, "ec2", "m5.large") == Span.of(0, MONTH, 8 * MONTH)


def test_a_machine_that_always_runs_alone_needs_no_price_on_demand() -> None:
    machine = Machines(component="api", type="t3.medium", count=Span.fixed(1))
    found = bill_of(machine, terms=Terms(reserved_years=1, on=TODAY))
    assert ("ec2", "t3.medium") not in found


def test_databases_and_caches_are_reserved_whole() -> None:
    found = bill_of(
        database(high_availability=True),
        CacheNodes(component="cache", type="cache.t4g.medium", count=Span.fixed(2)),
        terms=Terms(reserved_years=1, on=TODAY),
    )
    assert quantity(found, "rds-postgres", "db.r5.large:multi-az:reserved-1y") == Span.fixed(730)
    cache = quantity(found, "elasticache-redis", "cache.t4g.medium:reserved-1y")
    assert cache == Span.fixed(1460)


@pytest.mark.parametrize(
    ("spot", "arm", "kind"),
    [
        (False, False, "x86"),
        (False, True, "arm"),
        (True, False, "spot-x86"),
        (True, True, "spot-arm"),
    ],
)
def test_containers_without_machines_are_billed_by_vcpu_and_gigabyte(
    spot: bool, arm: bool, kind: str
) -> None:
    copies = ServerlessCopies(
        component="worker",
        vcpus=0.5,
        memory_gib=1.5,
        count=Span.of(1, 2, 4),
        spot=spot,
        arm=arm,
        public_addresses=1,
    )
    found = bill_of(copies)
    assert quantity(found, "fargate", f"{kind}:vcpu") == Span.of(365, 730, 1460)
    assert quantity(found, "fargate", f"{kind}:memory") == Span.of(1095, 2190, 4380)
    assert quantity(found, "vpc", "public-ipv4") == Span.of(730, 1460, 2920)


def test_dumps_are_billed_by_what_is_kept_of_them() -> None:
    usage = usage_of(WORKLOAD)
    each = usage.database_gib * Decimal(2**30) / 10**9 * DUMP_SHARE
    found = bill_of(Dumps(component="database", times_a_day=2, billed_days=37))
    assert float(quantity(found, "s3", "standard-first-50TB").expected) == pytest.approx(
        float(each * 2 * 37)
    )
    parts = (each * 1000 / DUMP_PART_MB + 1) * 2 * DAYS_PER_MONTH
    assert float(quantity(found, "s3", "put-standard").expected) == pytest.approx(
        float(parts / 1000)
    )


def test_dumps_that_stay_move_to_cheaper_classes() -> None:
    kept = Dumps(
        component="database",
        times_a_day=1,
        billed_days=100,
        infrequent_access_days=30,
        archive_days=90,
    )
    usage = usage_of(WORKLOAD)
    each = usage.database_gib * Decimal(2**30) / 10**9 * DUMP_SHARE
    found = bill_of(kept)
    for sku, days in (("standard-first-50TB", 30), ("standard-ia", 60), ("glacier-flexible", 10)):
        assert float(quantity(found, "s3", sku).expected) == pytest.approx(float(each * days))


def test_runs_that_dump_are_billed_for_as_long_as_they_read_the_database() -> None:
    runs = DumpRuns(
        component="database",
        times_a_day=2,
        vcpus=1,
        memory_gib=2,
        storage_gib=73,
        public_addresses=1,
    )
    hours = (DUMP_START_HOURS + usage_of(WORKLOAD).database_gib / DUMP_GIB_PER_HOUR) * (
        2 * DAYS_PER_MONTH
    )
    found = bill_of(runs)
    assert float(quantity(found, "fargate", "x86:vcpu").expected) == pytest.approx(float(hours))
    assert float(quantity(found, "fargate", "x86:memory").expected) == pytest.approx(
        float(hours * 2)
    )
    assert float(quantity(found, "vpc", "public-ipv4").expected) == pytest.approx(float(hours))
    storage = quantity(found, "fargate", "ephemeral-storage-beyond-20GB")
    assert float(storage.expected) == pytest.approx(float(hours / 10))


def test_a_standby_is_billed_by_rows_of_its_own_and_not_by_doubling() -> None:
    found = bill_of(database(high_availability=True))
    assert quantity(found, "rds-postgres", "db.r5.large:multi-az") == Span.fixed(730)
    assert quantity(found, "rds-postgres", "storage-gp3:multi-az") == Span.of(200, 200, 400)
    alone = bill_of(database())
    assert quantity(alone, "rds-postgres", "db.r5.large:single-az") == Span.fixed(730)
    assert quantity(alone, "rds-postgres", "storage-gp3:single-az") == Span.of(200, 200, 400)


def test_old_postgres_is_billed_by_the_vcpu_from_the_day_its_support_ends() -> None:
    sku = "extended-support-year-1-2"
    old = database(version="13", high_availability=True)
    before = bill_of(old, terms=Terms(on=date(2026, 2, 27)))
    after = bill_of(old, terms=Terms(on=date(2026, 2, 28)))
    assert ("rds-postgres", sku) not in before
    # 2 vCPUs, and as many in the standby.
    assert quantity(after, "rds-postgres", sku) == Span.fixed(4 * 730)


def test_kept_performance_data_is_billed_by_the_vcpu() -> None:
    server = DatabaseServer(
        component="database",
        type="db.m5.large",
        high_availability=False,
        storage_gib=Span.fixed(100),
        storage_type="gp3",
        backup_retention_days=0,
        insights_months=24,
    )
    sku = "performance-insights-long-term:db.m5.large"
    assert quantity(bill_of(server), "rds-postgres", sku) == Span.fixed(2)


def test_cache_nodes_are_billed_by_the_hour_and_snapshots_beyond_the_first() -> None:
    nodes = CacheNodes(
        component="cache", type="cache.t4g.medium", count=Span.fixed(2), snapshot_retention_days=5
    )
    found = bill_of(nodes)
    assert quantity(found, "elasticache-redis", "cache.t4g.medium") == Span.fixed(1460)
    # Five snapshots of 3.09 GiB, one of them free.
    snapshots = quantity(found, "elasticache-redis", "backup-storage")
    assert snapshots.expected == pytest.approx(Decimal("3.09") * 4)
    one = CacheNodes(
        component="cache", type="cache.t4g.medium", count=Span.fixed(1), snapshot_retention_days=1
    )
    assert ("elasticache-redis", "backup-storage") not in bill_of(one)


def test_valkey_has_prices_of_its_own() -> None:
    nodes = CacheNodes(
        component="cache", type="cache.t4g.medium", count=Span.fixed(1), engine="valkey"
    )
    assert ("elasticache-valkey", "cache.t4g.medium") in bill_of(nodes)


@pytest.mark.parametrize(
    ("version", "on", "sku"),
    [
        ("1.32", TODAY, "control-plane-extended-support"),
        ("1.33", TODAY, "control-plane-extended-support"),
        ("1.34", TODAY, "control-plane"),
        ("1.34", date(2026, 12, 1), "control-plane"),
        ("1.34", date(2026, 12, 2), "control-plane-extended-support"),
        ("1.35", TODAY, "control-plane"),
        ("1.36", TODAY, "control-plane"),
    ],
)
def test_an_old_control_plane_has_a_price_of_its_own(version: str, on: date, sku: str) -> None:
    found = bill_of(ControlPlane(component="cluster", version=version), terms=Terms(on=on))
    assert list(found) == [("eks", sku)]
    assert found["eks", sku].quantity == Span.fixed(730)
    assert bool(found["eks", sku].warning) == (sku != "control-plane")


def test_a_version_that_nobody_knows_is_a_price_that_is_missing() -> None:
    inventory = Inventory(
        cloud="aws",
        region="us-east-1",
        things=(
            ControlPlane(component="cluster", version="1.99", name="cluster"),
            database(version="99"),
        ),
    )
    with pytest.raises(Unpriced) as caught:
        price(inventory, WORKLOAD, load("list"), ON_DEMAND)
    assert {(each.service, each.sku) for each in caught.value.missing} == {
        ("eks", "control-plane:1.99"),
        ("rds-postgres", "extended-support:99"),
    }


def test_small_things_are_billed_by_the_piece() -> None:
    found = bill_of(
        PublicAddresses(component="network", count=2),
        Alarms(component="monitoring", count=10),
        CustomMetrics(component="monitoring", count=4),
        Dashboards(component="monitoring", count=1),
        Secrets(component="secrets", count=5),
        Keys(component="secrets", count=2),
        Volumes(component="cluster", type="gp3", gib=Span.of(10, 20, 30)),
        DnsZones(component="network", count=1),
    )
    assert quantity(found, "route53", "hosted-zone") == Span.fixed(1)
    assert quantity(found, "vpc", "public-ipv4") == Span.fixed(1460)
    assert quantity(found, "cloudwatch", "alarm-standard") == Span.fixed(10)
    assert quantity(found, "cloudwatch", "custom-metric-first-10k") == Span.fixed(4)
    assert quantity(found, "cloudwatch", "dashboard") == Span.fixed(1)
    assert quantity(found, "secretsmanager", "secret") == Span.fixed(5)
    assert quantity(found, "secretsmanager", "api") == Span.fixed(Decimal("0.365"))
    assert quantity(found, "kms", "customer-key") == Span.fixed(2)
    assert quantity(found, "kms", "requests") == Span.fixed(2)
    assert quantity(found, "ebs", "gp3") == Span.of(10, 20, 30)


def test_alarms_that_look_often_cost_more() -> None:
    found = bill_of(Alarms(component="monitoring", count=3, high_resolution=True))
    assert quantity(found, "cloudwatch", "alarm-high-resolution") == Span.fixed(3)


def test_a_function_is_billed_for_the_deployments_it_serves() -> None:
    found = bill_of(Functions(component="bootstrap", memory_mib=256, count=1))
    # Ten deployments of two minutes at a quarter of a gigabyte.
    assert quantity(found, "lambda", "duration-x86") == Span.fixed(300)
    assert quantity(found, "lambda", "requests") == Span.fixed(Decimal("0.00001"))


NOT_ON_AWS = {InnerBalancers}
"""What another cloud alone makes, whose tests hold its tariff."""


def test_every_kind_of_thing_has_a_tariff() -> None:
    kinds = {kind for kind in Thing.__subclasses__() if kind.__module__ == Thing.__module__}
    assert {type(thing) for thing in SAMPLES} == kinds - NOT_ON_AWS
    for thing in SAMPLES:
        things = (SERVER, thing) if thing.component == "monitoring" else (thing,)
        inventory = Inventory(cloud="aws", region="us-east-1", things=things)
        assert any(
            each.component == thing.component for each in charges(inventory, WORKLOAD, ON_DEMAND)
        ), thing


def test_a_thing_without_a_tariff_is_an_error_and_not_free() -> None:
    class Unheard(Thing):
        pass

    with pytest.raises(ValueError, match="no tariff for Unheard box"):
        bill_of(Unheard(component="api", name="box"))


def test_a_cloud_without_a_tariff_is_an_error() -> None:
    inventory = Inventory(cloud="nimbus", region="up", things=())
    with pytest.raises(ValueError, match="there is no cloud 'nimbus'; the clouds are: aws"):
        list(charges(inventory, WORKLOAD, ON_DEMAND))


def test_a_charge_carries_the_resource_that_causes_it() -> None:
    key = Keys(component="secrets", count=1, name="main", urn="urn:main")
    for each in bill_of(key).values():
        assert (each.resource, each.urn) == ("main", "urn:main")
