"""From the objects of a cluster to facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.facts.graph import Graph
from policies.facts.kubernetes import charts, guards, models, services, storage, types
from policies.facts.kubernetes.pods import Workload, pod
from policies.facts.kubernetes.services import Exposed
from policies.facts.kubernetes.workloads import templates
from policies.facts.model import (
    Bootstrap,
    ClusterObject,
    ClusterService,
    CustomObject,
    DevicePlugin,
    EmbeddingServer,
    HealthCheck,
    Machines,
    ModelServer,
    NodeAutoscaler,
    PlainSecret,
    Pod,
    Release,
    Service,
    StorageClaim,
    StorageClass,
    Task,
)
from policies.facts.resource import Resource
from policies.facts.unknown import derived

_LOAD_BALANCER = "LoadBalancer"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """What only the cloud that the cluster stands in can tell."""

    machines: Sequence[Machines]
    exposed: Exposed
    disk: Callable[[Resource], storage.Disk]
    version: str
    """Version of Kubernetes."""
    by_node_ports: bool = False
    """Whether the load balancer reaches pods by a port of their machines; else it calls the pods
    themselves, and a port of the machines is a second way in."""
    inner: Callable[[Resource], bool] = lambda _service: False
    """Service -> whether what the cloud gives it is an address in the stack's own network."""
    device_plugins: tuple[DevicePlugin, ...] = ()
    """What the cloud itself brings that makes GPUs known, where no chart does."""


class Cluster:
    """What runs on the clusters of a stack."""

    def __init__(self, graph: Graph, cloud: Cloud) -> None:
        self._graph, self._cloud = graph, cloud
        self._templates = tuple(templates(graph))
        self._addresses = guards.addresses(graph, self._templates)
        self.workloads = tuple(
            Workload(template, pod(graph, template, cloud.machines)) for template in self._templates
        )

    @property
    def pods(self) -> tuple[Pod, ...]:
        return tuple(workload.pod for workload in self.workloads)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return tuple(workload.pod.task for workload in self.workloads)

    @property
    def services(self) -> tuple[Service, ...]:
        return services.services(self._graph, self.workloads, self._addresses, self._cloud.exposed)

    @property
    def bootstraps(self) -> tuple[Bootstrap, ...]:
        return services.bootstraps(self.workloads)

    @property
    def model_servers(self) -> tuple[ModelServer, ...]:
        return models.model_servers(self._graph, self.workloads)

    @property
    def embedding_servers(self) -> tuple[EmbeddingServer, ...]:
        return models.embedding_servers(self.workloads)

    @property
    def cluster_objects(self) -> tuple[ClusterObject, ...]:
        if not any(one.type.startswith("kubernetes:") for one in self._graph.resources):
            # A stack without a cluster does not pay for the library of schemas.
            return ()
        from policies.facts.kubernetes import schema

        return schema.objects(self._graph, self._cloud.version)

    @property
    def cluster_services(self) -> tuple[ClusterService, ...]:
        return tuple(guards.cluster_service(address, self._called) for address in self._addresses)

    def _called(self, service: Resource) -> tuple[HealthCheck, ...]:
        """How the load balancer sees the pods behind a service, if it calls it from outside."""
        balanced = service.root.text("spec.type") == _LOAD_BALANCER
        called = self._cloud.inner(service) if balanced else self._cloud.by_node_ports
        return self._cloud.exposed(service) if called else ()

    @property
    def custom_objects(self) -> tuple[CustomObject, ...]:
        return charts.custom_objects(self._graph)

    @property
    def releases(self) -> tuple[Release, ...]:
        return charts.releases(self._graph)

    @property
    def device_plugins(self) -> tuple[DevicePlugin, ...]:
        return derived(lambda: (*self._cloud.device_plugins, *charts.device_plugins(self._graph)))

    @property
    def node_autoscalers(self) -> tuple[NodeAutoscaler, ...]:
        return charts.node_autoscalers(self._graph)

    @property
    def plain_secrets(self) -> tuple[PlainSecret, ...]:
        return tuple(
            PlainSecret(name=resource.name, urn=resource.urn)
            for resource in self._graph.of(types.SECRET)
            if resource.root.given("data") or resource.root.given("stringData")
        )

    @cached_property
    def storage_classes(self) -> tuple[StorageClass, ...]:
        return storage.storage_classes(self._graph, self._cloud.disk)

    @property
    def storage_claims(self) -> tuple[StorageClaim, ...]:
        return storage.claims(self._graph, self._templates, self.storage_classes)

    def contents(self) -> dict[str, Any]:
        """The fields of `Deployment` that a cluster alone fills, by name; all are empty where a
        stack has no objects of one."""
        return {
            "pods": self.pods,
            "model_servers": self.model_servers,
            "embedding_servers": self.embedding_servers,
            "cluster_objects": self.cluster_objects,
            "custom_objects": self.custom_objects,
            "releases": self.releases,
            "cluster_services": self.cluster_services,
            "device_plugins": self.device_plugins,
            "node_autoscalers": self.node_autoscalers,
            "plain_secrets": self.plain_secrets,
            "storage_classes": self.storage_classes,
            "storage_claims": self.storage_claims,
        }
