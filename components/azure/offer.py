"""What Azure offers to a stack file: sizes by name, names by size, where they can be had.

Read while settings load and by the command line, so nothing here imports an SDK.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from components import sizing
from components.args.base import Architecture, Args
from components.azure import catalog, subnets
from components.azure.absent import ABSENT, ON_CONTAINER_APPS
from components.azure.fixed import (
    INGRESS_IDLE_SECONDS,
    LB_IDLE_MINUTES,
    LEAST_BACKUP_DAYS,
    LEAST_LOG_DAYS,
    LOOK_BACK_HOURS,
    MOST_DOMAIN_LENGTH,
    MOST_INGRESS_IDLE_SECONDS,
    SCRATCH_GIB,
)
from components.azure.sizes import (
    EMBEDDING_MACHINES,
    GPU_MACHINES,
    MACHINES,
    OLLAMA_MACHINE,
    TIERS,
)
from components.letta import providers
from components.models.memory import GpuMachine
from components.offer import Catalog, Identifier, NodeMachine

Redundancy = Literal["lrs", "zrs", "grs", "gzrs"]
"""Where the bucket's data is kept: one zone, three, and either of them with a copy in another
region."""
SKUS: Mapping[Redundancy, str] = {
    "lrs": "Standard_LRS",
    "zrs": "Standard_ZRS",
    "grs": "Standard_GRS",
    "gzrs": "Standard_GZRS",
}
"""What Azure calls them."""

_GUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_VAULT = (
    r"/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/vaults/[^/]+"
)
_EXAMPLE = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/"
    "Microsoft.KeyVault/vaults/my-vault/secrets/"
)


class AzureOptions(Args):
    """What stands under `letta:azure`."""

    subscription: str = Field(pattern=_GUID)
    """Id of the subscription that holds the stack."""
    tenant: str = Field(pattern=_GUID)
    """Id of the directory that the subscription belongs to."""
    dns_resource_group: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.()-]{1,90}$")
    """Resource group of the DNS zone that `ingress.hosted_zone` names."""
    storage_redundancy: Redundancy = "zrs"
    """Where blobs are kept. `lrs` and `grs` have an archive tier for old ones, `zrs` and `gzrs` a
    cold one. It is chosen once: Azure changes it by a request that takes days."""
    replica_instance_type: str | None = None
    """Class of the database's replicas. Default: the primary's. Azure wants a replica to be no
    smaller than its primary at any time, so replicas are given what the primary is to become one
    `up` before it."""
    replica_storage_gib: int | None = None
    """Disk of each replica, GiB. Default: the primary's; for the same reason."""
    suffix: str | None = Field(default=None, pattern=r"^[a-z0-9]{4,8}$")
    """Last characters of names that are one for all customers of Azure. Default: made of
    subscription and stack. Give another where a destroyed stack of the name is to come back: the
    name of its vault is taken for 90 days."""


def _machine(vcpus: int, memory_gib: float, architecture: Architecture) -> str:
    return sizing.named(MACHINES[architecture], (vcpus, memory_gib))


def _database(vcpus: int, memory_gib: float, architecture: Architecture) -> str:
    if architecture == "arm64":
        raise catalog.CatalogError(
            "Flexible Server has no arm64 classes; set architecture to x86_64"
        )
    return catalog.database_of(vcpus, memory_gib)


def _machine_size(name: str) -> tuple[int, float]:
    found = catalog.machine_type(name)
    return found.vcpus, found.memory_gib


def _database_size(name: str) -> tuple[int, float]:
    found = catalog.database_class(name)
    return found.vcpus, found.memory_gib


def _database_architecture(name: str) -> Architecture:
    catalog.database_class(name)
    return "x86_64"


def _offered(kind: str, name: str, region: str) -> bool:
    # Which region has which class of database and of cache is not published as a list.
    return kind != "machine" or catalog.machine_offered(name, region)


