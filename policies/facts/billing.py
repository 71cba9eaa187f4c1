"""From resources to what is billed: how tables of types are read, whichever cloud they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from components.letta import providers
from policies.facts.graph import Graph
from policies.facts.model import Server, Service, Unpriced
from policies.facts.resource import Resource
from policies.facts.unknown import Undecidable, Unknown
from pricing.inventory import EmbeddingModel, Inventory, LanguageModel, Thing
from pricing.span import Span

Reader = Callable[[Resource], Iterable[Thing]]
"""A resource -> what is billed of it; nothing where something else is billed instead. Raises
`NotPriced` for what an inventory has no word for."""

_OWN_TYPES = "letta:"
_FREE_TYPES = (_OWN_TYPES, "pulumi:")
"""Beginnings of the types of this package's components, and of what the engine keeps itself."""
_PROVIDERS = "pulumi:providers:"
_UNKNOWN_TYPE = "resources of this type are neither priced nor known to be free"


class NotPriced(Exception):  # noqa: N818  (an outcome of a reader, not a failure of the program)
    """A resource costs something that no price stands for. `str()` says why, as a clause."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """What is known of the resources of a provider's package."""

    readers: Mapping[str, Reader]
    """Type -> how what it is billed by is read."""
    free: Mapping[str, str]
    """Type -> why nothing is billed for it."""

    @property
    def types(self) -> frozenset[str]:
        """All types that are known."""
        return frozenset((*self.readers, *self.free))


@dataclass(frozen=True, kw_only=True)
class Billing:
    """What is billed of a stack, and what should be and cannot."""

    inventory: Inventory
    """A thing that cannot be told stands in it as an `Unknown`."""
    unpriced: tuple[Unpriced, ...]
    billable: int
    """Resources that cause costs of their own, the unpriced ones too."""


def billing(
    graph: Graph,
    tables: Iterable[Table],
    *,
    cloud: str,
    region: str,
    elsewhere: Callable[[Resource], str],
    services: Iterable[Service],
) -> Billing:
    """What is billed of a stack, resource by resource in the order of the graph.

    `elsewhere`: why a resource cannot be billed as one of the stack's region, as a clause; empty
    for those that can. `services`: whose models are billed by the token.
    """
    known = tuple(tables)
    readers = dict(chain.from_iterable(table.readers.items() for table in known))
    free = frozenset(chain.from_iterable(table.free for table in known))
    packages = {kind.partition(":")[0] for kind in (*readers, *free)}
    things: list[Thing] = []
    unpriced: list[Unpriced] = []
    billable = 0
    for resource in graph.resources:
        if resource.type.startswith(_FREE_TYPES) or resource.type in free:
            continue
        reader = readers.get(resource.type)
        if reader is None and not _custom(graph, resource, packages):
            continue
        try:
            found = _read(reader, resource, elsewhere)
        except NotPriced as problem:
            unpriced.append(_unpriced(resource, str(problem)))
            billable += 1
        else:
            things += found
            billable += bool(found)
    return Billing(
        inventory=Inventory(
            cloud=cloud, region=region, things=(*things, *_models(tuple(services)))
        ),
        unpriced=tuple(unpriced),
        billable=billable,
    )


def _custom(graph: Graph, resource: Resource, packages: Iterable[str]) -> bool:
    """Whether a provider makes it: a component's package has none."""
    package = resource.type.partition(":")[0]
    return package in packages or bool(graph.of(f"{_PROVIDERS}{package}"))


def _read(
    reader: Reader | None, resource: Resource, elsewhere: Callable[[Resource], str]
) -> tuple[Thing, ...]:
    if reader is None:
        raise NotPriced(_UNKNOWN_TYPE)
    try:
        found = tuple(reader(resource))
        reason = elsewhere(resource) if found else ""
    except Undecidable as problem:
        unknown: Any = Unknown(problem.resource, problem.urn, problem.reason)
        return (unknown,)
    if reason:
        raise NotPriced(reason)
    return found


def _unpriced(resource: Resource, reason: str) -> Unpriced:
    return Unpriced(name=resource.name, urn=resource.urn, type=resource.type, reason=reason)


def require_own(graph: Graph, resource: Resource, what: str) -> None:
    """Raises `NotPriced` for a resource that is no part of a component of this package: of those
    alone the workload says how much they are used. `what`: it does not say."""
    if not any(one.type.startswith(_OWN_TYPES) for one in graph.ancestors(resource)):
        raise NotPriced(f"the workload does not say {what}")


def between(least: int, wanted: int, most: int) -> Span:
    """From the fewest to the most, by way of what is wanted, if that is between them."""
    return Span.of(least, max(least, min(wanted, most)), max(least, most))


def _models(services: tuple[Service, ...]) -> tuple[Thing, ...]:
    """The models of external providers that servers name by default, each once."""
    found: dict[tuple[type[Thing], str], Thing] = {}
    for service in services:
        try:
            for server in service.task.servers:
                for thing in _named(service, server):
                    found.setdefault((type(thing), thing.handle), thing)
        except Undecidable as problem:
            unknown: Any = Unknown(problem.resource, problem.urn, problem.reason)
            return (unknown,)
    return tuple(found.values())


def _named(service: Service, server: Server) -> Iterable[LanguageModel | EmbeddingModel]:
    if providers.metered(server.model):
        yield LanguageModel(
            component="llm", name=service.name, urn=service.urn, handle=server.model
        )
    if providers.metered(server.embedding):
        yield EmbeddingModel(
            component="embedding", name=service.name, urn=service.urn, handle=server.embedding
        )
