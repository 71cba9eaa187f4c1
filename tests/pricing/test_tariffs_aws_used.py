"""What AWS bills for by use: quantities worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from infra.tiers import Workload
from pricing.inventory import (
    Bucket,
    ContainerMetrics,
    EmbeddingModel,
    Firewall,
    Inventory,
    Keys,
    LanguageModel,
    LoadBalancer,
    LogGroups,
    NatGateways,
    PrivateEndpoints,
    Queue,
)
from pricing.span import Span
from pricing.tariffs import aws, charges
from pricing.usage import usage_of
from tests.pricing.charging import (
    ON_DEMAND,
    SERVER,
    WORKLOAD,
    bill_of,
    database,
    quantity,
)


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


def test_long_calls_are_billed_by_connections_that_are_open() -> None:
    things = (LoadBalancer(component="ingress", zones=1),)
    inventory = Inventory(cloud="aws", region="us-east-1", things=things)
    slow = replace(usage_of(WORKLOAD), busy_requests=Decimal(6000))
    (units,) = (each for each in aws.charges(inventory, slow, ON_DEMAND) if each.sku == "alb:lcu")
    assert units.quantity == Span.fixed(2 * 730)


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


def test_traffic_with_a_database_in_another_zone_is_billed_on_the_servers_side() -> None:
    # 100 GB with the database, two thirds of it from another zone than the database's.
    found = bill_of(LoadBalancer(component="ingress", zones=3))
    between = quantity(found, "data-transfer", "inter-az-each-way")
    assert between.expected == pytest.approx(Decimal(100) * 2 / 3)
    for zones in (0, 1):
        one = bill_of(LoadBalancer(component="ingress", zones=zones))
        assert ("data-transfer", "inter-az-each-way") not in one


def test_zones_without_a_gateway_of_their_own_reach_another_zones() -> None:
    balancer = LoadBalancer(component="ingress", zones=2)
    one = bill_of(balancer, NatGateways(component="network", count=1))
    each = bill_of(balancer, NatGateways(component="network", count=2))
    # Half of 100 GB with the database; and half of 25 GB of log lines, on both sides.
    assert quantity(each, "data-transfer", "inter-az-each-way") == Span.fixed(50)
    assert quantity(one, "data-transfer", "inter-az-each-way") == Span.fixed(75)


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


def test_a_step_that_only_the_ceiling_reaches_is_billed_at_the_ceiling() -> None:
    # 400 000 agents of 100 MB are 40 000 GB, at the ceiling 80 000.
    crowd = Workload(agents=400_000, messages_per_agent=0)
    found = bill_of(Bucket(component="storage", holds="data"), workload=crowd)
    assert quantity(found, "s3", "standard-first-50TB") == Span.of(40_000, 40_000, 51_200)
    assert quantity(found, "s3", "standard-next-450TB") == Span.of(0, 0, 28_800)


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
