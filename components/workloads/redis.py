"""Redis in the cluster (requirement M2): one pod that all servers share, without TLS or password,
because the server's client speaks neither; a network policy lets in servers alone."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.args import CacheArgs
from components.redis import POD_VCPUS, redis_container
from components.workloads import companions, pods, store_access
from components.workloads.cluster import Cluster, Placement, host
from components.workloads.labels import labels, metadata, selector

GRACE_SECONDS = 10


def redis_pod(
    parent: pulumi.Resource, name: str, args: CacheArgs, cluster: Cluster, placement: Placement
) -> str:
    """Make a Deployment of one pod that keeps nothing, and return its address: what a StatefulSet
    would remember is nothing here, and a lost pod is made anew elsewhere at once."""
    child = pulumi.ResourceOptions(provider=cluster.provider, depends_on=list(cluster.ready))
    redis = redis_container(args)
    namespace = cluster.namespace
    account = companions.service_account(parent, name, "store", child, namespace=namespace)
    guard = store_access.of_store(parent, name, redis.port, namespace=namespace, opts=child)
    store_access.to_store(parent, name, name, redis.port, namespace=namespace, opts=child)
    service = companions.service(
        parent,
        name,
        "store",
        child,
        instance=name,
        ports={"redis": redis.port},
        namespace=namespace,
    )
    companions.disruption_budget(parent, name, "store", child, namespace=namespace)
    probe = core.v1.ProbeArgs(
        tcp_socket=core.v1.TCPSocketActionArgs(port=redis.port),
        period_seconds=5,
        failure_threshold=6,
    )
    apps.v1.Deployment(
        name,
        metadata=metadata(name, "store", namespace=namespace),
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
                                request_vcpus=POD_VCPUS,
                                request_memory_mib=redis.memory_mib,
                                limit_vcpus=2 * POD_VCPUS,
                                limit_memory_mib=redis.memory_mib,
                            ),
                            security_context=pods.container_security(),
                            startup_probe=probe,
                            readiness_probe=probe,
                            liveness_probe=probe,
                        )
                    ],
                    placement=placement,
                    volumes=[],
                    grace_seconds=GRACE_SECONDS,
                ),
            ),
        ),
        opts=pulumi.ResourceOptions.merge(
            pulumi.ResourceOptions(parent=parent, depends_on=[account, guard, service]),
            pulumi.ResourceOptions(provider=cluster.provider),
        ),
    )
    return host(name, namespace)
