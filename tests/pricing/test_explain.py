"""Why a stack's bill differs from the document's: every difference, to the cent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing import references
from pricing.bill import Bill, Line
from pricing.book import load
from pricing.inventory import Component, LogGroups
from pricing.plans import inventory
from pricing.references import CAUSES, explain, reference
from pricing.span import Span
from pricing.stack import bill_of, load_stack

ROOT = Path(__file__).parents[2]
SOURCE = load("source-2025")
LIST = load("list")


@pytest.mark.parametrize("tier", references.TIERS)
def test_the_differences_lead_from_the_document_to_the_stack_to_the_cent(tier: str) -> None:
    stack = bill_of(load_stack(ROOT / f"Pulumi.{tier}.yaml"), LIST)
    found = explain(tier, stack, SOURCE, LIST)
    assert found.document_usd + sum(step.usd for step in found.steps) == found.stack_usd
    assert found.stack_usd == stack.monthly_usd.expected
    to_today = sum(found.by_cause[cause] for cause in CAUSES[:3])
    assert found.document_usd + to_today == found.reference_usd
    assert found.reference_usd == reference(tier, LIST).monthly_usd.expected
    assert all(step.usd for step in found.steps)


@pytest.mark.parametrize("tier", references.TIERS)
def test_everything_in_the_committed_stacks_has_a_topic(tier: str) -> None:
    stack = bill_of(load_stack(ROOT / f"Pulumi.{tier}.yaml"), LIST)
    steps = explain(tier, stack, SOURCE, LIST).steps
    assert [step.item for step in steps if ": " in step.item and step.cause in CAUSES[3:]] == []


def test_the_document_leaves_out_what_a_stack_needs_to_be_safe() -> None:
    stack = bill_of(load_stack(ROOT / "Pulumi.medium.yaml"), LIST)
    left_out = {
        step.item
        for step in explain("medium", stack, SOURCE, LIST).steps
        if step.cause == "left out by the document"
    }
    assert left_out >= {
        "standby in a second zone",
        "NAT gateways",
        "public addresses",
        "encryption keys",
        "secrets",
        "alarms and metrics",
        "traffic between zones",
    }


def _line(service: str, sku: str, usd: str, component: Component = "network") -> Line:
    return Line(
        component=component,
        item=sku,
        service=service,
        sku=sku,
        quantity=Span.fixed(1),
        unit="month",
        unit_price_usd=Decimal(usd),
        monthly_usd=Span.fixed(Decimal(usd)),
        as_of=None,
        source="",
        trust="memory",
        weak=True,
    )


def _stack(*lines: Line) -> Bill:
    return Bill(
        book="list", cloud="aws", region="us-east-1", lines=lines, agents=1000, messages=1_000_000
    )


def test_the_note_on_logs_names_what_some_stack_logs_and_nothing_else() -> None:
    settings = [load_stack(ROOT / f"Pulumi.{tier}.yaml") for tier in ("small", "medium", "large")]
    kept = {
        thing.holds
        for each in settings
        for thing in inventory(each).things
        if isinstance(thing, LogGroups)
    }
    steps = explain("large", bill_of(settings[-1], LIST), SOURCE, LIST).steps
    (note,) = {step.note for step in steps if step.item == "logs"}
    words = {"flows": "network", "firewall": "firewall", "control_plane": "cluster"}
    assert {kind for kind, word in words.items() if word in note} == kept & set(words)


def test_what_only_the_stack_has_is_left_out_by_the_document() -> None:
    same = reference("medium", LIST).lines
    found = explain(
        "medium", _stack(*same, _line("vpc", "nat-gateway:hour", "65.70")), SOURCE, LIST
    )
    ours = [step for step in found.steps if step.cause not in ("prices since",)][-1]
    assert (ours.cause, ours.item, ours.usd) == (
        "left out by the document",
        "NAT gateways",
        Decimal("65.70"),
    )


def test_what_only_the_document_has_is_not_in_the_stack() -> None:
    fewer = [line for line in reference("medium", LIST).lines if line.service != "new-relic"]
    found = explain("medium", _stack(*fewer), SOURCE, LIST)
    assert found.by_cause["not in the stack"] == Decimal("-40.00")
    assert found.by_cause["left out by the document"] == 0
    assert found.by_cause["done otherwise"] == 0


def test_half_of_a_price_for_two_zones_is_the_standby_to_the_cent() -> None:
    others = [line for line in reference("medium", LIST).lines if line.component != "database"]
    server = _line("rds-postgres", "db.r5.large:multi-az", "365.01", "database")
    found = explain("medium", _stack(*others, server), SOURCE, LIST)
    by_item = {step.item: step for step in found.steps if step.cause != "prices since"}
    assert by_item["standby in a second zone"].usd == Decimal("182.50")
    assert by_item["database"].usd == Decimal("182.51") - Decimal("411.00")


def test_a_thing_that_no_topic_knows_still_adds_up() -> None:
    same = reference("small", LIST).lines
    found = explain("small", _stack(*same, _line("quantum", "qubits", "7.77")), SOURCE, LIST)
    assert "network: quantum" in {step.item for step in found.steps}
    assert found.document_usd + sum(step.usd for step in found.steps) == found.stack_usd


def test_a_stack_at_another_book_cannot_be_explained() -> None:
    with pytest.raises(ValueError, match="priced by book source-2025, not by list"):
        explain("small", reference("small", SOURCE), SOURCE, LIST)


_LINES = st.builds(
    _line,
    st.sampled_from(["ec2", "ebs", "rds-postgres", "vpc", "kms", "s3", "openai", "unheard-of"]),
    st.sampled_from(["db.r5.large:multi-az", "storage-gp3:multi-az", "gp3", "public-ipv4", "x"]),
    st.decimals(0, 10**6, places=2).map(str),
    st.sampled_from(["api", "database", "network", "llm", "vectors"]),
)


@given(st.sampled_from(references.TIERS), st.lists(_LINES, max_size=12))
def test_the_differences_to_any_bill_add_up(tier: str, lines: list[Line]) -> None:
    found = explain(tier, _stack(*lines), SOURCE, LIST)
    assert found.document_usd + sum(step.usd for step in found.steps) == found.stack_usd
    assert sum(found.by_cause.values()) == found.stack_usd - found.document_usd
