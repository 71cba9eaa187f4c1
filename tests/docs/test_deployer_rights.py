"""The deployer may do what the stacks need, by statements that IAM can apply."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import Run
from tests.docs.deployer_rights import LOOKUPS, RIGHTS, STACKS

_POLICIES = sorted((Path(__file__).parents[2] / "docs" / "aws").glob("deployer-*.json"))


@functools.cache
def _statements() -> tuple[dict[str, Any], ...]:
    return tuple(
        statement
        for path in _POLICIES
        for statement in json.loads(path.read_text(encoding="utf-8"))["Statement"]
    )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _granted() -> set[str]:
    return {action for statement in _statements() for action in statement["Action"]}


def _actions(row: str) -> set[str]:
    """`service: Action Action; service: Action` as IAM writes them."""
    parts = (part.partition(": ") for part in row.split("; ") if part)
    return {f"{service}:{action}" for service, _, names in parts for action in names.split()}


def _stacks() -> Iterator[Run[Any]]:
    for tier, values in STACKS.values():
        yield deployed(tier, **values)


@functools.cache
def _reference() -> dict[str, Any]:
    """The Service Authorization Reference, by service, in lower case."""
    file = resources.files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _common(one: str, other: str) -> bool:
    """Whether some text fits both patterns, in which `*` stands for any."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _common(one[1:], other) or _common(one, other[1:])
    if other[0] == "*":
        return _common(other, one)
    return one[0] == other[0] and _common(one[1:], other[1:])


def _fits(resource: str, action: str) -> bool:
    """Whether a statement on `resource` can ever apply to the action."""
    service, _, name = action.partition(":")
    reference = _reference()[service]
    kinds = _listed(reference["Actions"][name.lower()].get("Resources", []))
    if resource == "*":
        return True
    formats = (
        each for kind in kinds for each in reference["Resources"][kind.lower()]["ARNFormats"]
    )
    wanted = re.sub(r"\$\{\w+\}", "x", resource).split(":", 5)
    for arn in formats:
        of = re.sub(r"\$\{\w+\}", "x", arn).replace(".*", "*").split(":", 5)
        if wanted[2] == of[2] and _common(wanted[5], of[5]):
            return True
    return False


def test_every_type_that_a_stack_creates_has_its_rights_stated() -> None:
    created = {
        each.type.removeprefix("aws:")
        for run in _stacks()
        for each in run.resources
        if each.type.startswith("aws:")
    }
    assert created == RIGHTS.keys()


def test_every_lookup_of_a_stack_has_its_rights_stated() -> None:
    called = {name.removeprefix("aws:") for run in _stacks() for name in run.calls}
    assert called == LOOKUPS.keys()


@pytest.mark.parametrize("kind", [*RIGHTS, *LOOKUPS])
def test_the_deployer_has_the_rights(kind: str) -> None:
    assert _actions({**RIGHTS, **LOOKUPS}[kind]) <= _granted()


def test_the_deployer_has_no_service_that_nothing_needs() -> None:
    needed = set().union(*map(_actions, (*RIGHTS.values(), *LOOKUPS.values())))
    services = {action.partition(":")[0] for action in needed}
    assert {action.partition(":")[0] for action in _granted()} == services


def test_every_action_exists_and_applies_to_the_resources_it_is_granted_on() -> None:
    useless = [
        (statement["Sid"], action)
        for statement in _statements()
        for action in statement["Action"]
        if not any(_fits(resource, action) for resource in _listed(statement["Resource"]))
    ]
    assert useless == []


def test_every_resource_that_is_named_serves_an_action() -> None:
    idle = [
        (statement["Sid"], resource)
        for statement in _statements()
        for resource in _listed(statement["Resource"])
        if not any(_fits(resource, action) for action in statement["Action"])
    ]
    assert idle == []


def test_every_service_that_takes_a_role_may_be_handed_one() -> None:
    trusted = set()
    for role in itertools.chain.from_iterable(run.all(":Role") for run in _stacks()):
        for statement in json.loads(role.inputs["assumeRolePolicy"])["Statement"]:
            trusted |= set(_listed(statement["Principal"]["Service"]))
    handed = set()
    for statement in _statements():
        if "iam:PassRole" in statement["Action"]:
            handed |= set(statement["Condition"]["StringEquals"]["iam:PassedToService"])
    assert handed == trusted
