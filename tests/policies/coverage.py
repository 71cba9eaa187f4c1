"""Which test shows that a rule catches something on a cloud, or why it cannot."""

from __future__ import annotations

from dataclasses import dataclass

from tests.policies.case import case, reasons
from tests.policies.mutants_any_cloud import DEAR, STRANGER

CAUGHT = "test_a_bad_configuration_is_caught_by_its_rule_alone"
ACCEPTED = "test_a_good_stack_breaks_no_rule_but_those_that_it_accepts"
BILL = "test_a_bill_that_is_not_as_it_should_be_is_caught_by_its_rule_alone"
UNKNOWN = "test_a_resource_of_an_unknown_type_is_not_taken_for_free"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A rule on a cloud."""

    tests: tuple[str, ...]
    """Functions and parameters of tests, in `tests/policies`, in which the rule alone catches
    something."""
    reasons: tuple[str, ...]
    """Why there is nothing that it could catch, on some stacks of the cloud or on all."""
    never: bool
    """Whether there is nothing on any of them."""


def cell(cloud: str, rule: str) -> Cell:
    """What is shown of a rule on a cloud."""
    of = case(cloud)
    bad = [f"{CAUGHT}[{cloud}-{one.id}]" for one in of.mutants if one.rule == rule]
    stacks = [
        f"{ACCEPTED}[{cloud}-{stack}]" for stack, rules in of.accepted.items() if rule in rules
    ]
    bills = [f"{BILL}[{cloud}-{one.rule}]" for one in DEAR if one.rule == rule]
    strangers = [f"{UNKNOWN}[{cloud}]"] if rule == STRANGER.rule else []
    why = [stack[rule] for stack in reasons(cloud).values() if rule in stack]
    return Cell(
        tests=(*bad, *bills, *strangers, *stacks),
        reasons=tuple(dict.fromkeys(why)),
        never=len(why) == len(reasons(cloud)),
    )
