"""The rules on every cloud: a good stack breaks none, and each bad one exactly one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra import platforms
from infra.settings import load
from policies.facts.model import Deployment
from policies.rules import RULES
from policies.runner import violations
from pricing import plans
from pricing.bill import price
from tests.policies import assembly, mutants_any_cloud
from tests.policies.case import Case, case, reasons
from tests.policies.changes import Known, apply
from tests.policies.coverage import cell
from tests.policies.mutants import Mutant
from tests.policies.mutants_any_cloud import DEAR, Dear

UNPRICED = "every-billable-resource-is-priced"
"""What nobody should deploy may have no price either."""
OTHERS = platforms.CLOUDS[1:]
"""The unknowns of the first cloud are in `test_rules.py`."""
BY_NAME = {rule.name: rule for rule in RULES}


def _stacks() -> Iterator[object]:
    for cloud in platforms.CLOUDS:
        for stack in case(cloud).stacks:
            yield pytest.param(case(cloud), stack, id=f"{cloud}-{stack}")


def _mutants() -> Iterator[object]:
    for cloud in platforms.CLOUDS:
        for mutant in case(cloud).mutants:
            yield pytest.param(case(cloud), mutant, id=f"{cloud}-{mutant.id}")


def _unknowns() -> Iterator[object]:
    for cloud in OTHERS:
        for mutant in case(cloud).mutants:
            if isinstance(mutant.changes[0], Known) and mutant.id not in case(cloud).let_through:
                yield pytest.param(case(cloud), mutant.unknown(), id=f"{cloud}-{mutant.id}")


every_cloud = pytest.mark.parametrize("cloud", platforms.CLOUDS)
every_stack = pytest.mark.parametrize(("of", "stack"), [*_stacks()])


@every_stack
def test_a_good_stack_breaks_no_rule_but_those_that_it_accepts(of: Case, stack: str) -> None:
    good = of.facts(stack, of.good(stack))
    broken = {rule.name for rule in RULES if list(violations(rule, good, {}))}
    assert broken == of.accepted.get(stack, frozenset())


@every_stack
def test_every_resource_that_costs_something_is_priced(of: Case, stack: str) -> None:
    deployment = of.facts(stack, of.good(stack))
    assert deployment.unpriced == ()
    assert deployment.missing_prices == ()
    assert deployment.billable > 0


@pytest.mark.parametrize(("of", "mutant"), [*_mutants()])
def test_a_bad_configuration_is_caught_by_its_rule_alone(of: Case, mutant: Mutant) -> None:
    broken = of.judged(mutant.tier, apply(of.good(mutant.tier), mutant.changes))
    assert set(broken) - {UNPRICED} == {mutant.rule} - {UNPRICED}
    whole = of.cloud == platforms.DEFAULT
    assert any(
        mutant.message == said if whole else mutant.message in said for said in broken[mutant.rule]
    )


@every_cloud
def test_no_two_bad_configurations_have_the_same_name(cloud: str) -> None:
    names = [one.id for one in case(cloud).mutants]
    assert len({*names}) == len(names)


@pytest.mark.parametrize("rule", BY_NAME)
@every_cloud
def test_every_rule_catches_something_or_says_why_it_cannot(cloud: str, rule: str) -> None:
    found = cell(cloud, rule)
    assert bool(found.tests) is not found.never


@pytest.mark.parametrize(("of", "mutant"), [*_unknowns()])
def test_what_is_not_known_breaks_the_rule_that_reads_it(of: Case, mutant: Mutant) -> None:
    broken = of.judged(mutant.tier, apply(of.good(mutant.tier), mutant.changes))
    assert mutant.rule in broken


@every_cloud
def test_a_resource_of_an_unknown_type_is_not_taken_for_free(cloud: str) -> None:
    stranger = mutants_any_cloud.STRANGER
    broken = case(cloud).judged("medium", apply(case(cloud).good("medium"), stranger.changes))
    assert set(broken) == {stranger.rule}
    assert any(stranger.message in said for said in broken[stranger.rule])


def _broken(of: Case, deployment: Deployment, dear: Dear) -> set[str]:
    """Rules that a medium stack breaks, that of the bill with numbers of an organisation's own."""
    return {
        rule.name
        for rule in RULES
        if list(violations(rule, deployment, dear.numbers if rule.name == dear.rule else {}))
    } - of.accepted.get("medium", frozenset())


@pytest.mark.parametrize("dear", DEAR, ids=lambda dear: dear.rule)
@every_cloud
def test_a_bill_that_is_not_as_it_should_be_is_caught_by_its_rule_alone(
    cloud: str, dear: Dear
) -> None:
    of = case(cloud)
    deployment = dear.change(of.facts("medium", of.good("medium")))
    assert _broken(of, deployment, dear) == {dear.rule}


@every_stack
def test_the_bill_of_the_stack_file_is_that_of_the_resources(of: Case, stack: str) -> None:
    tier, overrides = of.stacks[stack]
    settings = load(
        assembly.stack_file(tier, of.with_keys(overrides), of.cloud),
        secret_keys={"llm"},
        clouds=platforms.CLOUDS,
        catalog=platforms.catalog,
    )
    spending = of.spending(stack)
    planned = price(plans.inventory(settings), settings.workload, spending.book, spending.terms)
    assert planned.monthly_usd == of.facts(stack, of.good(stack)).bill.monthly_usd


@every_cloud
def test_only_rules_that_exist_are_said_to_have_nothing_to_look_at(cloud: str) -> None:
    for why in reasons(cloud).values():
        assert why.keys() <= BY_NAME.keys()
        assert all(each and not each.endswith(".") for each in why.values())


@every_cloud
def test_what_has_nothing_to_look_at_is_not_broken_even_where_nothing_is_there(cloud: str) -> None:
    of = case(cloud)
    for stack in of.stacks:
        deployment = of.facts(stack, of.good(stack))
        for name in deployment.inapplicable:
            assert not list(violations(BY_NAME[name], deployment, {}))
