"""What a cluster of one's own offers to a stack file. There are no machine types to choose from:
pods say what they need, and go where the cluster has room. Nothing here imports an SDK.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NoReturn

from components.args import Args
from components.args.base import Architecture
from components.kubernetes.options import SECRET_KEY, KubernetesOptions
from components.models.memory import GpuMachine
from components.offer import Catalog, Identifier

REQUEST_SECONDS = 3600
"""Longest request. The Gateway API bounds a whole request and not the silence in it, so a stream
must fit: an hour, as long as Envoy Gateway lets a stream be silent."""

_YOURS = "the cluster's machines are its owner's; remove it"
_NETWORK = "the network is the cluster's; remove it"
_OWN_MODELS = (
    "models of the stack's own need GPU machines that only the cluster's owner can describe; set "
    "it to api, and give a server of yours as letta:llm.providers.vllm.base_url"
)


class NoMachines(ValueError):  # noqa: N818  (states what the cluster is)
    """A machine type is asked for."""


def _no_type(name: str) -> NoReturn:
    raise NoMachines(
        f"{name!r}: a cluster of your own has no machine types; give vcpus and memory_gib, which "
        "pods then ask for"
    )


def _no_size(*_size: object) -> NoReturn:
    raise NoMachines("a cluster of your own has no machine types")


def _no_gpu_machines(_region: str) -> tuple[GpuMachine, ...]:
    return ()


def _no_hosting(_hosting: Literal["cpu", "gpu"]) -> NoReturn:
    _no_size()


def _architecture(name: str) -> Architecture:
    _no_type(name)


def _refused(_options: Args | None, roles: Mapping[str, Any]) -> Iterator[str]:
    for role in ("embedding", "llm"):
        if roles[role].hosting not in ("api", "cpu"):
            yield f"letta:{role}.hosting: {roles[role].hosting}: {_OWN_MODELS}"
    if roles["cache"].nodes > 1:
        yield (
            f"letta:cache.nodes: {roles['cache'].nodes}: the server's client knows one address and "
            "no failover; leave it at 1: a lost cache is started again within seconds, empty"
        )
    if roles["cache"].kind == "container":
        yield "letta:cache.kind: container: servers on Kubernetes share one cache; leave it out"
    if roles["ingress"].kind == "proxy":
        yield "letta:ingress.kind: proxy: the way in is a Gateway of the cluster; leave it out"
    if roles["queue"].enabled:
        yield (
            "letta:queue.enabled: no queue is made; leave it out, and give your workers one of "
            "the cluster's, such as a RabbitmqCluster of its operator: the server itself has none"
        )
    if not roles["database"].backup_retention_days:
        yield "letta:database.backup_retention_days: 0: backups are never off here; give 1 to 35"


_MOST_STORAGE_GIB = 65_536
"""Most that a stack file may ask for. Nothing grows by itself, so there is no ceiling to keep."""
_SERVERS: Mapping[str, Mapping[str, Any]] = {
    role: {"compute": "kubernetes", "request_memory_mib": 1024, "request_vcpus": 0.5}
    for role in ("api", "worker")
}
_COMMON: Mapping[str, Mapping[str, Any]] = {
    "ingress": {
        "kind": "load_balancer",
        "nat": "per_zone",
        "idle_timeout_seconds": REQUEST_SECONDS,
        "waf": None,
    },
    "api": {**_SERVERS["api"], "task_vcpus": 2, "task_memory_mib": 4096},
    "worker": {**_SERVERS["worker"], "task_vcpus": 2, "task_memory_mib": 4096},
    "database": {"max_storage_gib": _MOST_STORAGE_GIB},
    "queue": {"enabled": False},
}

CATALOG = Catalog(
    regions=lambda: (),
    zones=lambda _context: (),
    machine=_no_size,
    database=_no_size,
    cache=_no_size,
    machine_size=_no_type,
    machine_architecture=_architecture,
    database_size=_no_type,
    database_architecture=_architecture,
    cache_size=_no_type,
    offered=lambda _kind, _name, _context: False,
    gpu_machines=_no_gpu_machines,
    gpu_machine=_no_type,
    embedding_machine=_no_hosting,
    ollama_machine="",
    nodes_per_zone=lambda _cidr: 0,
    serverless_size_valid=lambda _vcpus, _memory_mib: False,
    computes={"kubernetes": "kubernetes"},
    identifiers={
        "secret": Identifier(pattern=SECRET_KEY.strip("^$"), example="provider-keys/openai"),
    },
    options=KubernetesOptions,
    tiers={
        "small": {
            **_COMMON,
            "cache": {"kind": "managed", "memory_gib": 0.25, "nodes": 1},
            "database": {**_COMMON["database"], "vcpus": 1, "memory_gib": 2},
        },
        "medium": {**_COMMON, "cache": {"memory_gib": 3, "nodes": 1}},
        "large": {
            **_COMMON,
            "cache": {"memory_gib": 26, "nodes": 1},
            "embedding": {"hosting": "cpu"},
            # A firewall is the gateway's own, where its controller has one.
            "limits": {"waf": False},
        },
    },
    absent={
        "ingress.hosted_zone": "DNS is yours; remove it, and point a record at the gateway",
        "ingress.certificate": "give letta:kubernetes.gateway.certificate_secret",
        "ingress.vpc_cidr": _NETWORK,
        "ingress.zones": "pods spread over all zones that the cluster has; remove it",
        "ingress.nat": _NETWORK,
        "ingress.logs_endpoint": _NETWORK,
        "ingress.waf": "a firewall is the gateway controller's own; set it up there, and remove it",
        "ingress.allowed_cidrs": (
            "the Gateway API has no list of callers; restrict them at the gateway's controller, "
            "and remove it"
        ),
        "ingress.control_plane": "the cluster exists, and who steers it is its owner's; remove it",
        **{
            f"{role}.{field}": _YOURS
            for role in ("api", "worker")
            for field in ("nodes", "root_volume_gib", "architecture")
        },
        **{
            f"{role}.{field}": f"pods have no machine to themselves; give {instead}"
            for role in ("api", "worker")
            for field, instead in (
                ("vcpus", "request_vcpus and task_vcpus"),
                ("memory_gib", "request_memory_mib and task_memory_mib"),
            )
        },
        "worker.capacity": _YOURS,
        "embedding.instance_type": _YOURS,
        "database.architecture": _YOURS,
        "database.max_storage_gib": "raise storage_gib: a volume grows in place, when told to",
        "savings.spot_workers": _YOURS,
        "savings.reserved_years": _YOURS,
        "savings.arm64": _YOURS,
        "savings.single_nat": _NETWORK,
        "savings.logs_endpoint": _NETWORK,
        "database.publicly_accessible": "the database has no address outside; remove it",
        "database.performance_insights": "scrape the database's metrics, port 9187; remove it",
        "database.monitoring_interval_seconds": "scrape its metrics, port 9187; remove it",
        "cache.snapshot_retention_days": "the cache keeps nothing; remove it",
        "storage.expiring_folders": "set the bucket's own ageing; remove it",
        "storage.infrequent_access_days": "set the bucket's own ageing; remove it",
        "storage.archive_days": "set the bucket's own ageing; remove it",
        "storage.noncurrent_expiration_days": "set the bucket's own ageing; remove it",
        "monitoring.log_retention_days": "logs go to the cluster's collector; remove it",
        "monitoring.alarm_emails": "alarms are those of the cluster's Prometheus; remove it",
    },
    refused=_refused,
    notes={
        "network": "The cluster's, and its owner's to pay.",
        "way in": "A Gateway of the owner's class; what its load balancer costs is the owner's.",
        "cluster": "It exists: the stack makes a namespace and what is in it.",
        "database, with its dumps": "CloudNativePG's, an operator that the owner installs.",
        "storage": "A bucket of the owner's, for the archive of the database and its dumps.",
        "queue": "None: Letta itself has no use for one.",
        "logs": "The cluster's collector's.",
        "alarms": "Those of the cluster's Prometheus.",
    },
    machines=False,
    clusters=False,
)
