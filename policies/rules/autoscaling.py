"""Autoscaling of copies (requirement C2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from components.args import ScalingArgs
from infra.tiers import API_REPLICA_BOUNDS
from policies.facts.model import Deployment, Scaling, Service
from policies.rules.rule import Config, Number, Rule, Violation, violation


def _default(field: str) -> float:
    return float(ScalingArgs.model_fields[field].default)


def _percent(metric: str, field: str) -> Number:
    return Number(
        name="mostPercent",
        description=f"Highest {metric} use to hold, percent (C2).",
        default=_default(field),
        minimum=1,
        maximum=100,
    )


def _must_scale(deployment: Deployment, service: Service) -> bool:
    sizes = getattr(deployment.sizes, service.role)
    return bool(sizes.min_replicas < sizes.max_replicas)


def _autoscalers(
    deployment: Deployment,
) -> Iterable[tuple[Service, Scaling]]:
    for service in deployment.services:
        for scaling in service.scaling:
            yield service, scaling


def replica_bounds(deployment: Deployment, config: Config) -> Iterable[Violation]:
    most = int(config["most"])
    for service in deployment.services:
        if not len(service.scaling) and _must_scale(deployment, service):
            yield violation(
                service,
                f"has no autoscaler, {deployment.tier} scales its {service.role} tier",
                f"set letta:{service.role}.max_replicas above min_replicas",
            )
    for service in deployment.of_role("api"):
        if service.max_copies > most:
            yield violation(
                service,
                f"grows to {service.max_copies} copies, most is {most}",
                f"set letta:api.max_replicas to {most} or less",
            )


def _target(
    deployment: Deployment, metric: Literal["cpu", "memory"], most: float
) -> Iterable[Violation]:
    for service, scaling in _autoscalers(deployment):
        found = [target for target in scaling.targets if target.metric == metric]
        if not found:
            yield violation(
                service,
                f"does not scale on {metric}",
                f"set letta:{service.role}.{metric}_target_percent to {most:g} or less",
            )
        for target in found:
            if target.percent > most:
                yield violation(
                    target,
                    f"holds {metric} use at {target.percent:g} %, most is {most:g} %",
                    f"set letta:{service.role}.{metric}_target_percent to {most:g} or less",
                )


def cpu_target(deployment: Deployment, config: Config) -> Iterable[Violation]:
    return _target(deployment, "cpu", config["mostPercent"])


def memory_target(deployment: Deployment, config: Config) -> Iterable[Violation]:
    return _target(deployment, "memory", config["mostPercent"])


def scaling_cooldowns(deployment: Deployment, config: Config) -> Iterable[Violation]:
    out, back = int(config["scaleOutMostSeconds"]), int(config["scaleInLeastSeconds"])
    for service, scaling in _autoscalers(deployment):
        for target in scaling.targets:
            if target.scale_out_cooldown_seconds > out:
                yield violation(
                    target,
                    f"pauses {target.scale_out_cooldown_seconds} s after adding copies, "
                    f"most is {out} s",
                    f"set letta:{service.role}.scale_out_cooldown_seconds to {out} or less",
                )
            if target.scale_in_cooldown_seconds < back:
                yield violation(
                    target,
                    f"pauses {target.scale_in_cooldown_seconds} s after removing copies, "
                    f"least is {back} s",
                    f"set letta:{service.role}.scale_in_cooldown_seconds to {back} or more",
                )


RULES = (
    Rule(
        name="replica-bounds",
        description="The API tier is autoscaled, and not beyond the most copies allowed.",
        severity="high",
        check=replica_bounds,
        numbers=(
            Number(
                name="most",
                description="Most API copies (C2).",
                default=API_REPLICA_BOUNDS[1],
                minimum=1,
                maximum=1000,
            ),
        ),
    ),
    Rule(
        name="cpu-target",
        description="Autoscaling holds CPU use, low enough to leave room for a burst.",
        severity="medium",
        check=cpu_target,
        numbers=(_percent("CPU", "cpu_target_percent"),),
    ),
    Rule(
        name="memory-target",
        description="Autoscaling holds memory use, low enough to leave room for a burst.",
        severity="medium",
        check=memory_target,
        numbers=(_percent("memory", "memory_target_percent"),),
    ),
    Rule(
        name="scaling-cooldowns",
        description="Autoscaling adds copies soon and removes them with hesitation.",
        severity="low",
        check=scaling_cooldowns,
        numbers=(
            Number(
                name="scaleOutMostSeconds",
                description="Longest pause after adding copies, seconds (C2).",
                default=_default("scale_out_cooldown_seconds"),
                minimum=0,
                maximum=3600,
            ),
            Number(
                name="scaleInLeastSeconds",
                description="Shortest pause after removing copies, seconds (C2).",
                default=_default("scale_in_cooldown_seconds"),
                minimum=0,
                maximum=3600,
            ),
        ),
    ),
)
