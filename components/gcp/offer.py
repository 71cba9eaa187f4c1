"""What Google Cloud offers to a stack file: sizes by name, names by size, where they can be had.

Read while settings load and by the command line, so nothing here imports an SDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from components import sizing
from components.args.base import Architecture, Args
from components.gcp import catalog, subnets
from components.gcp.absent import ABSENT, ON_CLOUD_RUN
from components.gcp.fixed import LOOK_BACK_HOURS
from components.gcp.sizes import (
    EMBEDDING_MACHINES,
    GPU_MACHINES,
    MACHINES,
    OLLAMA_MACHINE,
    TIERS,
)
from components.letta import providers
from components.models.memory import GpuMachine
from components.offer import Catalog, Identifier, NodeMachine


class GcpOptions(Args):
    """What stands under `letta:gcp`."""

    project: str = Field(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")
    """Id of the project that holds the stack."""


def _machine(vcpus: int, memory_gib: float, architecture: Architecture) -> str:
    return sizing.named(MACHINES[architecture], (vcpus, memory_gib))


def _database(vcpus: int, memory_gib: float, architecture: Architecture) -> str:
    if architecture == "arm64":
        raise catalog.CatalogError(
            "Cloud SQL Enterprise has no arm64 tiers; set architecture to x86_64"
        )
    return catalog.database_tier_of(vcpus, memory_gib)


def _cache(memory_gib: float) -> str:
    name = f"redis-{memory_gib:g}"
    catalog.cache_size(name)
    return name


def _machine_size(name: str) -> tuple[int, float]:
    found = catalog.machine_type(name)
    return found.vcpus, found.memory_gib


def _database_size(name: str) -> tuple[int, float]:
    found = catalog.database_tier(name)
    return found.vcpus, found.memory_gib


def _database_architecture(name: str) -> Architecture:
    catalog.database_tier(name)
    return "x86_64"


def _offered(kind: str, name: str, region: str) -> bool:
    # Every region has all tiers of Cloud SQL Enterprise and all sizes of Memorystore.
    return kind != "machine" or catalog.machine_offered(name, region)


def _gpu_machine(name: str) -> GpuMachine:
    found = catalog.machine_type(name)
    known = (*GPU_MACHINES, EMBEDDING_MACHINES["gpu"], OLLAMA_MACHINE)
    return sizing.gpu_machine(found, known, gpu_memory_gib=found.gpu_memory_gib)


def _node(name: str) -> NodeMachine:
    found = catalog.machine_type(name)
    return NodeMachine(
        name=found.name,
        cores=found.vcpus,
        vcpus=catalog.node_vcpus(found),
        memory_mib=catalog.node_memory_mib(found),
        gpus=found.gpus,
        gpu=found.gpu_model,
    )


def _gpu_machines(region: str) -> tuple[GpuMachine, ...]:
    return tuple(_gpu_machine(name) for name in GPU_MACHINES if _offered("machine", name, region))


def _not_on_gke(options: Args | None, roles: Mapping[str, Any]) -> Iterator[str]:
    if roles["api"].compute != "kubernetes" or not isinstance(options, GcpOptions):
        return
    for role in ("api", "worker"):
        if roles[role].architecture == "arm64":
            yield (
                f"letta:{role}.architecture: arm64 machines of Google Cloud (C4A) take Hyperdisk "
                "alone, of which no price is known here; leave it out"
            )
    own = re.compile(rf"projects/{re.escape(options.project)}/secrets/[^/]+(/versions/latest)?")
    for variable, name in sorted(providers.existing_secrets(roles["llm"]).items()):
        if not own.fullmatch(name):
            yield (
                f"letta:llm: {variable}: {name}: on Kubernetes the latest version of a secret of "
                f"project {options.project} is fetched; name it as "
                f"projects/{options.project}/secrets/<name>"
            )


def _refused(options: Args | None, roles: Mapping[str, Any]) -> Iterator[str]:
    api, ingress = roles["api"], roles["ingress"]
    yield from _not_on_gke(options, roles)
    if ingress.nat == "per_zone":
        yield (
            "letta:ingress.nat: a gateway of Cloud NAT stands in every zone of its region, so "
            "there is none per zone; set it to single"
        )
    queue = roles["queue"]
    if queue.enabled and not FEWEST_RECEIVES <= queue.max_receives <= MOST_RECEIVES:
        yield (
            f"letta:queue.max_receives: {queue.max_receives}: Pub/Sub delivers a message "
            f"{FEWEST_RECEIVES} to {MOST_RECEIVES} times before it is a dead letter; give one of "
            "these"
        )
    dump = roles["database"].dump
    if dump is not None and dump.max_age_hours > LOOK_BACK_HOURS:
        yield (
            f"letta:database.dump.every_hours: {dump.every_hours}: the newest dump may be "
            f"{dump.max_age_hours:g} hours old before one is missed, and alarms of Cloud "
            f"Monitoring look back {LOOK_BACK_HOURS}; set it to 12 or less"
        )
    for role in ("api", "worker"):
        if roles[role].compute == "serverless" and roles[role].architecture == "arm64":
            yield (
                f"letta:{role}.architecture: Cloud Run runs x86_64 alone; leave it out, or set "
                f"letta:{role}.compute to kubernetes"
            )
        tier = roles[role]
        if tier.compute == "serverless" and tier.replicas != tier.min_replicas:
            yield (
                f"letta:{role}.replicas: Cloud Run starts with its fewest copies; set replicas and "
                f"min_replicas to the same number, not {tier.replicas} and {tier.min_replicas}"
            )
        if roles[role].compute == "serverless" and roles[role].spot:
            yield (
                f"letta:{role}.capacity: Cloud Run has no spare capacity; leave it out, or set "
                f"letta:{role}.compute to kubernetes"
            )
    if api.compute == "serverless" and ingress.idle_timeout_seconds > MOST_SECONDS:
        yield (
            f"letta:ingress.idle_timeout_seconds: {ingress.idle_timeout_seconds} exceeds the "
            f"{MOST_SECONDS} s that a request may take on Cloud Run; lower it"
        )


FEWEST_RECEIVES, MOST_RECEIVES = 5, 100
"""How often Pub/Sub may deliver a message before it is a dead letter (Pub/Sub documentation,
"Dead-letter topics")."""
MOST_SECONDS = 3600
"""Longest request of Cloud Run, seconds (Cloud Run documentation, "Set request timeout")."""

CATALOG = Catalog(
    regions=lambda: catalog.REGIONS,
    zones=catalog.zones,
    machine=_machine,
    database=_database,
    cache=_cache,
    machine_size=_machine_size,
    machine_architecture=lambda name: catalog.machine_type(name).architecture,
    database_size=_database_size,
    database_architecture=_database_architecture,
    cache_size=catalog.cache_size,
    offered=_offered,
    gpu_machines=_gpu_machines,
    gpu_machine=_gpu_machine,
    embedding_machine=lambda hosting: EMBEDDING_MACHINES[hosting],
    ollama_machine=OLLAMA_MACHINE,
    node=_node,
    nodes_per_zone=subnets.nodes,
    serverless_size_valid=catalog.serverless_size_valid,
    computes={"cloud_run": "serverless", "kubernetes": "kubernetes"},
    identifiers={
        "certificate": Identifier(
            pattern=r"projects/[^/]+/locations/global/certificateMaps/[^/]+",
            example="projects/my-project/locations/global/certificateMaps/letta",
        ),
        "secret": Identifier(
            pattern=r"projects/[^/]+/secrets/[A-Za-z0-9_-]+(/versions/(latest|[0-9]+))?",
            example="projects/my-project/secrets/openai",
        ),
        "principal": Identifier(
            # A cluster knows groups only where a whole organization has set them up.
            pattern=r"(user|serviceAccount):[^@\s]+@[^@\s]+",
            example="user:platform@example.com",
        ),
    },
    proxy_needs_machine=False,
    tiers=TIERS,
    options=GcpOptions,
    absent=ABSENT,
    absent_on={"serverless": ON_CLOUD_RUN},
    refused=_refused,
    notes={
        "network": "One gateway of Cloud NAT serves all zones of the region; small has none.",
        "way in": "On small, the domain is mapped to the service, and Cloud Run ends TLS; there is "
        "no load balancer.",
        "API": "Cloud Run bounds a whole request, not its silence: an hour, the longest that it "
        "offers. It scales by CPU and by requests at once.",
        "cache": "On small, Redis runs beside the server, in the same copy.",
        "cluster": "On small and medium, servers run on Cloud Run.",
        "what dumps it": "Twice a day: alarms of Cloud Monitoring look back too short a time to "
        "miss a dump that comes once.",
    },
)