def _gpu_machine(name: str) -> GpuMachine:
    found = catalog.machine_type(name)
    known = (*GPU_MACHINES, EMBEDDING_MACHINES["gpu"], OLLAMA_MACHINE)
    return sizing.gpu_machine(found, known, gpu_memory_gib=found.gpu_memory_gib)


def _node(name: str) -> NodeMachine:
    found = catalog.machine_type(name)
    return NodeMachine(
        name=name,
        cores=found.vcpus,
        vcpus=catalog.node_vcpus(found),
        memory_mib=catalog.node_memory_mib(found),
        gpus=found.gpus,
        gpu=found.gpu_model,
    )


def _gpu_machines(region: str) -> tuple[GpuMachine, ...]:
    return tuple(_gpu_machine(name) for name in GPU_MACHINES if _offered("machine", name, region))


def _refused(options: Args | None, roles: Mapping[str, Any]) -> Iterator[str]:
    yield from _refused_options(options, roles["ingress"])
    yield from _refused_replicas(options, roles["database"])
    yield from _refused_ingress(roles["ingress"], apps=roles["api"].compute != "kubernetes")
    yield from _refused_database(roles["database"], apps=roles["api"].compute != "kubernetes")
    yield from _refused_tiers(roles)
    if roles["api"].compute == "kubernetes":
        yield from _refused_on_aks(roles)
    cache, days = roles["cache"], roles["monitoring"].log_retention_days
    if cache.kind == "managed" and cache.nodes > MOST_NODES:
        yield (
            f"letta:cache.nodes: {cache.nodes} exceeds {MOST_NODES}, a primary and its standby, "
            "which is all that Managed Redis has in one shard; lower it"
        )
    if cache.kind == "managed" and cache.memory_gib > catalog.MOST_SHARD_GIB:
        yield (
            f"letta:cache.memory_gib: {cache.memory_gib:g} exceeds the {catalog.MOST_SHARD_GIB} "
            "GiB that Managed Redis has in one shard, and the server's client knows no other; "
            "lower it"
        )
    if days < LEAST_LOG_DAYS:
        yield (
            f"letta:monitoring.log_retention_days: {days} is below {LEAST_LOG_DAYS}, the least of "
            "a Log Analytics workspace; raise it"
        )


def _refused_options(options: Args | None, ingress: Any) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(options, AzureOptions):
        raise TypeError(f"options of Azure are {AzureOptions.__name__}, not {options!r}")
    if ingress.hosted_zone and options.dns_resource_group is None:
        yield (
            "letta:azure.dns_resource_group: required with letta:ingress.hosted_zone; give the "
            f"resource group that holds the zone {ingress.hosted_zone}"
        )


def _refused_ingress(ingress: Any, *, apps: bool) -> Iterator[str]:  # noqa: ANN401
    idle = ingress.idle_timeout_seconds
    if ingress.nat != "single":
        why = (
            "a network of Azure has no way out by itself"
            if ingress.nat == "none"
            else "a subnet spans the zones of its region and takes one gateway"
        )
        yield f"letta:ingress.nat: {ingress.nat}: {why}; set it to single"
    if ingress.kind == "load_balancer" and not ingress.certificate:
        yield (
            "letta:ingress.certificate: required with a load balancer: Application Gateway issues "
            "none; put one into a key vault of yours and give the id of its secret, "
            f"{_EXAMPLE}letta"
        )
    if ingress.kind == "proxy" and ingress.domain == ingress.hosted_zone:
        yield (
            f"letta:ingress.domain: {ingress.domain} is the zone itself, and a zone cannot be an "
            "alias of a host name; give a name below it, or set kind to load_balancer"
        )
    if ingress.kind == "proxy" and len(ingress.domain) > MOST_DOMAIN_LENGTH:
        yield (
            f"letta:ingress.domain: {ingress.domain} has {len(ingress.domain)} characters, and a "
            f"certificate that Azure issues names {MOST_DOMAIN_LENGTH} at the most; give a shorter "
            "one, or set kind to load_balancer"
        )
    if apps and idle > INGRESS_IDLE_SECONDS and idle % 60:
        yield (
            f"letta:ingress.idle_timeout_seconds: {idle}: the ingress of Container Apps counts "
            f"whole minutes; set it to {idle - idle % 60} or {idle + 60 - idle % 60}"
        )
    if apps and not INGRESS_IDLE_SECONDS <= idle <= MOST_INGRESS_IDLE_SECONDS:
        yield (
            f"letta:ingress.idle_timeout_seconds: {idle} is not between the "
            f"{INGRESS_IDLE_SECONDS} s that the ingress of Container Apps bears by itself and the "
            f"{MOST_INGRESS_IDLE_SECONDS} s that it bears with machines of its own; change it"
        )


