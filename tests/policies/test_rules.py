from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

import policies.rules
from infra.waivers import Waiver
from policies.facts.aws import types
from policies.facts.kubernetes import schema
from policies.facts.kubernetes import types as kubernetes_types
from policies.facts.model import Deployment
from policies.facts.resource import UNDETERMINED, Resource
from policies.rules import RULES, cluster, cost, models, pods
from policies.rules.rule import Rule
from policies.runner import Run, violations
from policies.waivers import Waivers
from tests.policies import mutants, mutants_cluster, mutants_security
from tests.policies.changes import Known, Put, Where, apply
from tests.policies.clouds.aws import MUTANTS as ALL
from tests.policies.judging import STACKS, facts, good, judged
from tests.policies.mutants import Mutant

T = TypeVar("T")

CHANGING = tuple(one for one in ALL if isinstance(one.changes[0], Known))
LOOKED_AT_WHEN_KNOWN = {"no-plain-secret-anywhere", "kubernetes-schema-type"}
"""What the cloud makes up is unknown in every first preview. A secret in it is looked for at the
end of the update, and so is whether it fits an object's schema; what the program itself hands to
containers and machines must be known."""
UNKNOWNS = (
    *(one.unknown() for one in CHANGING if one.id not in LOOKED_AT_WHEN_KNOWN),
    *mutants_security.UNKNOWNS_ONLY,
    *mutants_cluster.UNKNOWNS_ONLY,
)
UNPRICED = "every-billable-resource-is-priced"
"""What nobody should deploy may have no price either."""
BY_NAME = {rule.name: rule for rule in RULES}
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("mutant", UNKNOWNS, ids=lambda one: one.id)
def test_the_same_property_fed_as_an_unknown_is_refused_by_the_rule(mutant: Mutant) -> None:
    broken = judged(mutant.tier, apply(good(mutant.tier), mutant.changes))
    assert mutant.rule in broken


def test_an_unknown_is_named_with_its_resource_and_the_way_out() -> None:
    unknown = Put(mutants.PRIMARY, "instanceClass", UNDETERMINED)
    assert judged("medium", unknown(good("medium")))["database-class"] == [
        "cannot decide: property `instanceClass` of `letta-medium-db-primary` is unknown at "
        "preview; give it a plain value"
    ]


def test_a_value_that_no_catalog_knows_cannot_be_decided_either() -> None:
    unknown = Put(mutants.API_MACHINE, "instanceType", "m5.lage")
    (message,) = judged("medium", unknown(good("medium")))["api-machine-size"]
    assert message.startswith("cannot decide: 'm5.lage' is no EC2 instance type in the catalog")


OF_A_BILL = {"monthly-budget-uncertain", "price-age", "egress-share", "cost-change"}
"""Rules that no resource breaks, but prices, the workload or what is deployed: `test_cost.py`."""


@pytest.mark.parametrize(
    "rule", [one for one in RULES if one.name not in OF_A_BILL], ids=lambda rule: rule.name
)
def test_every_rule_has_a_mutant_and_an_unknown(rule: Rule) -> None:
    assert rule.name in {one.rule for one in ALL}
    assert rule.name in {one.rule for one in UNKNOWNS}


@pytest.mark.parametrize("mutant", ALL, ids=lambda one: one.id)
def test_a_waiver_excuses_a_violation_and_remembers_it(mutant: Mutant) -> None:
    deployment = facts(mutant.tier, apply(good(mutant.tier), mutant.changes))
    rule = BY_NAME[mutant.rule]
    found = list(violations(rule, deployment, {}))
    entry = {
        "rule": rule.name,
        "resource": "letta-*",
        "reason": "accepted",
        "owner": "me",
        "expires": str(TODAY),
    }
    waivers = Waivers([Waiver.model_validate_json(json.dumps(entry))], TODAY)
    run = Run(deployment=deployment, waivers=waivers)
    assert list(run.judge(rule, {})) == []
    assert [one.violation for one in run.waived] == found


def test_numbers_of_a_rule_can_be_set() -> None:
    deployment = facts("medium", good("medium"))
    rule = BY_NAME["replica-bounds"]
    assert not list(violations(rule, deployment, {"most": 10}))
    (found,) = violations(rule, deployment, {"most": 8})
    assert found.message == (
        "letta-medium-api: grows to 10 copies, most is 8; set letta:api.max_replicas to 8 or less"
    )


def test_an_autoscaler_may_move_the_copies_of_a_service_that_exists() -> None:
    service = Where("Service", "-api")
    moved = apply(
        good("medium"),
        [Put(service, "desiredCount", 9), Put(service, "arn", "arn:aws:ecs:us-east-1:1:service/x")],
    )
    assert judged("medium", moved) == {}


