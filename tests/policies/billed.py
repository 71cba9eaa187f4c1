"""What is billed of a stack, and what a change makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    before, after = _named(things(stack)), _named(things(stack, *changes))
    for one in list(after):
        if one in before:
            before.remove(one)
            after.remove(one)
    ((name, found),) = after
    assert isinstance(found, kind)
    assert [gone for gone, _ in before] in ([], [name])
    return found


def gone(stack: str, *changes: Change) -> list[str]:
    """Names of what is no longer billed after some changes, which bill nothing new."""
    before, after = _named(things(stack)), _named(things(stack, *changes))
    for one in after:
        before.remove(one)
    return [name for name, _ in before]


def _named(found: Iterable[Thing]) -> list[tuple[str, Thing]]:
    """Things with their names, by which they do not compare."""
    return [(one.name, one) for one in found]


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
    return billing.table(Graph(()), {}, ()).types
