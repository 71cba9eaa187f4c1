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
)

REASON = "property `size` of `db` is unknown at preview"


def unknown() -> Any:  # noqa: ANN401  (stands for any type)
    return Unknown("db", "urn:db", REASON)


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
    with pytest.raises(Undecidable) as raised:
        use(unknown())
    assert str(raised.value) == f"cannot decide: {REASON}"
    assert (raised.value.resource, raised.value.urn) == ("db", "urn:db")


def test_an_unknown_can_be_shown_by_a_debugger_without_being_used() -> None:
    assert repr(unknown()) == f"<unknown of db: {REASON}>"


def test_what_is_made_of_an_unknown_is_unknown() -> None:
    assert isinstance(derived(operator.add, 1, unknown()), Unknown)
    assert isinstance(together([1, unknown()]), Unknown)
    assert derived(operator.add, 1, 2) == 3
    assert together([1, 2]) == (1, 2)


def test_a_function_that_meets_an_unknown_inside_makes_an_unknown() -> None:
    made: Any = derived(lambda values: values[0] > 3, [unknown()])
    assert isinstance(made, Unknown)
    with pytest.raises(Undecidable, match="property `size` of `db`"):
        bool(made)