def empty() -> Deployment:
    stack = next(one for one in good("large") if one.type == "letta:index:Deployment")
    return facts("large", (stack,))


NEED_NO_SUBJECT = {
    # Workers are demanded by worker-count; copies without machines have none.
    "worker-size",
    "imds-v2",
    # An API tier without an autoscaler is replica-bounds' to refuse.
    "replica-bounds",
    "cpu-target",
    "memory-target",
    "scaling-cooldowns",
    # A firewall is demanded by waf-present.
    "waf-passes-prompts",
    "waf-rate-limit",
    "waf-logged",
    # Servers need no cluster, and models no server of the stack's own.
    *(rule.name for rule in (*pods.RULES, *cluster.RULES, *models.RULES)),
    # What is not there costs nothing.
    *(rule.name for rule in cost.RULES),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_stack_without_what_a_rule_is_about_breaks_it(rule: Rule) -> None:
    found = list(violations(rule, empty(), {}))
    assert bool(found) is (rule.name not in NEED_NO_SUBJECT)


READ = {
    token
    for tokens in (types, kubernetes_types)
    for name, token in vars(tokens).items()
    if name.isupper() and isinstance(token, str)
}
INSIDE = {
    token
    for token in READ
    if token.startswith(("kubernetes:", "aws:eks", "aws:wafv2")) and not token.endswith(":Release")
}
"""Types of which rules read what lies deep within."""


_LIKE_ANY_OTHER = ("metadata.annotations", "metadata.labels", "values", "visibilityConfig")
"""Places whose parts are never looked at one by one."""


def _places(value: object, path: str = "") -> Iterator[str]:
    """Paths of all that stands in a value, as far as `Put` can name it."""
    if path:
        yield path
    inside: Iterable[tuple[object, object]] = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, item in inside:
        if "." not in str(key) and path not in _LIKE_ANY_OTHER:
            yield from _places(item, f"{path}.{key}" if path else str(key))


def _place(kind: str, path: str) -> tuple[str, str]:
    """What a place is to the rules: one element of a list is like the other, and one container
    like any."""
    path = re.sub(r"\d+", "0", path)
    workload, found, inside = path.partition("ontainers.0.")
    return ("container", inside) if found else (kind, workload)


@cache
def _unknowns() -> dict[str, dict[tuple[str, str], Put]]:
    """Stack -> a change to unknown for each property of each type, in the first stack that has
    it; the same place of every element of a list counts as one."""
    found: dict[str, dict[tuple[str, str], Put]] = {stack: {} for stack in STACKS}
    seen = set()
    for stack in STACKS:
        for resource in good(stack):
            kind = resource.type.partition(":")[2]
            if resource.type not in READ:
                continue
            deep = resource.type in INSIDE
            for path in _places(resource.properties) if deep else resource.properties:
                place = _place(resource.type, path)
                if place not in seen:
                    seen.add(place)
                    found[stack][place] = Put(Where(kind, resource.name), path, UNDETERMINED)
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_no_property_makes_a_rule_crash_when_it_is_unknown(
    stack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_problems", _once_each(schema._problems))
    for unknown in _unknowns()[stack].values():
        judged(stack, unknown(good(stack)))


def _once_each(problems: Callable[[Resource, str], T]) -> Callable[[Resource, str], T]:
    """Objects that a change leaves alone are not held to their schemas hundreds of times."""
    known: dict[int, tuple[Resource, T]] = {}

    def remembered(resource: Resource, version: str) -> T:
        if id(resource) not in known:
            # Kept with its resource: an address is given out again.
            known[id(resource)] = resource, problems(resource, version)
        return known[id(resource)][1]

    return remembered


def test_the_properties_that_are_made_unknown_are_many() -> None:
    assert sum(map(len, _unknowns().values())) > 400


def _sources() -> list[Path]:
    package = Path(policies.rules.__file__).parent
    return [path for path in package.glob("*.py") if path.name not in ("__init__.py", "rule.py")]


@pytest.mark.parametrize("path", _sources(), ids=lambda path: path.name)
def test_rules_never_ask_what_an_unknown_could_answer(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not isinstance(node, ast.Is | ast.IsNot), "`is` lets an unknown pass"
        named = node.id if isinstance(node, ast.Name) else ""
        assert named not in ("isinstance", "type", "hasattr", "getattr_static", "repr"), named


def test_rules_are_named_once_in_kebab_case_with_one_sentence() -> None:
    assert len(BY_NAME) == len(RULES)
    for rule in RULES:
        assert all(part.isalnum() and part == part.lower() for part in rule.name.split("-"))
        assert rule.description.endswith(".")
        assert ". " not in rule.description
