"""Stacks that are tenants of somebody's cluster, and their bad configurations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from components import postgres
from components.letta.dump import KEPT_DAYS
from policies.facts.resource import Resource
from tests.policies.case import Case
from tests.policies.changes import Added, Edit, Gone, Put, Resources, Where
from tests.policies.mutants import mutant
from tests.policies.mutants_any_cluster import ANY_CLUSTER
from tests.policies.mutants_pods import environment


@dataclass(frozen=True)
class Unprotected:
    """The engine may delete it."""

    where: Where

    def __call__(self, resources: Resources) -> Resources:
        def changed(one: Resource) -> Resource:
            return replace(one, protected=False) if self.where.holds(one) else one

        return tuple(map(changed, resources))


def _drop(*names: str) -> Callable[[Any], None]:
    def change(holder: Any) -> None:  # noqa: ANN401  (any JSON)
        for name in names:
            del holder[name]

    return change


def _words(before: str, after: str) -> Callable[[Any], None]:
    def change(words: Any) -> None:  # noqa: ANN401  (any JSON)
        words[words.index(before) + 1] = after

    return change


def _variable(name: str, value: str) -> Callable[[Any], None]:
    def change(entries: Any) -> None:  # noqa: ANN401  (any JSON)
        [entry] = [one for one in entries if one["name"] == name]
        entry["value"] = value

    return change


def _without_first(items: Any) -> None:  # noqa: ANN401  (any JSON)
    del items[0]


_DATABASE, _GATEWAY = Where("Cluster", "-db"), Where("gateway.networking.k8s.io/v1:Gateway", "-in")
_API, _CACHE = Where("Deployment", "-api"), Where("Deployment", "-cache")
_DUMP = Where("CronJob", "-dump")
_CONTAINER = "spec.template.spec.containers.0"


def _reference(name: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": "keys", "key": name.lower()}}}


_SERVERS = (_API, Where("Deployment", "-work"))
_CLAIM = Added(
    "kubernetes:core/v1:PersistentVolumeClaim",
    "letta-medium-more",
    {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "more", "namespace": "letta"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast-ssd",
            "resources": {"requests": {"storage": "10Gi"}},
        },
    },
)
_CLASS = Added(
    "kubernetes:storage.k8s.io/v1:StorageClass",
    "letta-medium-more",
    {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "more"},
        "provisioner": "csi.example.com",
    },
)
_CHART = Added(
    "kubernetes:helm.sh/v3:Release",
    "letta-medium-more",
    {
        "chart": "redis-exporter",
        "version": "^2",
        "namespace": "letta",
        "repositoryOpts": {"repo": "https://charts.example.com"},
    },
)

MUTANTS = (
    mutant("database-backups", "0 days", Gone(Where("ScheduledBackup"))),
    mutant(
        "database-backups",
        "3 days",
        Put(Where("ObjectStore"), "spec.retentionPolicy", "3d"),
        label="3 days",
    ),
    mutant(
        "database-high-availability",
        "no standby",
        Edit(_DATABASE, "spec.postgresql", _drop("synchronous")),
    ),
    mutant("database-replicas", "0 read replicas", Put(_DATABASE, "spec.instances", 2)),
    mutant(
        "database-class",
        "medium needs 16",
        Put(_DATABASE, "spec.resources.requests.memory", "8Gi"),
        *(
            Put(_DATABASE, f"spec.postgresql.parameters.{each.name}", each.value)
            for each in postgres.parameters(8)
        ),
    ),
    mutant("database-storage", "20 GiB", Put(_DATABASE, "spec.storage.size", "20Gi")),
    mutant(
        "database-storage",
        "cannot grow",
        Put(_DATABASE, "spec.storage.resizeInUseVolumes", False),
        label="cannot grow",
    ),
    mutant(
        "database-parameters",
        "work_mem is 4096",
        Put(_DATABASE, "spec.postgresql.parameters.work_mem", "4096"),
    ),
    mutant(
        "connection-budget",
        "of the 100 that",
        Put(_DATABASE, "spec.postgresql.parameters.max_connections", "100"),
    ),
    mutant("deletion-protection", "one call", Unprotected(_DATABASE)),
    mutant("deletion-protection", "one call", Unprotected(_GATEWAY), label="one call"),
    mutant(
        "cache-eviction",
        "noeviction",
        Edit(_CACHE, f"{_CONTAINER}.command", _words("--maxmemory-policy", "noeviction")),
    ),
    mutant(
        "cache-no-persistence",
        "disk",
        Edit(_CACHE, f"{_CONTAINER}.command", _words("--save", "60 1")),
    ),
    mutant(
        "cache-reachable",
        "password",
        Edit(_CACHE, f"{_CONTAINER}.command", lambda words: words.append("--requirepass")),
    ),
    mutant(
        "cache-size",
        "medium needs 3",
        Edit(_CACHE, f"{_CONTAINER}.command", _words("--maxmemory", "512mb")),
    ),
    mutant(
        "load-balancer-idle-timeout",
        "after 60 s",
        Put(Where("HTTPRoute", "-api"), "spec.rules.0.timeouts.request", "60s"),
    ),
    mutant("tls-listener", "no TLS listener", Edit(_GATEWAY, "spec.listeners", _without_first)),
    mutant(
        "tls-listener", "in plain text", Gone(Where("HTTPRoute", "-https")), label="in plain text"
    ),
    mutant(
        "network-policies",
        "lets anybody call",
        Put(Where("NetworkPolicy", "-cache"), "spec.ingress.0.from", []),
    ),
    mutant("database-dumped", "no dump of the database", Gone(Where("CronJob", "-dump"))),
    mutant(
        "database-dumped", "switched off", Put(_DUMP, "spec.suspend", True), label="switched off"
    ),
    mutant(
        "database-dumped",
        "for 3 days",
        Edit(
            _DUMP,
            "spec.jobTemplate.spec.template.spec.containers.0.env",
            _variable(KEPT_DAYS, "3"),
        ),
        label="for 3 days",
    ),
    mutant("pinned-images", "redis", Put(_CACHE, f"{_CONTAINER}.image", "redis:latest")),
    mutant("pooling-on", "", environment("LETTA_DISABLE_SQLALCHEMY_POOLING", None)),
    mutant("log-data", "", environment("LETTA_DEBUG", "true")),
    mutant("tools-run-in-server", "", environment("E2B_API_KEY", None)),
    mutant("model-provider-has-key", "", environment("OPENAI_API_KEY", None)),
    mutant("storage-fits-data", "", _CLAIM),
    mutant("volumes-encrypted", "", _CLASS),
    mutant("pinned-charts", "", _CHART),
    *ANY_CLUSTER,
)


def _with_sandbox(stack: str, resources: Resources) -> Resources:
    """On small and medium, a sandbox for agents' tools."""
    for where in {"small": _SERVERS[:1], "medium": _SERVERS}.get(stack, ()):
        added = Edit(where, f"{_CONTAINER}.env", lambda env: env.append(_reference("E2B_API_KEY")))
        resources = added(resources)
    return resources


CASE = Case(
    cloud="kubernetes",
    mutants=MUTANTS,
    # What small's stack file waives, and advice.
    accepted={
        "small": frozenset({"api-high-availability"}),
        "large": frozenset({"tools-run-in-server"}),
    },
    let_through=frozenset({"database-high-availability", "kubernetes-schema-type"}),
    complete=_with_sandbox,
)
