"""All that the live sandbox runs of a stack, read from its objects."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sandbox.cloud import CloudObject
from sandbox.live.load_balancer_spec import Balancer, UnsupportedLoadBalancerError
from sandbox.live.postgres_spec import Server
from sandbox.live.reader import Reader, readers
from sandbox.live.redis import Node
from sandbox.live.spec import LiveError, Objects, Run, Service

_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What is to run."""

    servers: tuple[Server, ...]
    nodes: tuple[Node, ...]
    runs: tuple[Run, ...]
    balancer: Balancer | None
    services: tuple[Service, ...]
    schedules: tuple[Run, ...]
    """What is run at times, here when asked."""
    buckets: tuple[str, ...]
    domains: tuple[str, ...]
    """Names that lead straight to the stack's own machine."""
    hosts: tuple[str, ...]
    """All names by which what runs finds something: stores, and services inside a cluster, in
    whose place a test may put something where they are not run."""
    not_run: tuple[str, ...]
    """What is left out, whatever its image."""

    @classmethod
    def read(cls, objects: Sequence[CloudObject]) -> Stack:
        """What the objects describe. Raises LiveError, UnsupportedLoadBalancerError."""
        try:
            return cls._read(objects)
        except UnsupportedLoadBalancerError:
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # A property that the readers rely on is missing, or of another kind.
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise LiveError(
                "an object of the stack is not as its provider makes it: "
                f"{type(error).__name__}: {error} (while reading {place.line})"
            ) from error

    @classmethod
    def _read(cls, objects: Sequence[CloudObject]) -> Stack:
        known = Objects(objects)
        found = readers(known)
        if known.everything and not found:
            raise LiveError(
                "nothing of the stack is of a package that the live sandbox reads: "
                + ", ".join(sorted({item.type.partition(":")[0] for item in known.everything}))
            )

        def all_of(
            part: Callable[[Reader], Callable[[Objects], tuple[_Item, ...]]],
        ) -> tuple[_Item, ...]:
            return tuple(item for reader in found for item in part(reader)(known))

        servers, nodes = all_of(lambda each: each.servers), all_of(lambda each: each.nodes)
        balancers = all_of(lambda each: each.balancers)
        if len(balancers) > 1:
            raise UnsupportedLoadBalancerError(
                f"the stack has {len(balancers)} load balancers, the live sandbox runs one"
            )
        stores = (*(each.host for each in servers), *(each.host for each in nodes))
        return cls(
            servers=servers,
            nodes=nodes,
            runs=all_of(lambda each: each.runs),
            balancer=next(iter(balancers), None),
            services=all_of(lambda each: each.services),
            schedules=all_of(lambda each: each.schedules),
            buckets=all_of(lambda each: each.buckets),
            domains=all_of(lambda each: each.domains),
            hosts=tuple(dict.fromkeys((*stores, *all_of(lambda each: each.hosts)))),
            not_run=all_of(lambda each: each.not_run),
        )
