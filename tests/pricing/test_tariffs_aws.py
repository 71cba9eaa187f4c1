"""What AWS bills for each thing: quantities worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from infra.tiers import Workload
from pricing.inventory import (
    Alarms,
    Bucket,
    CacheNodes,
    ContainerMetrics,
    ControlPlane,
    CustomMetrics,
    Dashboards,
    DatabaseServer,
    DnsZones,
    EmbeddingModel,
    Firewall,
    Functions,
    Inventory,
    Keys,
    LanguageModel,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    PrivateEndpoints,
    PublicAddresses,
    Queue,
    Secrets,
    ServerlessCopies,
    Thing,
    Volumes,
)
from pricing.span import Span
from pricing.tariffs import Charge, Terms, charges
from tests.pricing.samples import SAMPLES

TODAY = date(2026, 11, 23)
ON_DEMAND = Terms(on=TODAY)
MONTH = 730
WORKLOAD = Workload(agents=1000, messages_per_agent=1000)
"""A million messages: 25 GB of traffic, 14.4 GB of prompts, 1.2 GB of answers, 25 GB of logs."""


def bill_of(
    *things: Thing, workload: Workload = WORKLOAD, terms: Terms = ON_DEMAND
) -> dict[tuple[str, str], Charge]:
    """Service and sku -> the charge, of those that are there once."""
    inventory = Inventory(cloud="aws", region="us-east-1", things=things)
    found: dict[tuple[str, str], Charge] = {}
    for charge in charges(inventory, workload, terms):
        assert (charge.service, charge.sku) not in found
        found[charge.service, charge.sku] = charge
    return found


def quantity(found: dict[tuple[str, str], Charge], service: str, sku: str) -> Span:
    return found[service, sku].quantity


SERVER = Machines(component="api", type="m5.large", count=Span.of(2, 3, 10), disk_gib=200)


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


def database(
    *,
    high_availability: bool = False,
    version: str = "16",
    storage: int = 200,
    backup_days: int = 7,
    kind: str = "db.r5.large",
) -> DatabaseServer:
    return DatabaseServer(
        component="database",
        type=kind,
        high_availability=high_availability,
        storage_gib=Span.of(storage, storage, storage * 2),
        storage_type="gp3",
        backup_retention_days=backup_days,
        version=version,
    )


def test_a_standby_is_billed_by_rows_of_its_own_and_not_by_doubling() -> None:
    found = bill_of(database(high_availability=True))
    assert quantity(found, "rds-postgres", "db.r5.large:multi-az") == Span.fixed(730)
    assert quantity(found, "rds-postgres", "storage-gp3:multi-az") == Span.of(200, 200, 400)
    alone = bill_of(database())
    assert quantity(alone, "rds-postgres", "db.r5.large:single-az") == Span.fixed(730)
    assert quantity(alone, "rds-postgres", "storage-gp3:single-az") == Span.of(200, 200, 400)


def test_backups_are_billed_beyond_all_storage_of_the_databases() -> None:
    # 100 000 agents: 67.3 GiB after a year, and 30 days of 3/365 of that: 83.9 GiB.
    crowd = Workload(agents=100_000, messages_per_agent=100)
    data = (
        Decimal(150_000_000 + 100_000 * 10_000) + Decimal(100_000 * 100 * 12) * 500 * Decimal("1.2")
    ) / 2**30
    held = data * (1 + Decimal(30 * 3) / 365)
    small = database(storage=20, backup_days=30)
    replica = database(storage=30, backup_days=0)
    sku = "backup-beyond-free"
    found = bill_of(small, workload=crowd)
    assert quantity(found, "rds-postgres", sku).ceiling == pytest.approx(held - 20)
    inventory = Inventory(cloud="aws", region="us-east-1", things=(small, replica))
    both = [each for each in charges(inventory, crowd, ON_DEMAND) if each.sku == sku]
    assert [each.quantity.expected for each in both] == [pytest.approx(held - 50)]


def test_backups_within_the_free_share_are_named_and_cost_nothing() -> None:
    found = bill_of(database())
    assert quantity(found, "rds-postgres", "backup-beyond-free") == Span.fixed(0)
    assert ("rds-postgres", "backup-beyond-free") not in bill_of(database(backup_days=0))


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


def test_a_version_whose_price_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Kubernetes 1\.20 is not known.*1\.35"):
        bill_of(ControlPlane(component="cluster", version="1.20"))


def test_a_load_balancer_has_an_address_in_each_zone_and_is_billed_by_its_highest_measure() -> None:
    found = bill_of(LoadBalancer(component="ingress", zones=3))
    assert quantity(found, "elb", "alb:hour") == Span.fixed(730)
    assert quantity(found, "vpc", "public-ipv4") == Span.fixed(3 * 730)
    # 25 GB in 730 hours at 1 GB an hour; 0.38 new connections a second of 25 are less.
    assert quantity(found, "elb", "alb:lcu").expected == pytest.approx(Decimal(25))


def test_many_small_calls_are_billed_by_new_connections() -> None:
    terse = Workload(agents=1000, messages_per_agent=1000, traffic_kb_per_message=0)
    found = bill_of(LoadBalancer(component="ingress", zones=2), workload=terse)
    # A million connections: 1e6 / 3600 / 25 for a rate of one a second, and 30 s at once of 3000.
    connections = Decimal(1_000_000) / 3600 / 25
    assert connections > Decimal(1_000_000) * 30 / 3600 / 3000
    assert quantity(found, "elb", "alb:lcu").expected == pytest.approx(connections)


def test_traffic_to_the_internet_is_billed_in_steps_after_100_free_gigabytes() -> None:
    # 10 M agents with 10 messages: 2500 GB; with 1000: 250 000 GB.
    balancer = LoadBalancer(component="ingress", zones=1)
    some = bill_of(balancer, workload=Workload(agents=1_000_000, messages_per_agent=100))
    assert quantity(some, "data-transfer", "internet-out-0-100GB") == Span.fixed(100)
    assert quantity(some, "data-transfer", "internet-out-first-10TB") == Span.fixed(2400)
    assert ("data-transfer", "internet-out-next-40TB") not in some
    much = bill_of(balancer, workload=Workload(agents=10_000_000, messages_per_agent=1000))
    steps = [
        quantity(much, "data-transfer", sku).expected
        for sku in (
            "internet-out-0-100GB",
            "internet-out-first-10TB",
            "internet-out-next-40TB",
            "internet-out-next-100TB",
            "internet-out-over-150TB",
        )
    ]
    assert steps == [100, 10_140, 40_960, 102_400, 250_000 - 153_600]
    assert all(each.egress for (service, _), each in much.items() if service == "data-transfer")


def test_prompts_to_an_external_provider_leave_the_cloud_and_pass_nat() -> None:
    things = (
        SERVER,
        NatGateways(component="network", count=2),
        LanguageModel(component="llm", handle="openai/gpt-4.1-mini"),
    )
    found = bill_of(*things)
    assert quantity(found, "data-transfer", "internet-out-0-100GB") == Span.fixed(
        Decimal("25") + Decimal("14.4")
    )
    assert quantity(found, "vpc", "nat-gateway:hour") == Span.fixed(1460)
    # Prompts 14.4, answers 1.2, log lines 25.
    assert quantity(found, "vpc", "nat-gateway:data") == Span.fixed(Decimal("40.6"))


def test_texts_to_embed_leave_the_cloud_too() -> None:
    workload = Workload(agents=1000, messages_per_agent=0, new_memories_per_agent=1000)
    found = bill_of(
        SERVER,
        NatGateways(component="network", count=1),
        EmbeddingModel(component="embedding", handle="openai/text-embedding-3-small"),
        workload=workload,
    )
    # A million texts of 1000 tokens of 4 bytes go, as many embeddings of 8 kB come.
    assert quantity(found, "data-transfer", "internet-out-0-100GB") == Span.fixed(4)
    assert quantity(found, "vpc", "nat-gateway:data") == Span.fixed(12)


def test_a_model_of_ones_own_sends_no_prompt_anywhere() -> None:
    found = bill_of(SERVER, NatGateways(component="network", count=1))
    assert quantity(found, "data-transfer", "internet-out-0-100GB") == Span.fixed(25)
    assert quantity(found, "vpc", "nat-gateway:data") == Span.fixed(25)


def test_log_lines_leave_nat_for_an_endpoint_that_carries_them() -> None:
    nat = NatGateways(component="network", count=1)
    endpoint = PrivateEndpoints(component="network", count=2, carries_logs=True)
    found = bill_of(SERVER, nat, endpoint)
    assert quantity(found, "vpc", "nat-gateway:data") == Span.fixed(0)
    assert quantity(found, "vpc", "interface-endpoint:hour") == Span.fixed(1460)
    assert quantity(found, "vpc", "interface-endpoint:data-first-1PB") == Span.fixed(25)
    idle = bill_of(SERVER, nat, PrivateEndpoints(component="network", count=2))
    assert quantity(idle, "vpc", "nat-gateway:data") == Span.fixed(25)
    assert quantity(idle, "vpc", "interface-endpoint:data-first-1PB") == Span.fixed(0)


def test_traffic_between_zones_is_billed_on_both_sides() -> None:
    # 100 GB with the database, two thirds of it from another zone than the database's.
    found = bill_of(LoadBalancer(component="ingress", zones=3))
    between = quantity(found, "data-transfer", "inter-az-each-way")
    assert between.expected == pytest.approx(Decimal(100) * 2 / 3 * 2)
    for zones in (0, 1):
        one = bill_of(LoadBalancer(component="ingress", zones=zones))
        assert ("data-transfer", "inter-az-each-way") not in one


def test_zones_without_a_gateway_of_their_own_reach_another_zones() -> None:
    balancer = LoadBalancer(component="ingress", zones=2)
    one = bill_of(balancer, NatGateways(component="network", count=1))
    each = bill_of(balancer, NatGateways(component="network", count=2))
    # Half of 100 GB with the database; and half of 25 GB of log lines; on both sides.
    assert quantity(each, "data-transfer", "inter-az-each-way") == Span.fixed(100)
    assert quantity(one, "data-transfer", "inter-az-each-way") == Span.fixed(125)


def test_without_a_server_there_is_no_traffic() -> None:
    assert bill_of(Keys(component="secrets", count=1)).keys() == {
        ("kms", "customer-key"),
        ("kms", "requests"),
    }


def test_files_grow_old_evenly_over_a_year() -> None:
    # 100 GB at the end of a year of 365 days; the ceiling has twice as much.
    bucket = Bucket(component="storage", holds="data", infrequent_access_days=30, archive_days=90)
    found = bill_of(bucket)
    parts = {
        "standard-first-50TB": Decimal(100) * 30 / 365,
        "standard-ia": Decimal(100) * 60 / 365,
        "glacier-flexible": Decimal(100) * 275 / 365,
    }
    for sku, part in parts.items():
        assert quantity(found, "s3", sku).expected == pytest.approx(part)
        assert quantity(found, "s3", sku).ceiling == pytest.approx(part * 2)
    # 100 GB of 1 MB in 12 months.
    for sku in ("put-standard", "lifecycle-to-standard-ia", "lifecycle-to-glacier-flexible"):
        assert quantity(found, "s3", sku).expected == pytest.approx(Decimal(100) / 12)
    assert quantity(found, "s3", "get-standard").expected == pytest.approx(Decimal(1000) / 12)


def test_a_bucket_without_ageing_keeps_all_in_the_first_class() -> None:
    found = bill_of(Bucket(component="storage", holds="data"))
    assert quantity(found, "s3", "standard-first-50TB") == Span.of(100, 100, 200)
    assert not {"standard-ia", "glacier-flexible"} & {sku for _, sku in found}


def test_files_beyond_50_tb_are_billed_in_steps() -> None:
    # 10 M agents of 100 MB are 1 000 000 GB.
    crowd = Workload(agents=10_000_000, messages_per_agent=0)
    found = bill_of(Bucket(component="storage", holds="data"), workload=crowd)
    assert quantity(found, "s3", "standard-first-50TB").expected == 51_200
    assert quantity(found, "s3", "standard-next-450TB").expected == 460_800
    assert quantity(found, "s3", "standard-over-500TB").expected == 1_000_000 - 512_000


def test_access_logs_are_deleted_in_time() -> None:
    # Half a kilobyte of a million requests a month: 6 GB a year, of which 73 of 365 days are kept.
    bucket = Bucket(component="ingress", holds="logs", expiration_days=73)
    found = bill_of(bucket)
    assert quantity(found, "s3", "standard-first-50TB").expected == pytest.approx(Decimal("1.2"))
    assert list(found) == [("s3", "standard-first-50TB")]


def test_logs_are_billed_when_they_come_and_while_they_are_kept() -> None:
    groups = LogGroups(component="monitoring", holds="servers", count=2, retention_days=365)
    found = bill_of(groups)
    assert quantity(found, "cloudwatch", "logs-ingest") == Span.fixed(25)
    # 12 months at 15 %.
    kept = quantity(found, "cloudwatch", "logs-storage")
    assert kept.expected == pytest.approx(Decimal(25) * 12 * Decimal("0.15"))


def test_logs_without_an_end_are_counted_for_a_year() -> None:
    groups = LogGroups(component="monitoring", holds="servers", count=1, retention_days=0)
    kept = quantity(bill_of(groups), "cloudwatch", "logs-storage")
    assert kept.expected == pytest.approx(Decimal(25) * 12 * Decimal("0.15"))


def test_groups_of_one_purpose_share_its_lines_however_they_are_listed() -> None:
    def taken_in(*groups: LogGroups) -> Decimal:
        inventory = Inventory(cloud="aws", region="us-east-1", things=groups)
        return sum(
            (
                each.quantity.expected
                for each in charges(inventory, WORKLOAD, ON_DEMAND)
                if each.sku == "logs-ingest"
            ),
            Decimal(0),
        )

    one = LogGroups(component="monitoring", holds="servers", count=1, retention_days=30)
    other = LogGroups(component="monitoring", holds="servers", count=1, retention_days=60)
    both = LogGroups(component="monitoring", holds="servers", count=2, retention_days=30)
    assert taken_in(one, one) == taken_in(both) == taken_in(one, other) == 25


def test_every_log_group_is_named_by_what_it_needs() -> None:
    groups = tuple(
        LogGroups(component="monitoring", holds="servers", count=1, retention_days=30, name=name)
        for name in ("api", "worker")
    )
    inventory = Inventory(cloud="aws", region="us-east-1", things=groups)
    named = {(each.sku, each.resource) for each in charges(inventory, WORKLOAD, ON_DEMAND)}
    assert named == {
        (sku, name) for sku in ("logs-ingest", "logs-storage") for name in ("api", "worker")
    }


@pytest.mark.parametrize(
    ("groups", "gigabytes"),
    [
        (LogGroups(component="monitoring", holds="flows", count=1, retention_days=30), "3"),
        (LogGroups(component="monitoring", holds="firewall", count=1, retention_days=30), "2"),
        (
            LogGroups(component="monitoring", holds="control_plane", count=1, retention_days=30),
            "30",
        ),
        (LogGroups(component="monitoring", holds="bootstrap", count=2, retention_days=30), "0.02"),
        (LogGroups(component="monitoring", holds="other", count=3, retention_days=30), "3"),
    ],
    ids=lambda value: value.holds if isinstance(value, LogGroups) else value,
)
def test_every_kind_of_log_has_its_amount(groups: LogGroups, gigabytes: str) -> None:
    assert quantity(bill_of(groups), "cloudwatch", "logs-ingest") == Span.fixed(Decimal(gigabytes))


def test_a_firewall_is_billed_by_rule_and_request() -> None:
    found = bill_of(Firewall(component="ingress", rules=5, managed_groups=2))
    assert quantity(found, "waf", "web-acl") == Span.fixed(1)
    assert quantity(found, "waf", "rule") == Span.fixed(5)
    assert quantity(found, "waf", "managed-rule-group") == Span.fixed(2)
    assert quantity(found, "waf", "requests") == Span.fixed(1)
    free = bill_of(Firewall(component="ingress", rules=5, managed_groups=0))
    assert ("waf", "managed-rule-group") not in free


def test_the_queue_and_that_of_its_dead_letters_take_the_workloads_messages_once() -> None:
    workload = Workload(agents=1, messages_per_agent=0, queue_messages=2_000_000)
    standard = Queue(component="queue", fifo=False)
    found = bill_of(standard, standard, workload=workload)
    assert quantity(found, "sqs", "standard") == Span.fixed(6)
    ordered = bill_of(Queue(component="queue", fifo=True), workload=workload)
    assert quantity(ordered, "sqs", "fifo") == Span.fixed(6)


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


def test_measures_of_containers_are_billed_by_cluster_and_service() -> None:
    busy = ContainerMetrics(component="monitoring", services=2, detailed=False)
    found = bill_of(busy)
    assert quantity(found, "cloudwatch", "custom-metric-first-10k") == Span.fixed(11 + 2 * 21)
    assert quantity(found, "cloudwatch", "logs-ingest") == Span.fixed(Decimal("0.2"))


def test_a_cluster_in_which_nothing_runs_has_no_measures() -> None:
    assert not bill_of(ContainerMetrics(component="monitoring", services=0, detailed=False))


def test_detailed_measures_are_billed_for_every_machine() -> None:
    found = bill_of(SERVER, ContainerMetrics(component="monitoring", services=0, detailed=True))
    each = Decimal(940 * 60 * 730) / 10**6
    observed = quantity(found, "cloudwatch", "container-insights-observations")
    assert observed == Span.of(2 * each, 3 * each, 10 * each)


def test_every_kind_of_thing_has_a_tariff() -> None:
    kinds = {kind for kind in Thing.__subclasses__() if kind.__module__ == Thing.__module__}
    assert {type(thing) for thing in SAMPLES} == kinds
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
    with pytest.raises(ValueError, match="'nimbus' has no tariff; those that have: aws"):
        list(charges(inventory, WORKLOAD, ON_DEMAND))


def test_a_charge_carries_the_resource_that_causes_it() -> None:
    key = Keys(component="secrets", count=1, name="main", urn="urn:main")
    for each in bill_of(key).values():
        assert (each.resource, each.urn) == ("main", "urn:main")
