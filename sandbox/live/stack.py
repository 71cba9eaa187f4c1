"""All that the live sandbox runs of a stack, read from its objects."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.cloud import CloudObject
from sandbox.live import buckets, load_balancer_spec, pod_spec, postgres_spec, redis, way_in
from sandbox.live import schedules as schedules_spec
from sandbox.live.load_balancer_spec import Balancer, UnsupportedLoadBalancerError
from sandbox.live.postgres_spec import Server
from sandbox.live.redis import Node
from sandbox.live.spec import LiveError, Objects, Run, Service
from sandbox.live.workloads import runs, services


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
        has_balancer = bool(known.all(load_balancer_spec.LOAD_BALANCER))
        servers, nodes = postgres_spec.servers(known), redis.nodes(known)
        stores = (*(each.host for each in servers), *(each.host for each in nodes))
        return cls(
            servers=servers,
            nodes=nodes,
            runs=runs(known),
            balancer=load_balancer_spec.read(objects) if has_balancer else None,
            services=services(known),
            schedules=schedules_spec.read(known),
            buckets=tuple(str(item.get("bucket")) for item in known.all(buckets.BUCKET)),
            domains=way_in.domains(known),
            hosts=(*stores, *pod_spec.hosts(known)),
            not_run=tuple(item.label for item in pod_spec.others(known)),
        )
