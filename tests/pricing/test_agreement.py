"""A stack file alone and the resources that come of it are billed alike.

The resources are recorded from the real assembly and read as policy reads them.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import pytest

from infra.settings import Settings
from pricing import book, plans, stack
from pricing.bill import Bill, price
from pricing.inventory import Inventory
from pricing.savings import terms
from pricing.span import ZERO, Span
from tests.policies import assembly
from tests.policies.judging import facts
from tests.pricing.variants import STACKS

_AMOUNTS = ("count", "gib")
"""Fields by which equal things add up."""

every_stack = pytest.mark.parametrize("name", STACKS)


@every_stack
def test_stack_file_and_resources_hold_the_same_things(name: str) -> None:
    found = differences(planned(name), recorded(name))
    assert not found, "\n".join(found)


@every_stack
def test_stack_file_and_resources_come_to_the_same_bill(name: str) -> None:
    ours, theirs = lines(bill(name, planned(name))), lines(bill(name, recorded(name)))
    found = [
        f"{line}: {ours.get(line)} from the stack file, {theirs.get(line)} from its resources"
        for line in {**ours, **theirs}
        if ours.get(line) != theirs.get(line)
    ]
    assert not found, "\n".join(found)


def test_a_difference_is_told() -> None:
    whole = planned("small, as it is")
    fewer = replace(whole, things=whole.things[1:], region="eu-central-1")
    told = differences(whole, fewer)
    assert told == [
        "region: us-east-1 from the stack file, eu-central-1 from its resources",
        "Machines(component=api, type=t3.medium, spot=False, disk_gib=30, disk_type=gp3, "
        "public_addresses=0): 1/1/1 from the stack file, 0/0/0 from its resources",
    ]


@cache
def settings(name: str) -> Settings:
    """The settings of a stack."""
    tier, overrides = STACKS[name]
    return stack.load(assembly.stack_file(tier, overrides), secret_keys={"llm"})


@cache
def planned(name: str) -> Inventory:
    """What the stack file says."""
    return plans.inventory(settings(name))


@cache
def recorded(name: str) -> Inventory:
    """What its resources say."""
    tier, overrides = STACKS[name]
    return facts(tier, assembly.resources(tier, overrides)).inventory


def bill(name: str, inventory: Inventory) -> Bill:
    """The bill of an inventory at list prices."""
    own = settings(name)
    return price(inventory, own.workload, _book(), terms(own.savings))


@cache
def _book() -> book.Book:
    return book.load(book.CURRENT)


def lines(bill: Bill) -> dict[str, str]:
    """What is billed for each item, and in all."""
    each = {
        f"{line.component}: {line.item} ({line.service} {line.sku})": _shown(line.monthly_usd)
        for line in bill.lines
    }
    assert len(each) == len(bill.lines)
    return {**each, "total": _shown(bill.monthly_usd)}


def differences(planned: Inventory, recorded: Inventory) -> list[str]:
    """What one inventory has and the other has not, a line each."""
    ours, theirs = merged(planned), merged(recorded)
    return [
        *(
            f"{field}: {one} from the stack file, {other} from its resources"
            for field in ("cloud", "region")
            if (one := getattr(planned, field)) != (other := getattr(recorded, field))
        ),
        *(
            f"{thing}: {_shown(ours.get(thing, ZERO))} from the stack file, "
            f"{_shown(theirs.get(thing, ZERO))} from its resources"
            for thing in sorted({*ours, *theirs})
            if ours.get(thing) != theirs.get(thing)
        ),
    ]


def merged(inventory: Inventory) -> dict[str, Span]:
    """What a thing is -> how much of it there is."""
    sums: dict[str, Span] = {}
    for thing in inventory.things:
        what = ", ".join(
            f"{field.name}={_value(getattr(thing, field.name))}"
            for field in fields(thing)
            if field.compare and field.name not in _AMOUNTS
        )
        amount = next((getattr(thing, name) for name in _AMOUNTS if hasattr(thing, name)), 1)
        span = amount if isinstance(amount, Span) else Span.fixed(amount)
        key = f"{type(thing).__name__}({what})"
        sums[key] = sums.get(key, ZERO) + span
    return sums


def _value(value: object) -> str:
    if isinstance(value, Span):
        return _shown(value)
    # One way may count in whole numbers where the other does not.
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shown(span: Span) -> str:
    return "/".join(f"{point.normalize():f}" for point in (span.floor, span.expected, span.ceiling))
