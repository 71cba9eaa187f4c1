"""Services, the machines under them, and what moves their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from infra import capacity
from policies.facts import roles
from policies.facts.aws import schedules, types
from policies.facts.aws.machines import subnet_zones
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
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived, together

# Defaults of the services, as their API references give them.
_MAXIMUM_PERCENT = 200
_DRAIN_SECONDS = 300

_SERVERLESS = "FARGATE"
_SPOT = "FARGATE_SPOT"
_METRICS: Mapping[str, Literal["cpu", "memory"]] = {
    "ECSServiceAverageCPUUtilization": "cpu",
    "ECSServiceAverageMemoryUtilization": "memory",
}


def services(
    graph: Graph, tasks: Mapping[str, Task], machines: Mapping[str, Machines]
) -> tuple[Service, ...]:
    """The tiers of copies."""
    return tuple(_service(graph, resource, tasks, machines) for resource in graph.of(types.SERVICE))


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
    rolling = _rolling_copies(resource, scaling)
    machine_zones = derived(
        lambda groups: tuple(zone for group in groups for zone in group),
        together(derived(lambda one: one.zones, group) for group in under),
    )
    return Service(
        name=resource.name,
        urn=resource.urn,
        # A service that is part of no role is the API's.
        role=roles.of(graph, resource) or "api",
        copies=root.integer("desiredCount"),
        settled=bool(scaling) and not root.undetermined("arn"),
        rolling_copies=rolling,
        connected_copies=rolling,
        task=tasks[definition[0].urn]
        if definition
        else resource.undecidable(
            f"the task definition of `{resource.name}` is not part of this stack"
        ),
        pods=(),
        serverless=_serverless(resource),
        spot=_spot(resource, under),
        machines=under,
        scaling=scaling,
        health_checks=tuple(
            health_check(group)
            for group in graph.referred(resource, "loadBalancers", types.TARGET_GROUP)
        ),
        zones=derived(_common, placed, machine_zones),
        waits_for=tuple(run.name for run in graph.waits_for(resource, types.INVOCATION)),
    )


def _rolling_copies(resource: Resource, scaling: tuple[Scaling, ...]) -> int:
    return derived(
        lambda percent: capacity.rolling_copies(
            max((one.max_copies for one in scaling), default=resource.root.integer("desiredCount")),
            percent,
        ),
        resource.root.integer("deploymentMaximumPercent", _MAXIMUM_PERCENT),
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


def _spot(resource: Resource, under: tuple[Machines, ...]) -> bool:
    """Whether any of its copies may be on spare capacity."""
    if resource.root.left_out("capacityProviderStrategies"):
        return False
    return derived(
        lambda nodes: (
            any(_SPOT in node.text("capacityProvider") for node in nodes)
            or any(machines.spot for machines in under)
        ),
        _named(resource),
    )


def _named(resource: Resource) -> tuple[Node, ...]:
    """The capacity providers that it names itself. One of the stack's own has no name yet."""
    return derived(
        lambda nodes: tuple(node for node in nodes if not node.undetermined("capacityProvider")),
        resource.root.nodes("capacityProviderStrategies"),
    )


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
        min_copies=schedules.floor(graph, service),
        max_copies=schedules.ceiling(graph, service),
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


def health_check(group: Resource) -> HealthCheck:
    return HealthCheck(
        name=group.name,
        urn=group.urn,
        path=group.root.text("healthCheck.path", "/"),
        drain_seconds=group.root.integer("deregistrationDelay", _DRAIN_SECONDS),
    )


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