def _refused_database(database: Any, *, apps: bool) -> Iterator[str]:  # noqa: ANN401
    steps = ", ".join(str(each) for each in catalog.STORAGE_STEPS)
    for field in ("storage_gib", "max_storage_gib"):
        value = getattr(database, field)
        if value not in catalog.STORAGE_STEPS:
            yield (
                f"letta:database.{field}: {value} is no size of a disk of Flexible Server; one of "
                f"{steps}"
            )
    if database.backup_retention_days < LEAST_BACKUP_DAYS:
        yield (
            f"letta:database.backup_retention_days: {database.backup_retention_days} is below "
            f"{LEAST_BACKUP_DAYS}, the least of Flexible Server; raise it"
        )
    found = None
    if database.instance_type:
        found = catalog.database_class(database.instance_type)
    if found and found.tier == "Burstable":
        for field, given in (
            ("high_availability", database.high_availability),
            ("read_replicas", database.read_replicas),
        ):
            if given:
                yield (
                    f"letta:database.{field}: {found.name} is a burstable class, which has none; "
                    "choose a class of the D or E series, or leave it out"
                )
    dump = database.dump
    if dump is not None and dump.max_age_hours > LOOK_BACK_HOURS:
        yield (
            f"letta:database.dump.every_hours: {dump.every_hours}: the newest dump may be "
            f"{dump.max_age_hours:g} hours old before one is missed, and searches of Azure "
            f"Monitor look back {LOOK_BACK_HOURS}; lower it"
        )
    if dump is not None and apps and dump.scratch_gib > SCRATCH_GIB:
        yield (
            f"letta:database.dump.scratch_gib: {dump.scratch_gib} exceeds the {SCRATCH_GIB} GiB "
            "of disk that a run on Container Apps has; lower it, or set letta:api and letta:worker "
            "to kubernetes"
        )


def _refused_replicas(options: Args | None, database: Any) -> Iterator[str]:  # noqa: ANN401
    if not isinstance(options, AzureOptions):
        return
    name, disk = options.replica_instance_type, options.replica_storage_gib
    for field, given in (("replica_instance_type", name), ("replica_storage_gib", disk)):
        if given is not None and not database.read_replicas:
            yield (
                f"letta:azure.{field}: {given}: there are no replicas; leave it out, or set "
                "letta:database.read_replicas"
            )
    if name is not None:
        try:
            own = catalog.database_class(name)
        except catalog.CatalogError as error:
            yield f"letta:azure.replica_instance_type: {error}"
        else:
            primary = catalog.database_class(database.instance_type)
            if not own.holds(primary):
                yield (
                    f"letta:azure.replica_instance_type: {name} is smaller than the primary's "
                    f"{primary.name}, and a replica never is; choose a larger one or leave it out"
                )
    if disk is not None and (disk not in catalog.STORAGE_STEPS or disk < database.storage_gib):
        steps = (each for each in catalog.STORAGE_STEPS if each >= database.storage_gib)
        yield (
            f"letta:azure.replica_storage_gib: {disk} is no size of a disk of Flexible Server that "
            f"holds the primary's {database.storage_gib} GiB; one of "
            f"{', '.join(str(each) for each in steps)}"
        )


