"""Reads what an application load balancer is told to do.

What the nginx of the live sandbox cannot do is an error: a setting that is silently ignored here
would only show its fault in the cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sandbox.cloud import CloudObject
from sandbox.live.load_balancer_spec import (
    Action,
    Algorithm,
    Balancer,
    Forward,
    ForwardedFor,
    HealthCheck,
    Listener,
    Redirect,
    Rule,
    TargetGroup,
    UnsupportedLoadBalancerError,
    shell_pattern,
    unsupported,
)
from sandbox.live.spec import Objects

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
CERTIFICATE = "aws:acm/certificate:Certificate"
TYPES = (LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP, CERTIFICATE)

_ALGORITHMS: tuple[Algorithm, ...] = (
    "round_robin",
    "least_outstanding_requests",
    "weighted_random",
)
_FORWARDED_FOR: tuple[ForwardedFor, ...] = ("append", "preserve", "remove")
_Name = TypeVar("_Name", bound=str)
# ELB user guide, "Security policies": the names say the versions.
_TLS_VERSIONS = (
    (re.compile(r"ELBSecurityPolicy-TLS13-1-3-"), ("TLSv1.3",)),
    (re.compile(r"ELBSecurityPolicy-TLS13-1-2-"), ("TLSv1.2", "TLSv1.3")),
)
_WHOLE = {"host": "#{host}", "path": "/#{path}", "query": "#{query}"}


def balancers(objects: Objects) -> tuple[Balancer, ...]:
    """The load balancer of the stack, where it has one. Raises UnsupportedLoadBalancerError."""
    return (read(objects.everything),) if objects.all(LOAD_BALANCER) else ()


def read(objects: Iterable[CloudObject]) -> Balancer:
    """The one load balancer among the objects. Raises UnsupportedLoadBalancerError."""
    by_type: dict[str, list[CloudObject]] = {token: [] for token in TYPES}
    for item in objects:
        if item.type in by_type:
            by_type[item.type].append(item)
    balancers = by_type[LOAD_BALANCER]
    if len(balancers) != 1:
        raise UnsupportedLoadBalancerError(
            f"the stack has {len(balancers)} load balancers, the live sandbox runs exactly one: "
            "choose a stack with an ingress"
        )
    balancer = balancers[0]
    if (kind := balancer.get("loadBalancerType")) != "application":
        raise unsupported(balancer, "loadBalancerType", kind, "application")
    listeners = [
        item for item in by_type[LISTENER] if item.get("loadBalancerArn") == balancer.get("arn")
    ]
    if not listeners:
        raise UnsupportedLoadBalancerError(f"{balancer.label} has no listener: nothing reaches it")
    return Balancer(
        name=balancer.get("name"),
        domains=tuple(dict.fromkeys(_domains(by_type[CERTIFICATE], listeners, balancer))),
        idle_timeout_seconds=float(balancer.get("idleTimeout")),
        client_keepalive_seconds=float(balancer.get("clientKeepAlive")),
        drop_invalid_header_fields=balancer.get("dropInvalidHeaderFields"),
        http2=balancer.get("enableHttp2"),
        forwarded_for=_one_of(balancer, "xffHeaderProcessingMode", _FORWARDED_FOR),
        listeners=tuple(_listener(item, by_type[RULE]) for item in listeners),
        target_groups=tuple(_target_group(item) for item in by_type[TARGET_GROUP]),
    )


def _domains(
    certificates: Sequence[CloudObject], listeners: Sequence[CloudObject], balancer: CloudObject
) -> Iterable[str]:
    used = {item.get("certificateArn") for item in listeners}
    for certificate in certificates:
        if certificate.get("arn") in used:
            yield certificate.get("domainName")
            yield from certificate.get("subjectAlternativeNames") or ()
    yield balancer.get("dnsName")


def _listener(item: CloudObject, rules: Sequence[CloudObject]) -> Listener:
    protocol = _one_of(item, "protocol", ("HTTP", "HTTPS"))
    own = [rule for rule in rules if rule.get("listenerArn") == item.get("arn")]
    return Listener(
        port=int(item.get("port")),
        tls_versions=_tls_versions(item) if protocol == "HTTPS" else (),
        rules=tuple(sorted((_rule(rule) for rule in own), key=lambda rule: rule.priority)),
        default=_action(item, item.get("defaultActions")),
    )


def _tls_versions(item: CloudObject) -> tuple[str, ...]:
    policy = item.get("sslPolicy")
    for pattern, versions in _TLS_VERSIONS:
        if pattern.match(policy):
            return versions
    raise unsupported(item, "sslPolicy", policy, "ELBSecurityPolicy-TLS13-1-2-… or -TLS13-1-3-…")


def _rule(item: CloudObject) -> Rule:
    conditions = item.get("conditions")
    patterns = [condition.get("pathPattern") for condition in conditions]
    if len(patterns) != 1 or patterns[0] is None:
        raise unsupported(item, "conditions", conditions, "one path pattern")
    return Rule(
        priority=int(item.get("priority")),
        paths=tuple(map(shell_pattern, patterns[0]["values"])),
        action=_action(item, item.get("actions")),
    )


def _action(item: CloudObject, actions: Sequence[Mapping[str, Any]]) -> Action:
    if len(actions) != 1:
        raise unsupported(item, "actions", actions, "one action")
    action = actions[0]
    if action["type"] == "forward" and action.get("targetGroupArn"):
        return Forward(target_group=action["targetGroupArn"])
    if action["type"] != "redirect":
        raise unsupported(item, "actions", action, "forward to one target group, or redirect")
    redirect = action["redirect"]
    for part, whole in _WHOLE.items():
        if redirect.get(part, whole) != whole:
            raise unsupported(item, f"redirect.{part}", redirect[part], whole)
    return Redirect(
        protocol=redirect["protocol"].lower(),
        port=int(redirect["port"]),
        status=int(redirect["statusCode"].removeprefix("HTTP_")),
    )


def _target_group(item: CloudObject) -> TargetGroup:
    _one_of(item, "protocol", ("HTTP",))
    if (item.get("stickiness") or {}).get("enabled"):
        raise unsupported(item, "stickiness.enabled", True, "false")
    return TargetGroup(
        arn=item.get("arn"),
        name=item.get("name"),
        algorithm=_one_of(item, "loadBalancingAlgorithmType", _ALGORITHMS),
        anomaly_mitigation=item.get("loadBalancingAnomalyMitigation") == "on",
        deregistration_delay_seconds=float(item.get("deregistrationDelay")),
        health_check=_health_check(item.get("healthCheck") or {}),
    )


def _health_check(values: Mapping[str, Any]) -> HealthCheck:
    # Defaults of an HTTP target group: ELB API reference, CreateTargetGroup.
    return HealthCheck(
        path=values.get("path", "/"),
        statuses=frozenset(_statuses(values.get("matcher", "200"))),
        interval_seconds=float(values.get("interval", 30)),
        timeout_seconds=float(values.get("timeout", 5)),
        healthy_threshold=int(values.get("healthyThreshold", 5)),
        unhealthy_threshold=int(values.get("unhealthyThreshold", 2)),
    )


def _statuses(matcher: str) -> Iterable[int]:
    """The codes of `200`, `200,202` or `200-299`."""
    for part in matcher.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _one_of(item: CloudObject, attribute: str, known: tuple[_Name, ...]) -> _Name:
    value = item.get(attribute)
    if value not in known:
        raise unsupported(item, attribute, value, " or ".join(known))
    return known[known.index(value)]
