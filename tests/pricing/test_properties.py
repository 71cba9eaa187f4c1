"""What must hold of every bill, over random workloads and random deployments."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.tiers import Workload
from pricing.bill import Bill, Unpriced, price
from pricing.book import Book, load
from pricing.inventory import (
    Bucket,
    CacheNodes,
    DatabaseServer,
    Inventory,
    LanguageModel,
    LoadBalancer,
    LogGroups,
    Machines,
    NatGateways,
    Secrets,
    ServerlessCopies,
)
from pricing.span import Span
from pricing.tariffs import Terms
from tests.pricing.samples import SAMPLES

EXAMPLES = 500
LIST = load("list")
SMALLER = tuple(row for row in LIST.rows if row.region in ("us-east-1", "any", "global"))
"""The rows that a deployment in us-east-1 can need."""
ON = date(2026, 11, 23)

shares = st.decimals(0, 1, places=2).map(float)
workload_fields = st.fixed_dictionaries(
    {
        "agents": st.integers(1, 200_000),
        "messages_per_agent": st.integers(0, 20_000),
    },
    optional={
        "memories_per_agent": st.integers(0, 1000),
        "new_memories_per_agent": st.integers(0, 1000),
        "input_tokens_per_message": st.integers(0, 50_000),
        "output_tokens_per_message": st.integers(0, 5000),
        "cached_input_share": shares,
        "traffic_kb_per_message": st.integers(0, 10_000).map(float),
        "log_kb_per_message": st.integers(0, 1000).map(float),
        "file_mb_per_agent": st.integers(0, 10_000).map(float),
        "queue_messages": st.integers(0, 10**9),
    },
)
workloads = workload_fields.map(Workload.model_validate)


@st.composite
def spans(draw: st.DrawFn, most: int) -> Span:
    floor, expected, ceiling = sorted(draw(st.integers(0, most)) for _ in range(3))
    return Span.of(floor, expected, ceiling)


things = st.one_of(
    st.sampled_from(SAMPLES),
    st.builds(
        Machines,
        component=st.sampled_from(["api", "worker", "embedding"]),
        type=st.sampled_from(["t3.medium", "m5.large", "c5.2xlarge", "g4dn.xlarge"]),
        count=spans(50),
        spot=st.just(False),
        disk_gib=st.integers(0, 1000),
        disk_type=st.just("gp3"),
    ),
    st.builds(
        ServerlessCopies,
        component=st.sampled_from(["api", "worker"]),
        vcpus=st.sampled_from([0.25, 0.5, 1.0, 4.0]),
        memory_gib=st.sampled_from([0.5, 2.0, 30.0]),
        count=spans(50),
        arm=st.booleans(),
        spot=st.booleans(),
    ),
    st.builds(
        DatabaseServer,
        component=st.just("database"),
        type=st.sampled_from(["db.t3.small", "db.r5.large"]),
        high_availability=st.booleans(),
        storage_gib=spans(2000),
        storage_type=st.just("gp3"),
        backup_retention_days=st.integers(0, 35),
        version=st.sampled_from(["13", "16", "17"]),
    ),
    st.builds(
        CacheNodes,
        component=st.just("cache"),
        type=st.just("cache.t4g.medium"),
        count=spans(5),
        engine=st.sampled_from(["redis", "valkey"]),
        snapshot_retention_days=st.integers(0, 35),
    ),
    st.builds(LoadBalancer, component=st.just("ingress"), zones=st.integers(1, 6)),
    st.builds(NatGateways, component=st.just("network"), count=st.integers(1, 6)),
    st.builds(
        Bucket,
        component=st.just("storage"),
        holds=st.sampled_from(["data", "logs"]),
        infrequent_access_days=st.integers(0, 400),
        archive_days=st.integers(0, 400),
        expiration_days=st.integers(0, 800),
    ),
    st.builds(
        LogGroups,
        component=st.just("monitoring"),
        holds=st.sampled_from(
            ["servers", "bootstrap", "flows", "control_plane", "firewall", "other"]
        ),
        count=st.integers(1, 5),
        retention_days=st.sampled_from([0, 1, 30, 365, 3650]),
    ),
    st.builds(
        LanguageModel,
        component=st.just("llm"),
        handle=st.sampled_from(
            [
                "openai/gpt-4.1-mini",
                "anthropic/claude-haiku-4-5",
                "google_ai/gemini-2.5-flash",
                "together/MiniMaxAI/MiniMax-M3",
            ]
        ),
    ),
)
inventories = st.lists(things, min_size=1, max_size=8).map(
    lambda found: Inventory(cloud="aws", region="us-east-1", things=tuple(found))
)
terms = st.sampled_from(
    [Terms(on=ON), Terms(reserved_years=1, on=ON), Terms(reserved_years=3, on=ON)]
)


def bill(
    inventory: Inventory, workload: Workload, agreed: Terms | None = None, book: Book = LIST
) -> Bill:
    return price(inventory, workload, book, agreed or Terms(on=ON))


def points(span: Span) -> tuple[Decimal, Decimal, Decimal]:
    return span.floor, span.expected, span.ceiling


def never_less(more: Bill, less: Bill) -> bool:
    pairs = zip(points(more.monthly_usd), points(less.monthly_usd), strict=True)
    return all(high >= low for high, low in pairs)


@settings(max_examples=EXAMPLES, deadline=None)
@given(inventories, workloads, terms)
def test_floor_is_at_most_expected_is_at_most_ceiling_and_sums_are_exact(
    inventory: Inventory, workload: Workload, agreed: Terms
) -> None:
    found = bill(inventory, workload, agreed)
    total = found.monthly_usd
    assert 0 <= total.floor <= total.expected <= total.ceiling
    for number, point in enumerate(points(total)):
        assert point == sum(points(line.monthly_usd)[number] for line in found.lines)
        assert point == point.quantize(Decimal("0.01"))
    for line in found.lines:
        for amount, quantity in zip(points(line.monthly_usd), points(line.quantity), strict=True):
            assert abs(amount - quantity * line.unit_price_usd) <= Decimal("0.005")
    assert sum(points(span)[1] for span in found.by_component.values()) == total.expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    inventories,
    workload_fields,
    st.sampled_from(
        [
            "agents",
            "messages_per_agent",
            "memories_per_agent",
            "new_memories_per_agent",
            "input_tokens_per_message",
            "output_tokens_per_message",
            "traffic_kb_per_message",
            "log_kb_per_message",
            "file_mb_per_agent",
            "queue_messages",
        ]
    ),
    st.integers(1, 10_000),
)
def test_more_agents_and_more_of_anything_they_do_never_cost_less(
    inventory: Inventory, fields: dict[str, Any], grows: str, by: int
) -> None:
    less = Workload.model_validate(fields)
    more = less.model_copy(update={grows: getattr(less, grows) + by})
    assert never_less(bill(inventory, more), bill(inventory, less))


@settings(max_examples=EXAMPLES, deadline=None)
@given(inventories, workloads, st.data())
def test_without_any_one_of_its_prices_there_is_no_bill_and_the_gap_is_named(
    inventory: Inventory, workload: Workload, data: st.DataObject
) -> None:
    named = Inventory(
        cloud=inventory.cloud,
        region=inventory.region,
        things=tuple(
            replace(thing, name=f"thing-{number}") for number, thing in enumerate(inventory.things)
        ),
    )
    whole = bill(named, workload)
    gone = data.draw(st.sampled_from(whole.lines))
    rows = tuple(row for row in SMALLER if (row.service, row.sku) != (gone.service, gone.sku))
    with pytest.raises(Unpriced) as caught:
        bill(named, workload, book=Book(name="list", rows=rows))
    error = caught.value
    assert {(each.service, each.sku) for each in error.missing} == {(gone.service, gone.sku)}
    assert set(gone.resources) <= {name for each in error.missing for name in each.resources}
    assert all(name in str(error) for name in gone.resources)
    assert gone.resources
    assert error.bill is not None
    assert never_less(whole, error.bill)


@settings(max_examples=EXAMPLES, deadline=None)
@given(inventories, workloads, st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_found_changes_nothing(
    inventory: Inventory, workload: Workload, chance: Random
) -> None:
    shuffled = list(inventory.things)
    chance.shuffle(shuffled)
    other = Inventory(cloud="aws", region="us-east-1", things=tuple(shuffled))
    assert bill(other, workload).monthly_usd == bill(inventory, workload).monthly_usd


@settings(max_examples=EXAMPLES, deadline=None)
@given(inventories, workloads, spans(20), st.integers(1, 20))
def test_a_higher_maximum_raises_the_ceiling_by_what_the_machines_cost_and_nothing_else(
    inventory: Inventory, workload: Workload, count: Span, more: int
) -> None:
    def with_pool(ceiling: Decimal) -> Span:
        pool = Machines(
            component="llm",
            type="g5.xlarge",
            count=replace(count, ceiling=ceiling),
            disk_gib=100,
            disk_type="gp3",
        )
        things_with_pool = (*inventory.things, pool)
        whole = Inventory(cloud="aws", region="us-east-1", things=things_with_pool)
        # Clusters are measured by the machine; that comes on top.
        return sum(
            (
                line.monthly_usd
                for line in bill(whole, workload).lines
                if line.item != "measurements of containers"
            ),
            Span.fixed(0),
        )

    low, high = with_pool(count.ceiling), with_pool(count.ceiling + more)
    assert (high.floor, high.expected) == (low.floor, low.expected)
    # 730 hours at 1.006, and 100 GB at 0.08.
    assert high.ceiling - low.ceiling == more * (Decimal("734.38") + 8)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), workloads)
def test_one_thing_of_many_and_many_of_one_cost_the_same(count: int, workload: Workload) -> None:
    one_by_one = tuple(Secrets(component="secrets", count=1) for _ in range(count))
    together = (Secrets(component="secrets", count=count),)
    apart, joined = (
        bill(Inventory(cloud="aws", region="us-east-1", things=each), workload).monthly_usd
        for each in (one_by_one, together)
    )
    assert apart == joined
