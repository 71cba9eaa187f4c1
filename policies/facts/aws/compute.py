"""Services, the machines under them, and what moves their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from components.aws import catalog
from policies.facts.aws import types
from policies.facts.graph import Graph
from policies.facts.model import (
    Bootstrap,
    HealthCheck,
    Machines,
    Scaling,
    Service,
    Target,
    Task,
)
from policies.facts.resource import Resource
from policies.facts.unknown import derived, together

ROLES: Mapping[str, Literal["api", "worker"]] = {"-api": "api", "-work": "worker"}
"""End of a component's name -> the role it plays (`infra/stack.py` names them)."""

# Defaults of the services, as their API references give them.
_MAXIMUM_PERCENT = 200
_DRAIN_SECONDS = 300
_METADATA_HOPS = 2
"""What an image that supports only IMDSv2, such as Amazon Linux 2023, brings with it."""

_SERVERLESS = "FARGATE"
_METRICS: Mapping[str, Literal["cpu", "memory"]] = {
    "ECSServiceAverageCPUUtilization": "cpu",
    "ECSServiceAverageMemoryUtilization": "memory",
}


def services(
    graph: Graph, tasks: Mapping[str, Task], machines: Mapping[str, Machines]
) -> tuple[Service, ...]:
    """The tiers of copies."""
    return tuple(_service(graph, resource, tasks, machines) for resource in graph.of(types.SERVICE))


def _role(graph: Graph, resource: Resource) -> Literal["api", "worker"]:
    """The role of the nearest component that has one; a service without is the API's."""
    for ancestor in graph.ancestors(resource):
        for end, role in ROLES.items():
            if ancestor.name.endswith(end):
                return role
    return "api"


def _service(
    graph: Graph,
    resource: Resource,
    tasks: Mapping[str, Task],
    machines: Mapping[str, Machines],
) -> Service:
    root = resource.root
    definition = graph.referred(resource, "taskDefinition", types.TASK)
    under = tuple(machines[group.urn] for group in machine_groups(graph, resource))
    scaling = tuple(
        _scaling(graph, resource, target)
        for target in graph.referring(resource, "resourceId", types.AUTOSCALER)
    )
    placed = subnet_zones(graph, resource, "networkConfiguration")
    machine_zones = derived(
        lambda groups: tuple(zone for group in groups for zone in group),
        together(derived(lambda one: one.zones, group) for group in under),
    )
    return Service(
        name=resource.name,
        urn=resource.urn,
        role=_role(graph, resource),
        copies=root.integer("desiredCount"),
        settled=bool(scaling) and not root.undetermined("arn"),
        maximum_percent=root.integer("deploymentMaximumPercent", _MAXIMUM_PERCENT),
        task=tasks[definition[0].urn]
        if definition
        else resource.undecidable(
            f"the task definition of `{resource.name}` is not part of this stack"
        ),
        serverless=_serverless(resource),
        machines=under,
        scaling=scaling,
        health_checks=tuple(
            _health_check(group)
            for group in graph.referred(resource, "loadBalancers", types.TARGET_GROUP)
        ),
        zones=derived(_common, placed, machine_zones),
        waits_for=tuple(run.name for run in graph.waits_for(resource, types.INVOCATION)),
    )


def machine_groups(graph: Graph, service: Resource) -> list[Resource]:
    """The auto scaling groups that a service's copies run on."""
    return [
        group
        for provider in graph.referred(
            service, "capacityProviderStrategies", types.CAPACITY_PROVIDER
        )
        for group in graph.referred(provider, "autoScalingGroupProvider", types.AUTOSCALING_GROUP)
    ]


def _common(placed: tuple[str, ...], machine_zones: tuple[str, ...]) -> tuple[str, ...]:
    """Zones that subnets and machines share; one of both may leave the choice to the other."""
    if placed and machine_zones:
        return tuple(zone for zone in placed if zone in machine_zones)
    return placed or machine_zones


def _serverless(resource: Resource) -> bool:
    root = resource.root
    if root.left_out("capacityProviderStrategies"):
        return derived(lambda kind: bool(kind == _SERVERLESS), root.text("launchType"))
    return derived(
        lambda nodes: all(_SERVERLESS in node.text("capacityProvider") for node in nodes),
        root.nodes("capacityProviderStrategies"),
    )


