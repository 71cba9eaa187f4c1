"""Cache: one Redis in the cluster (requirement M2)."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from components.args import CacheArgs
from components.kubernetes.site import ANYWHERE_IN_CLUSTER, Site
from components.letta.environment import REDIS_HOST
from components.roles import Reference, SidecarArgs
from components.workloads.redis import redis_pod


class Cache(pulumi.ComponentResource):
    """The pod, wherever the cluster has room."""

    environment: Mapping[str, str]
    """Where the server finds it."""
    references: Mapping[str, Reference]
    """Empty: the address is known in advance."""
    sidecars: tuple[SidecarArgs, ...]
    """Empty."""

    def __init__(
        self, name: str, args: CacheArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:kubernetes:Cache", name, {"memoryGib": args.memory_gib}, opts)
        address = redis_pod(self, name, args, site.cluster, ANYWHERE_IN_CLUSTER)
        self.environment = {REDIS_HOST: address}
        self.references = {}
        self.sidecars = ()
        self.register_outputs({})
