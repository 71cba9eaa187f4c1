"""Cache: one Redis in the cluster (requirement M2), without TLS or password, because the server's
client speaks neither; a network policy lets in servers alone."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.args import CacheArgs
from components.kubernetes import access
from components.kubernetes.site import ANYWHERE_IN_CLUSTER, Site
from components.kubernetes.sizes import CACHE_VCPUS
from components.letta.environment import REDIS_HOST
from components.redis import redis_container
from components.roles import Reference, SidecarArgs
from components.workloads import companions, pods
from components.workloads.cluster import NAMESPACE
from components.workloads.labels import labels, metadata, selector

GRACE_SECONDS = 10


class Cache(pulumi.ComponentResource):
    """A Deployment of one pod that keeps nothing: what a StatefulSet would remember is nothing
    here, and a lost pod is made anew elsewhere at once."""

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
        child = pulumi.ResourceOptions(parent=self, depends_on=list(site.cluster.ready))
        redis = redis_container(args)
        account = companions.service_account(self, name, "store", child)
        guard = access.of_store(self, name, redis.port)
        access.to_store(self, name, name, redis.port)
        service = companions.service(
            self, name, "store", child, instance=name, ports={"redis": redis.port}
        )
        companions.disruption_budget(self, name, "store", child)
        probe = core.v1.ProbeArgs(
            tcp_socket=core.v1.TCPSocketActionArgs(port=redis.port),
            period_seconds=5,
            failure_threshold=6,
        )
        apps.v1.Deployment(
            name,
            metadata=metadata(name, "store"),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=1,
                selector=meta.v1.LabelSelectorArgs(match_labels=selector(name)),
                # Two at a time would be two caches.
                strategy=apps.v1.DeploymentStrategyArgs(type="Recreate"),
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=labels(name, "store")),
                    spec=pods.spec(
                        name,
                        containers=[
                            core.v1.ContainerArgs(
                                name=redis.name,
                                image=redis.image,
                                image_pull_policy="IfNotPresent",
                                command=list(redis.command),
                                ports=[
                                    core.v1.ContainerPortArgs(
                                        name="redis", container_port=redis.port, protocol="TCP"
                                    )
                                ],
                                resources=pods.resources(
                                    request_vcpus=CACHE_VCPUS,
                                    request_memory_mib=redis.memory_mib,
                                    limit_vcpus=2 * CACHE_VCPUS,
                                    limit_memory_mib=redis.memory_mib,
                                ),
                                security_context=pods.container_security(),
                                startup_probe=probe,
                                readiness_probe=probe,
                                liveness_probe=probe,
                            )
                        ],
                        placement=ANYWHERE_IN_CLUSTER,
                        volumes=[],
                        grace_seconds=GRACE_SECONDS,
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account, guard, service]),
        )
        self.environment = {REDIS_HOST: f"{name}.{NAMESPACE}.svc.cluster.local"}
        self.references = {}
        self.sidecars = ()
        self.register_outputs({})
