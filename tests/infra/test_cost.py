"""What a stack has on record of its cost, and the invoice that the cloud's alert is set on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pulumi
import pytest
from google.protobuf import json_format
from pulumi.runtime import mocks

from components.aws.platform import PLATFORM
from infra import cost, platforms
from infra.settings import Settings, load
from infra.stack import Deployment
from pricing import book, stack
from pricing.bill import Bill, Line
from pricing.inventory import Component
from pricing.span import Span
from pricing.tariffs.charge import Biller
from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import Run, run
from tests.policies.assembly import stack_file


def line(usd: str, billed_by: Biller, component: Component = "api") -> Line:
    return Line(
        component=component,
        item="something",
        service="ec2",
        sku="x",
        quantity=Span.fixed(1),
        unit="month",
        unit_price_usd=Decimal(usd),
        monthly_usd=Span(Decimal(1), Decimal(2), Decimal(usd)),
        as_of=date(2026, 11, 1),
        source="a test",
        trust="api",
        weak=False,
        billed_by=billed_by,
    )


def bill(*lines: Line) -> Bill:
    return Bill(
        book="test", cloud="aws", region="us-east-1", lines=lines, agents=1, messages=1, warnings=()
    )


@pytest.mark.parametrize(("usd", "whole"), [("10.00", 10), ("10.01", 11), ("9.99", 10)])
def test_the_clouds_invoice_at_the_ceiling_is_rounded_up_to_whole_dollars(
    usd: str, whole: int
) -> None:
    assert cost.cloud_ceiling_usd(bill(line(usd, "cloud"))) == whole


def test_models_and_services_of_others_are_on_invoices_of_their_own() -> None:
    lines = (line("10.50", "cloud"), line("500", "models", "llm"), line("70", "services"))
    assert cost.cloud_ceiling_usd(bill(*lines)) == 11


def test_a_record_holds_plain_numbers_and_each_components_share() -> None:
    lines = (line("10.50", "cloud"), line("3", "cloud"), line("500.25", "models", "llm"))
    assert cost.record(bill(*lines)) == {
        "book": "test",
        "floor": 3.0,
        "expected": 6.0,
        "ceiling": 513.75,
        "components": {"api": 4.0, "llm": 2.0},
    }


def settings(**changes: object) -> Settings:
    values = {**stack_file("medium", {}), **changes}
    return load(
        {key: str(value) for key, value in values.items() if value is not None},
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )


def test_the_alert_is_set_on_what_the_cloud_bills_though_no_budget_is_given() -> None:
    result = deployed("medium")
    prices = book.load(book.CURRENT)
    lines = stack.bill_of(settings(), prices).lines
    tokens = [one for one in lines if one.item.startswith("openai/")]
    assert tokens
    own = sum(one.monthly_usd.ceiling for one in lines if one not in tokens)
    assert result.one(":Budget").inputs["limitAmount"] == f"{math.ceil(own)}.00"


def test_a_deployment_exports_its_own_bill() -> None:
    total = stack.bill_of(settings(), book.load(book.CURRENT)).monthly_usd
    exported = deployed("medium").result.outputs[cost.OUTPUT]
    found = [Decimal(str(exported[name])) for name in ("floor", "expected", "ceiling")]
    assert found == [total.floor, total.expected, total.ceiling]


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", said.append)
    return said


@pytest.fixture
def without_a_price(monkeypatch: pytest.MonkeyPatch, warnings: list[str]) -> list[str]:
    """The book has no price of a load balancer; what is warned of."""
    whole = book.load(book.CURRENT)
    rows = tuple(row for row in whole.rows if row.service != "elb")
    monkeypatch.setattr(cost, "_book", lambda: replace(whole, rows=rows))
    return warnings


def built(**changes: object) -> Run[Deployment]:
    found = settings(**changes)
    return run(lambda: Deployment("test", found, PLATFORM))


def test_where_a_price_is_missing_there_is_no_record_but_a_warning(
    without_a_price: list[str],
) -> None:
    assert cost.OUTPUT not in built().result.outputs
    (said,) = without_a_price
    assert said.startswith("the stack keeps no record of its cost: ")
    assert "load balancer" in said


@pytest.mark.parametrize(("budget", "limits"), [("2500", ["2500.00"]), (None, [])])
def test_where_a_price_is_missing_the_alert_is_set_on_the_budget_if_there_is_one(
    budget: str | None, limits: list[str], without_a_price: list[str]
) -> None:
    result = built(budget=budget)
    assert [one.inputs["limitAmount"] for one in result.all(":Budget")] == limits
    assert without_a_price


class Backend(mocks.Mocks):
    """A backend that knows what the stack last exported."""

    def __init__(self, outputs: Mapping[str, Any]) -> None:
        self.outputs = outputs
        self.asked: list[str] = []

    def call(self, args: mocks.MockCallArgs) -> Any:  # noqa: ANN401  (the base's type)
        raise NotImplementedError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ != "pulumi:pulumi:StackReference":
            return "", {}
        self.asked.append(str(args.resource_id))
        return str(args.resource_id), {"outputs": self.outputs, "secretOutputNames": []}


class Monitor(mocks.MockMonitor):
    """Keeps what components register as their outputs."""

    outputs: dict[str, Any]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: ANN401, N802
        if "CostRecord" in request.urn:
            self.outputs = json_format.MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def registered(
    outputs: Mapping[str, Any], *, preview: bool = True
) -> tuple[dict[str, Any], list[str]]:
    """What a record registers, and which stacks it asked for, where the stack last exported
    `outputs`."""
    backend = Backend(outputs)
    monitor = Monitor(backend)
    pulumi.runtime.set_mocks(
        backend,
        project="letta",
        stack="medium",
        organization="acme",
        monitor=monitor,
        preview=preview,
    )

    def program() -> None:
        cost.Record("medium")

    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    return monitor.outputs, backend.asked


def test_a_record_shows_rules_what_the_same_stack_exported_last() -> None:
    last = {"book": "list", "floor": 1, "expected": 2, "ceiling": 3, "components": {"api": 2}}
    outputs, asked = registered({cost.OUTPUT: last, "url": "https://letta.example.com"})
    assert outputs == {"deployed": last}
    assert asked == ["acme/letta/medium"]


def test_a_stack_that_was_never_deployed_has_none() -> None:
    outputs, _ = registered({})
    assert not outputs.get("deployed")


def test_an_update_reads_no_state_while_it_is_written() -> None:
    outputs, asked = registered({cost.OUTPUT: {"ceiling": 3}}, preview=False)
    assert outputs == {"updating": True}
    assert asked == []
