"""What is billed of a stack, and what a change makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from policies.facts.aws import billing
from policies.facts.graph import Graph
from policies.facts.resource import Resource
from pricing.inventory import Thing
from tests.policies.changes import Change, Resources, apply
from tests.policies.judging import facts, good

ThingT = TypeVar("ThingT", bound=Thing)


def things(stack: str, *changes: Change) -> tuple[Thing, ...]:
    """What is billed of a stack after some changes; all of it has a price."""
    deployment = facts(stack, apply(good(stack), changes))
    assert deployment.unpriced == ()
    return deployment.inventory.things


def changed(kind: type[ThingT], stack: str, *changes: Change) -> ThingT:
    """The one thing that some changes make another one, or add."""
    before, after = list(things(stack)), list(things(stack, *changes))
    for thing in list(after):
        if thing in before:
            before.remove(thing)
            after.remove(thing)
    (found,) = after
    assert isinstance(found, kind)
    assert [one.name for one in before] in ([], [found.name])
    return found


def gone(stack: str, *changes: Change) -> list[str]:
    """Names of what is no longer billed after some changes, which bill nothing new."""
    before, after = list(things(stack)), things(stack, *changes)
    for thing in after:
        before.remove(thing)
    return [one.name for one in before]


def unpriced(stack: str, *changes: Change) -> Mapping[str, str]:
    """Name -> why it is in no bill."""
    deployment = facts(stack, apply(good(stack), changes))
    return {one.name: one.reason for one in deployment.unpriced}


def resource(kind: str, name: str, properties: Mapping[str, Any], **more: Any) -> Resource:  # noqa: ANN401
    """A resource of the user's own."""
    urn = f"urn:pulumi:test::letta::{kind}::{name}"
    return Resource(type=kind, name=name, urn=urn, properties=properties, **more)


def beside(*added: Resource) -> Change:
    """Resources are there besides."""

    def change(resources: Resources) -> Resources:
        return (*resources, *added)

    return change


def known_types() -> frozenset[str]:
    """All types that can be billed, or are known to be free."""
    return billing.table(Graph(()), {}).types
