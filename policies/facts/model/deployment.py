"""A deployment in neutral words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from infra import platforms
from infra.tiers import Tier, Workload, tier_on
from policies.facts.model.access import Grant, Text
from policies.facts.model.billing import Unpriced
from policies.facts.model.charts import CustomObject, Release
from policies.facts.model.containers import Container, Task
from policies.facts.model.fact import Fact
from policies.facts.model.machines import Machines
from policies.facts.model.models import EmbeddingServer, ModelServer
from policies.facts.model.network import InboundRule, LoadBalancer
from policies.facts.model.pods import (
    ClusterObject,
    ClusterService,
    ControlPlane,
    DevicePlugin,
    NodeAutoscaler,
    PlainSecret,
    Pod,
)
from policies.facts.model.servers import Bootstrap, Service
from policies.facts.model.spending import CostRecord, Spending
from policies.facts.model.stores import (
    Bucket,
    Cache,
    Dump,
    LogGroup,
    MachineDisks,
    Primary,
    StorageClaim,
    StorageClass,
    StoredSecret,
)
from policies.facts.unknown import Undecidable
from pricing.bill import Bill, Missing, price
from pricing.bill import Unpriced as NoBill
from pricing.inventory import Inventory


@dataclass(frozen=True, kw_only=True)
class MachineType(Fact):
    """A type of machine that something of the stack runs on."""

    type: str
    current: bool
    """Whether the cloud calls its generation current."""
    successor: str
    """Type of a current generation with the same size; empty: none is known."""


@dataclass(frozen=True, kw_only=True)
class Deployment(Fact):
    """A stack, as far as rules look at it."""

    tier: str
    workload: Workload
    services: tuple[Service, ...]
    tasks: tuple[Task, ...]
    """All tasks: those of the services and those that run once."""
    machines: tuple[Machines, ...]
    machine_disks: tuple[MachineDisks, ...]
    bootstraps: tuple[Bootstrap, ...]
    databases: tuple[Primary, ...]
    caches: tuple[Cache, ...]
    load_balancers: tuple[LoadBalancer, ...]
    proxies: tuple[Container, ...]
    """Containers that answer HTTPS on their machine's own address."""
    inbound: tuple[InboundRule, ...]
    buckets: tuple[Bucket, ...]
    dumps: tuple[Dump, ...]
    log_groups: tuple[LogGroup, ...]
    secrets: tuple[StoredSecret, ...]
    grants: tuple[Grant, ...]
    texts: tuple[Text, ...]
    pods: tuple[Pod, ...]
    """All workloads of the cluster, those of the services too."""
    model_servers: tuple[ModelServer, ...]
    embedding_servers: tuple[EmbeddingServer, ...]
    cluster_objects: tuple[ClusterObject, ...]
    custom_objects: tuple[CustomObject, ...]
    releases: tuple[Release, ...]
    cluster_services: tuple[ClusterService, ...]
    device_plugins: tuple[DevicePlugin, ...]
    node_autoscalers: tuple[NodeAutoscaler, ...]
    plain_secrets: tuple[PlainSecret, ...]
    control_planes: tuple[ControlPlane, ...]
    storage_classes: tuple[StorageClass, ...]
    storage_claims: tuple[StorageClaim, ...]
    machine_types: tuple[MachineType, ...]
    confidential: tuple[str, ...]
    """Values that must be seen nowhere: what the engine keeps encrypted."""

    inventory: Inventory
    """What is billed of it. A thing that cannot be told stands in it as an `Unknown`."""
    unpriced: tuple[Unpriced, ...]
    """Resources that cost something and cannot be put into a bill."""
    billable: int
    """Resources that cause costs of their own, the unpriced ones too."""
    spending: Spending
    cost_records: tuple[CostRecord, ...]
    """At most one; none where nothing is deployed."""
    inapplicable: Mapping[str, str] = field(default_factory=dict)
    """Rule -> why it has nothing to look at on this cloud."""
    cost_compared: bool
    """Whether a record was looked for: previews do, updates do not."""

    @property
    def region(self) -> str:
        """The cloud's name of the region that it is billed in."""
        return self.inventory.region

    @property
    def sizes(self) -> Tier:
        """The tier's row of the sizing table, with its limits."""
        return tier_on(self.tier, platforms.catalog(self.inventory.cloud))

    def of_role(self, role: Literal["api", "worker"]) -> tuple[Service, ...]:
        """The services of a role."""
        return tuple(service for service in self.services if service.role == role)

    @property
    def bill(self) -> Bill:
        """What a month costs of all that has a price."""
        return self._priced[0]

    @property
    def missing_prices(self) -> tuple[Missing, ...]:
        """Prices that the book lacks."""
        return self._priced[1]

    @cached_property
    def _priced(self) -> tuple[Bill, tuple[Missing, ...]]:
        spending, inventory = self.spending, self.inventory
        for thing in inventory.things:
            # Where a thing cannot be told, an unknown stands, and says so now.
            thing.component  # noqa: B018
        try:
            return price(inventory, self.workload, spending.book, spending.terms), ()
        except NoBill as problem:
            if not problem.bill:
                raise
            return problem.bill, problem.missing
        except ValueError as problem:
            # What there is no tariff for must not crash a rule: the engine would go on without it.
            raise Undecidable(self.name, self.urn, str(problem)) from None
