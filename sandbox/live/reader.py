"""What a package of the sandbox tells of the stacks whose objects it holds.

A package whose stacks can be run has a folder `live` with the record `READER`; nobody lists them.
Only the readers of packages that hold objects of a stack are imported for it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.live.spec import LiveError, Objects, Run, Service

if TYPE_CHECKING:
    from sandbox.live.images import Image
    from sandbox.live.load_balancer_spec import Balancer
    from sandbox.live.postgres_spec import Server
    from sandbox.live.redis import Node

_PACKAGES = Path(__file__).parents[1]
Fetch: TypeAlias = Callable[[Objects, Mapping[str, Any], Mapping[str, Any]], str]
"""What a store of secrets, as a cluster's object describes it, has for a reference."""


def _nothing(_: Objects) -> tuple[Any, ...]:
    return ()


def _no_images(_: Path) -> tuple[Image, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads the objects of one package. Each may raise LiveError for what cannot be run."""

    servers: Callable[[Objects], tuple[Server, ...]] = _nothing
    """The databases, primaries before their replicas."""
    nodes: Callable[[Objects], tuple[Node, ...]] = _nothing
    """The nodes of caches, primaries before their replicas."""
    services: Callable[[Objects], tuple[Service, ...]] = _nothing
    """What is kept running."""
    runs: Callable[[Objects], tuple[Run, ...]] = _nothing
    """What `pulumi up` had run once, in its order."""
    schedules: Callable[[Objects], tuple[Run, ...]] = _nothing
    """What is run at times; what is switched off is not."""
    balancers: Callable[[Objects], tuple[Balancer, ...]] = _nothing
    """The ways in that end TLS outside the stack's own containers."""
    buckets: Callable[[Objects], tuple[str, ...]] = _nothing
    """Names of the object storage that the stack uses."""
    domains: Callable[[Objects], tuple[str, ...]] = _nothing
    """Names that lead straight to the stack's own machine."""
    hosts: Callable[[Objects], tuple[str, ...]] = _nothing
    """Names inside a cluster by which what runs may be found."""
    not_run: Callable[[Objects], tuple[str, ...]] = _nothing
    """What is left out, whatever its image."""
    node_ports: Callable[[Objects], tuple[tuple[int, str], ...]] = _nothing
    """Port of a cluster's machines, and what the load balancer calls those that answer there."""
    addresses: Callable[[Objects], tuple[tuple[str, int, str], ...]] = _nothing
    """Address and port by which a load balancer calls a Service of a cluster, and what it calls
    those that answer there."""
    images: Callable[[Path], tuple[Image, ...]] = _no_images
    """Images of the cloud's own client, told where the folders of buckets are."""
    stores: Mapping[str, Fetch] = field(default_factory=dict)
    """The External Secrets Operator's word for a provider -> how it is asked."""


def readers(objects: Objects) -> tuple[Reader, ...]:
    """The readers of the packages that hold some of these objects, by name."""
    held = {item.type.partition(":")[0].replace("-", "_") for item in objects.everything}
    return tuple(_reader(name) for name in _names() if name in held)


def every() -> tuple[Reader, ...]:
    """The readers of all packages: an image may be of another cloud than the stack."""
    return tuple(map(_reader, _names()))


def store(objects: Objects, provider: str) -> Fetch:
    """How a cluster's store of secrets is asked. Raises LiveError for one that is not known."""
    for reader in readers(objects):
        if provider in reader.stores:
            return reader.stores[provider]
    raise LiveError(f"secrets come from {provider}, which is not known here")


def _names() -> tuple[str, ...]:
    return tuple(sorted(each.parents[1].name for each in _PACKAGES.glob("*/live/__init__.py")))


def _reader(name: str) -> Reader:
    found: Reader = importlib.import_module(f"sandbox.{name}.live").READER
    return found
