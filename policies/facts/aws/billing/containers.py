"""Containers: services without machines of their own, and clusters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from components.aws.fixed import FREE_STORAGE_GIB
from policies.facts import roles
from policies.facts.aws import schedules, types
from policies.facts.aws.tasks import CPU_UNITS_PER_VCPU
from policies.facts.billing import NotPriced, between
from policies.facts.dumps import made_by
from policies.facts.graph import Graph
from policies.facts.model import Dump
from policies.facts.resource import Resource
from pricing.inventory import ContainerMetrics, ControlPlane, DumpRuns, ServerlessCopies, Thing
from pricing.span import Span

CLUSTER = "aws:ecs/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"

_SERVERLESS = "FARGATE"
_SPOT = "FARGATE_SPOT"
_EXTERNAL = "EXTERNAL"
_MIB_PER_GIB = 1024
_INSIGHTS = "containerInsights"
_OBSERVABILITY = "amazon-cloudwatch-observability"
_FREE_ADDONS = (
    _OBSERVABILITY,
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "aws-fsx-csi-driver",
    "aws-mountpoint-s3-csi-driver",
    "coredns",
    "eks-node-monitoring-agent",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "snapshot-controller",
    "vpc-cni",
)
"""Add-ons of AWS's own that cost nothing themselves (EKS user guide, "Available Amazon EKS
add-ons from AWS"); others may come from a marketplace."""


def service(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """The copies of a service on Fargate; those on machines are billed with the machines."""
    provider = _provider(graph, resource)
    if provider == _EXTERNAL:
        raise NotPriced("a fee is billed for machines that are not the cloud's")
    if provider not in (_SERVERLESS, _SPOT):
        return
    definitions = graph.referred(resource, "taskDefinition", types.TASK)
    if not definitions:
        raise NotPriced("its task definition is not part of this stack")
    task = definitions[0].root
    if not (task.stated("cpu") and task.stated("memory")):
        raise NotPriced("its task definition states no size")
    if task.integer("ephemeralStorage.sizeInGib") > FREE_STORAGE_GIB:
        raise NotPriced(f"its copies have more than {FREE_STORAGE_GIB} GiB of storage each")
    yield ServerlessCopies(
        component=roles.of(graph, resource) or "cluster",
        name=resource.name,
        urn=resource.urn,
        vcpus=task.integer("cpu") / CPU_UNITS_PER_VCPU,
        memory_gib=task.integer("memory") / _MIB_PER_GIB,
        count=_copies(graph, resource),
        spot=provider == _SPOT,
        arm=task.text("runtimePlatform.cpuArchitecture") == "ARM64",
        public_addresses=int(resource.root.flag("networkConfiguration.assignPublicIp")),
    )


def schedule(graph: Graph, resource: Resource, dumps: tuple[Dump, ...]) -> Iterator[Thing]:
    """The runs of a dump on Fargate."""
    dump = made_by(resource, dumps)
    if dump is None:
        raise NotPriced("how long what it starts runs is not known")
    parameters = resource.root.node("target.ecsParameters")
    if parameters.text("launchType") != _SERVERLESS:
        raise NotPriced("what it starts does not run on Fargate")
    [definition] = graph.referred(resource, "target", types.TASK)
    task = definition.root
    storage_gib = task.integer("ephemeralStorage.sizeInGib", FREE_STORAGE_GIB)
    yield DumpRuns(
        component="database",
        name=resource.name,
        urn=resource.urn,
        times_a_day=dump.times_a_day,
        vcpus=task.integer("cpu") / CPU_UNITS_PER_VCPU,
        memory_gib=task.integer("memory") / _MIB_PER_GIB,
        storage_gib=storage_gib - FREE_STORAGE_GIB,
        public_addresses=int(parameters.flag("networkConfiguration.assignPublicIp")),
    )


def _provider(graph: Graph, resource: Resource) -> str:
    """What its copies run on: a launch type, a capacity provider of Fargate; empty: machines."""
    root = resource.root
    if not root.stated("capacityProviderStrategies"):
        return root.text("launchType")
    strategies = root.nodes("capacityProviderStrategies")
    # One of the stack's own machines has no name yet.
    own = graph.referred(resource, "capacityProviderStrategies", types.CAPACITY_PROVIDER)
    named = {
        one.text("capacityProvider")
        for one in strategies
        if not (own and one.undetermined("capacityProvider"))
    }
    serverless = named & {_SERVERLESS, _SPOT}
    if serverless and len(strategies) > 1:
        raise NotPriced("its copies are shared out among several capacity providers")
    return next(iter(serverless), "")


def _copies(graph: Graph, resource: Resource) -> Span:
    wanted = resource.root.integer("desiredCount")
    targets = graph.referring(resource, "resourceId", types.AUTOSCALER)
    if not targets:
        return Span.fixed(wanted)
    bounds = targets[0].root
    count = between(bounds.integer("minCapacity"), wanted, bounds.integer("maxCapacity"))
    return schedules.averaged(graph, resource, count)


def scalable_target(resource: Resource) -> Iterable[Thing]:
    """Bounds of an autoscaler, which are read with the service that it moves."""
    namespace = resource.root.text("serviceNamespace")
    if namespace != "ecs":
        raise NotPriced(f"what it scales in {namespace} is priced at the size that it starts with")
    return ()


def container_cluster(graph: Graph, cluster: Resource) -> Iterator[Thing]:
    """The measures that CloudWatch takes of a cluster's containers."""
    if not cluster.root.stated("settings"):
        return
    switches = {
        setting.text("name"): setting.text("value") for setting in cluster.root.nodes("settings")
    }
    taken = switches.get(_INSIGHTS, "disabled")
    if taken != "disabled":
        yield ContainerMetrics(
            component="monitoring",
            name=cluster.name,
            urn=cluster.urn,
            services=len(graph.referring(cluster, "cluster", types.SERVICE)),
            detailed=taken == "enhanced",
        )


def addon(resource: Resource) -> Iterator[Thing]:
    """What an add-on of a cluster is billed by."""
    name = resource.root.text("addonName")
    if name not in _FREE_ADDONS:
        raise NotPriced(f"add-on {name} is not known to be free")
    if name == _OBSERVABILITY and _detailed(resource):
        yield ContainerMetrics(
            component="monitoring",
            name=resource.name,
            urn=resource.urn,
            services=0,
            detailed=True,
        )


def _detailed(resource: Resource) -> bool:
    """Whether it measures every container, as it does unless told not to."""
    if not resource.root.stated("configurationValues"):
        return True
    text = resource.root.text("configurationValues")
    try:
        values = json.loads(text)
        collected = values.get("agent", {}).get("config", {}).get("logs", {})
        switch = collected.get("metrics_collected", {}).get("kubernetes", {})
        return bool(switch.get("enhanced_container_insights", True))
    except (ValueError, AttributeError):
        return resource.root.unreadable(  # type: ignore[no-any-return]
            "configurationValues", "JSON object"
        )


def control_plane(cluster: Resource) -> Iterator[Thing]:
    """What steers a Kubernetes cluster."""
    automatic = "computeConfig.enabled"
    if cluster.root.stated(automatic) and cluster.root.flag(automatic):
        raise NotPriced("a fee for its automatic machines is added to their price")
    yield ControlPlane(
        component="cluster",
        name=cluster.name,
        urn=cluster.urn,
        version=cluster.root.text("version"),
    )
