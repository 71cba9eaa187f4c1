"""What the load balancer of a stack is told to do, in the words of no cloud.

Only what the nginx of the live sandbox can do is accepted; anything else is an error, for a
setting that is silently ignored here would only show its fault in the cloud.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sandbox.cloud import CloudObject

Algorithm: TypeAlias = Literal["round_robin", "least_outstanding_requests", "weighted_random"]
ForwardedFor: TypeAlias = Literal["append", "preserve", "remove"]


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
    """What the stack's objects call it."""
    name: str
    algorithm: Algorithm
    anomaly_mitigation: bool
    """Whether a target that fails gets fewer requests before a health check has noticed."""
    deregistration_delay_seconds: float
    health_check: HealthCheck | None
    """None where nobody asks: a target gets requests from the moment when it is there."""
    host: str = ""
    """Host name that targets are asked for; empty for the one that the client called."""
    fails_open: bool = True
    """Whether all targets get requests while none is healthy (ELB user guide, "Target group
    health")."""


@dataclass(frozen=True, kw_only=True)
class Forward:
    """Requests go to the group that is called so."""

    target_group: str
    led_back: str = ""
    """Redirects of targets to what this expression finds, whichever its case, lead to the address
    that the client called; its first group is what follows there. Empty: they are left alone."""


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Requests are sent to the same host and path on another listener."""

    protocol: str
    port: int
    status: int


Action: TypeAlias = Forward | Redirect


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What becomes of the paths that match one of the regular expressions as a whole."""

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
    tells_scheme: bool = True
    """Whether targets learn by `X-Forwarded-Proto` how the client came."""
    notes: tuple[str, ...] = ()
    """What differs from the cloud, for whoever reads what comes up."""


def shell_pattern(pattern: str) -> str:
    """A path pattern, `*` and `?` as in a shell, as a regular expression."""
    wildcards = {"*": ".*", "?": "."}
    return "".join(wildcards.get(char) or re.escape(char) for char in pattern)


def unsupported(
    item: CloudObject,
    attribute: str,
    value: Any,  # noqa: ANN401 - a property may be anything
    known: str,
) -> UnsupportedLoadBalancerError:
    """The refusal of a property of an object; `known`: what can be done."""
    return UnsupportedLoadBalancerError(
        f"{item.label}: {attribute} is {value!r}, the live sandbox can only do {known}"
    )