def _refused_on_aks(roles: Mapping[str, Any]) -> Iterator[str]:
    idle, (_, most) = roles["ingress"].idle_timeout_seconds, LB_IDLE_MINUTES
    if idle > most * 60:
        yield (
            f"letta:ingress.idle_timeout_seconds: {idle} exceeds the {most * 60} s that the load "
            "balancer inside a cluster's network bears; lower it"
        )
    for variable, name in sorted(providers.existing_secrets(roles["llm"]).items()):
        yield (
            f"letta:llm: {variable}: {name}: on Kubernetes secrets come out of the stack's own "
            "vault, and nobody else's; give the key itself (`pulumi config set --secret`), and the "
            "stack keeps it there"
        )


def _refused_tiers(roles: Mapping[str, Any]) -> Iterator[str]:
    for role in ("api", "worker"):
        tier = roles[role]
        if tier.compute == "kubernetes" or (role == "worker" and not tier.enabled):
            continue
        if tier.architecture == "arm64":
            yield (f"letta:{role}.architecture: Container Apps runs x86_64 alone; leave it out")
        if tier.replicas != tier.min_replicas:
            yield (
                f"letta:{role}.replicas: Container Apps starts with its fewest copies; set "
                f"replicas and min_replicas to the same number, not {tier.replicas} and "
                f"{tier.min_replicas}"
            )
        if tier.spot:
            yield (f"letta:{role}.capacity: Container Apps has no spare capacity; leave it out")


MOST_NODES = 2
"""Primary and standby of Managed Redis (its documentation, "High availability")."""

CATALOG = Catalog(
    regions=lambda: catalog.REGIONS,
    zones=catalog.zones,
    machine=_machine,
    database=_database,
    cache=catalog.cache_of,
    machine_size=_machine_size,
    machine_architecture=lambda name: catalog.machine_type(name).architecture,
    database_size=_database_size,
    database_architecture=_database_architecture,
    cache_size=lambda name: catalog.cache_sku(name).memory_gib,
    offered=_offered,
    gpu_machines=_gpu_machines,
    gpu_machine=_gpu_machine,
    embedding_machine=lambda hosting: EMBEDDING_MACHINES[hosting],
    ollama_machine=OLLAMA_MACHINE,
    node=_node,
    nodes_per_zone=subnets.nodes,
    serverless_size_valid=catalog.serverless_size,
    computes={"container_apps": "serverless", "kubernetes": "kubernetes"},
    identifiers={
        "certificate": Identifier(
            pattern=rf"{_VAULT}/secrets/[A-Za-z0-9-]+", example=f"{_EXAMPLE}letta"
        ),
        "secret": Identifier(
            pattern=rf"{_VAULT}/secrets/[A-Za-z0-9-]+(/[0-9a-f]{{32}})?",
            example=f"{_EXAMPLE}openai",
        ),
        "principal": Identifier(
            pattern=r"(user|group|servicePrincipal):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            example="group:00000000-0000-0000-0000-000000000000",
        ),
    },
    proxy_needs_machine=False,
    tiers=TIERS,
    options=AzureOptions,
    absent=ABSENT,
    absent_on={"serverless": ON_CONTAINER_APPS},
    refused=_refused,
    notes={
        "network": "One NAT gateway serves all zones; without one, a network of Azure has no way "
        "out.",
        "way in": "On small, the app's own ingress, which ends a call after four minutes of "
        "silence; before a load balancer, machines for the ingress bear fifteen.",
        "API": "Container Apps has 2 GiB for each vCPU of a copy, 4 vCPU at the most.",
        "cache": "On small, Redis runs beside the server, in the same copy. Managed Redis demands "
        "TLS and a key, which a proxy in each copy adds.",
        "cluster": "On small and medium, servers run on Container Apps.",
    },
)