def _scaling(graph: Graph, service: Resource, target: Resource) -> Scaling:
    policies = {
        policy.urn: policy
        for owner in (target, service)
        for policy in graph.referring(owner, "resourceId", types.AUTOSCALING_POLICY)
    }
    return Scaling(
        name=target.name,
        urn=target.urn,
        min_copies=target.root.integer("minCapacity"),
        max_copies=target.root.integer("maxCapacity"),
        targets=tuple(_target(policy) for policy in policies.values()),
    )


def _target(policy: Resource) -> Target:
    tracking = policy.root.node("targetTrackingScalingPolicyConfiguration")
    metric = tracking.text("predefinedMetricSpecification.predefinedMetricType")
    return Target(
        name=policy.name,
        urn=policy.urn,
        metric=derived(lambda name: _METRICS.get(name, "other"), metric),
        percent=tracking.number("targetValue"),
        # Application Auto Scaling's default for ECS is 300 s, each way.
        scale_out_cooldown_seconds=tracking.integer("scaleOutCooldown", 300),
        scale_in_cooldown_seconds=tracking.integer("scaleInCooldown", 300),
    )


def _health_check(group: Resource) -> HealthCheck:
    return HealthCheck(
        name=group.name,
        urn=group.urn,
        path=group.root.text("healthCheck.path", "/"),
        drain_seconds=group.root.integer("deregistrationDelay", _DRAIN_SECONDS),
    )


def subnet_zones(graph: Graph, resource: Resource, name: str) -> tuple[str, ...]:
    """Zones of the subnets that a property was made from."""
    found = graph.referred(resource, name, types.SUBNET, via=(types.ROUTE_TABLE_ASSOCIATION,))
    return together(subnet.root.text("availabilityZone") for subnet in found)


def machines(graph: Graph) -> Mapping[str, Machines]:
    """URN of an auto scaling group -> its machines."""
    return {group.urn: _machines(graph, group) for group in graph.of(types.AUTOSCALING_GROUP)}


def templates(graph: Graph, group: Resource) -> list[Resource]:
    """The launch templates of an auto scaling group."""
    return [
        template
        for name in ("launchTemplate", "mixedInstancesPolicy")
        for template in graph.referred(group, name, types.LAUNCH_TEMPLATE)
    ]


def _machines(graph: Graph, group: Resource) -> Machines:
    found = templates(graph, group)
    if not found:
        return group.undecidable(  # type: ignore[no-any-return]
            f"the launch template of `{group.name}` is not part of this stack"
        )
    template = found[0].root
    kind = template.text("instanceType")
    size = derived(lambda name: _size(group, name), kind)
    metadata = template.node("metadataOptions")
    return Machines(
        name=group.name,
        urn=group.urn,
        type=kind,
        vcpus=derived(lambda found: found.vcpus, size),
        memory_gib=derived(lambda found: found.memory_gib, size),
        # The machine itself takes one.
        addresses=derived(lambda found: found.max_enis - 1, size),
        max_machines=group.root.integer("maxSize"),
        metadata_needs_token=derived(
            lambda tokens: tokens == "required", metadata.text("httpTokens", "optional")
        ),
        metadata_hops=metadata.integer("httpPutResponseHopLimit", _METADATA_HOPS),
        zones=subnet_zones(graph, group, "vpcZoneIdentifiers"),
    )


def _size(group: Resource, name: str) -> catalog.InstanceType:
    try:
        return catalog.instance_type(name)
    except catalog.CatalogError as error:
        return group.undecidable(str(error))  # type: ignore[no-any-return]


def bootstraps(graph: Graph, tasks: Mapping[str, Task]) -> tuple[Bootstrap, ...]:
    """The runs that the deployment waits for: calls of a function that starts a task."""
    return tuple(
        Bootstrap(
            name=call.name,
            urn=call.urn,
            tasks=tuple(tasks[found.urn] for found in graph.referred(call, "input", types.TASK)),
        )
        for call in graph.of(types.INVOCATION)
    )
