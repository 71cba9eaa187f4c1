"""What the load balancer of a stack is told to do, read from the objects of the sandbox.

Only what the nginx of the live sandbox can do is accepted; anything else is an error, for a
setting that is silently ignored here would only show its fault in the cloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from sandbox.cloud import CloudObject

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
CERTIFICATE = "aws:acm/certificate:Certificate"
TYPES = (LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP, CERTIFICATE)

Algorithm: TypeAlias = Literal["round_robin", "least_outstanding_requests", "weighted_random"]
_ALGORITHMS: tuple[Algorithm, ...] = (
    "round_robin",
    "least_outstanding_requests",
    "weighted_random",
)
ForwardedFor: TypeAlias = Literal["append", "preserve", "remove"]
_FORWARDED_FOR: tuple[ForwardedFor, ...] = ("append", "preserve", "remove")
_Name = TypeVar("_Name", bound=str)
# ELB user guide, "Security policies": the names say the versions.
_TLS_VERSIONS = (
    (re.compile(r"ELBSecurityPolicy-TLS13-1-3-"), ("TLSv1.3",)),
    (re.compile(r"ELBSecurityPolicy-TLS13-1-2-"), ("TLSv1.2", "TLSv1.3")),
)
_WHOLE = {"host": "#{host}", "path": "/#{path}", "query": "#{query}"}


class UnsupportedLoadBalancerError(ValueError):
    """The objects ask for something that the live sandbox does not do."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """How the balancer asks a target whether it is well."""

    path: str
    statuses: frozenset[int]
    """What a well target answers with."""
    interval_seconds: float
    timeout_seconds: float
    healthy_threshold: int
    """Good answers in a row after which an unhealthy target is healthy again."""
    unhealthy_threshold: int
    """Bad answers in a row after which a target gets no more requests."""


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """Processes that share the requests for some paths."""

    arn: str
    name: str
    algorithm: Algorithm
    anomaly_mitigation: bool
    """Whether a target that fails gets fewer requests before a health check has noticed."""
    deregistration_delay_seconds: float
    health_check: HealthCheck


@dataclass(frozen=True, kw_only=True)
class Forward:
    """Requests go to the group of that ARN."""

    target_group: str


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Requests are sent to the same host and path on another listener."""

    protocol: str
    port: int
    status: int


Action: TypeAlias = Forward | Redirect


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What becomes of the paths that match one of the patterns (`*` and `?` as in a shell)."""

    priority: int
    paths: tuple[str, ...]
    action: Action


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A port of the balancer; its rules are in the order in which they are tried."""

    port: int
    tls_versions: tuple[str, ...]
    """Empty where the listener speaks plain HTTP."""
    rules: tuple[Rule, ...]
    default: Action


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """A load balancer with all that belongs to it."""

    name: str
    domains: tuple[str, ...]
    """Host names that its certificate must cover."""
    idle_timeout_seconds: float
    client_keepalive_seconds: float
    drop_invalid_header_fields: bool
    http2: bool
    forwarded_for: ForwardedFor
    listeners: tuple[Listener, ...]
    target_groups: tuple[TargetGroup, ...]


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
        raise _unsupported(balancer, "loadBalancerType", kind, "application")
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
    raise _unsupported(item, "sslPolicy", policy, "ELBSecurityPolicy-TLS13-1-2-… or -TLS13-1-3-…")


def _rule(item: CloudObject) -> Rule:
    conditions = item.get("conditions")
    patterns = [condition.get("pathPattern") for condition in conditions]
    if len(patterns) != 1 or patterns[0] is None:
        raise _unsupported(item, "conditions", conditions, "one path pattern")
    return Rule(
        priority=int(item.get("priority")),
        paths=tuple(patterns[0]["values"]),
        action=_action(item, item.get("actions")),
    )


def _action(item: CloudObject, actions: Sequence[Mapping[str, Any]]) -> Action:
    if len(actions) != 1:
        raise _unsupported(item, "actions", actions, "one action")
    action = actions[0]
    if action["type"] == "forward" and action.get("targetGroupArn"):
        return Forward(target_group=action["targetGroupArn"])
    if action["type"] != "redirect":
        raise _unsupported(item, "actions", action, "forward to one target group, or redirect")
    redirect = action["redirect"]
    for part, whole in _WHOLE.items():
        if redirect.get(part, whole) != whole:
            raise _unsupported(item, f"redirect.{part}", redirect[part], whole)
    return Redirect(
        protocol=redirect["protocol"].lower(),
        port=int(redirect["port"]),
        status=int(redirect["statusCode"].removeprefix("HTTP_")),
    )


def _target_group(item: CloudObject) -> TargetGroup:
    _one_of(item, "protocol", ("HTTP",))
    if (item.get("stickiness") or {}).get("enabled"):
        raise _unsupported(item, "stickiness.enabled", True, "false")
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
        raise _unsupported(item, attribute, value, " or ".join(known))
    return known[known.index(value)]


def _unsupported(
    item: CloudObject,
    attribute: str,
    value: Any,  # noqa: ANN401 - a property may be anything
    known: str,
) -> UnsupportedLoadBalancerError:
    return UnsupportedLoadBalancerError(
        f"{item.label}: {attribute} is {value!r}, the live sandbox can only do {known}"
    )
