from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import pytest

from policies.facts.unknown import (
    Undecidable,
    Unknown,
    derived,
    together,
    undecidable,
    unknown_property,
)

USES: dict[str, Callable[[Any], object]] = {
    "if": bool,
    "not": operator.not_,
    "==": lambda value: value == "gp3",
    "== the other way": lambda value: value == "gp3",
    "!=": lambda value: value != 3,
    "<": lambda value: value < 3,
    "> the other way": lambda value: 3 > value,  # noqa: SIM300  (the point)
    "chained comparison": lambda value: 1 <= value <= 5,
    "+": lambda value: value + 1,
    "+ the other way": lambda value: 1 + value,
    "*": lambda value: 2 * value,
    "//": lambda value: value // 2,
    "negative": operator.neg,
    "int": int,
    "float": float,
    "range": lambda value: range(value),
    "ceil": math.ceil,
    "round": round,
    "sum": lambda value: sum([1, value]),
    "max": lambda value: max(1, value),
    "sorted": lambda value: sorted([1, value]),
    "iteration": lambda value: list(value),
    "unpacking": lambda value: [*value],
    "len": len,
    "in it": lambda value: "x" in value,
    "in a tuple": lambda value: value in ("x", "y"),
    "in a set": lambda value: value in {"x"},
    "key of a mapping": lambda value: {value: 1},
    "item": lambda value: value["x"],
    "method of a string": lambda value: value.startswith("x"),
    "call": lambda value: value(),
    "str": str,
    "f-string": lambda value: f"{value}",
    "f-string with format": lambda value: f"{value:g}",
    "percent format": lambda value: "%s" % value,  # noqa: UP031  (the point)
    "bit or": lambda value: value | 1,
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_any_use_of_an_unknown_raises_and_names_the_property(
    use: Callable[[Any], object],
) -> None:
    unknown = unknown_property("letta-medium-db", "instanceClass")
    with pytest.raises(Undecidable) as raised:
        use(unknown)
    assert str(raised.value) == (
        "cannot decide: property `instanceClass` of `letta-medium-db` is unknown at preview; "
        "give it a plain value"
    )
    assert raised.value.resource == "letta-medium-db"


def test_an_unknown_can_be_shown_by_a_debugger_without_being_used() -> None:
    shown = repr(undecidable("db", "the class is in no catalog"))
    assert shown == "<unknown of db: the class is in no catalog>"


def test_what_is_made_of_an_unknown_is_unknown() -> None:
    unknown = unknown_property("db", "size")
    assert isinstance(derived(operator.add, 1, unknown), Unknown)
    assert isinstance(together([1, unknown]), Unknown)
    assert derived(operator.add, 1, 2) == 3
    assert together([1, 2]) == (1, 2)


def test_a_function_that_meets_an_unknown_inside_makes_an_unknown() -> None:
    inside = [unknown_property("db", "size")]
    made: Any = derived(lambda values: values[0] > 3, inside)
    assert isinstance(made, Unknown)
    with pytest.raises(Undecidable, match="property `size` of `db`"):
        bool(made)
