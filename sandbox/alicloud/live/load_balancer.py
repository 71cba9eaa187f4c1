"""Reads what an application load balancer (ALB) is told to do.

What the nginx of the live sandbox cannot do is an error: a setting that is silently ignored here
would only show its fault in the cloud. Where an object leaves something out, ALB's own default
holds (ALB API reference, the type that is named).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

LOAD_BALANCER = "alicloud:alb/loadBalancer:LoadBalancer"
LISTENER = "alicloud:alb/listener:Listener"
RULE = "alicloud:alb/rule:Rule"
SERVER_GROUP = "alicloud:alb/serverGroup:ServerGroup"
ATTACHMENT = "alicloud:ess/albServerGroupAttachment:AlbServerGroupAttachment"
RECORD = "alicloud:dns/alidnsRecord:AlidnsRecord"

KEEPALIVE_SECONDS = 24 * 3600.0
"""How long a client may go on using one connection; ALB names no limit, nginx must have one."""
TELLS_SCHEME = "xForwardedForProtoEnabled"
"""Off where nobody says otherwise (recollection of CreateListener)."""
APEX = "@"
"""A record of the domain itself."""
REGULAR = "~"
"""Begins a path that is a regular expression already."""
_ALGORITHMS: Mapping[str, Algorithm] = {"Wrr": "round_robin", "Wlc": "least_outstanding_requests"}
"""CreateServerGroup, `Scheduler`; all machines have one weight."""
_FORWARDED_FOR: Mapping[str, ForwardedFor] = {"append": "append", "remove": "remove"}
"""CreateListener, `XForwardedForProcessingMode`."""
_TLS_VERSIONS: Mapping[str, tuple[str, ...]] = {
    "tls_cipher_policy_1_2": ("TLSv1.2",),
    "tls_cipher_policy_1_2_strict": ("TLSv1.2",),
    "tls_cipher_policy_1_2_strict_with_1_3": ("TLSv1.2", "TLSv1.3"),
}
"""Policies of ALB's own without older versions (ALB user guide, "TLS security policies")."""
_WHOLE = {"host": "${host}", "path": "${path}", "query": "${query}"}
"""What a redirect keeps."""

_Spec = Mapping[str, Any]
_Kind = TypeVar("_Kind")


def balancers(objects: Objects) -> tuple[Balancer, ...]:
    """The load balancers of the stack. Raises UnsupportedLoadBalancerError."""
    return tuple(_balancer(objects, item) for item in objects.all(LOAD_BALANCER))


def node_ports(objects: Objects) -> tuple[tuple[int, str], ...]:
    """The port of a cluster's machines that a server group calls, and the group."""
    return tuple(
        dict.fromkeys(
            (int(item.get("port")), str(item.get("albServerGroupId")))
            for item in objects.all(ATTACHMENT)
        )
    )


def _balancer(objects: Objects, item: CloudObject) -> Balancer:
    own = [each for each in objects.all(LISTENER) if each.get("loadBalancerId") == item.id]
    encrypted = [each for each in own if each.get("listenerProtocol") == "HTTPS"]
    if len(encrypted) != 1:
        raise UnsupportedLoadBalancerError(
            f"{item.label} has {len(encrypted)} listeners of HTTPS, the live sandbox runs one"
        )
    [front] = encrypted
    idle, request = front.get("idleTimeout"), front.get("requestTimeout")
    if idle != request:
        raise unsupported(front, "requestTimeout", request, f"that of idleTimeout, {idle}")
    if front.get("gzipEnabled") is not False:
        raise unsupported(front, "gzipEnabled", front.get("gzipEnabled"), "false")
    return Balancer(
        name=str(item.get("loadBalancerName")),
        domains=_domains(objects, item),
        idle_timeout_seconds=float(request),
        client_keepalive_seconds=KEEPALIVE_SECONDS,
        # Names with underscores are passed on (recollection).
        drop_invalid_header_fields=False,
        http2=bool(front.get("http2Enabled")),
        forwarded_for=_forwarded_for(front),
        tells_scheme=bool((front.get("xForwardedForConfig") or {}).get(TELLS_SCHEME)),
        listeners=tuple(_listener(objects, each) for each in own),
        target_groups=tuple(_target_group(each) for each in objects.all(SERVER_GROUP)),
    )


def _domains(objects: Objects, item: CloudObject) -> tuple[str, ...]:
    """Names that lead to the balancer, by records of the stack's or by its own: what its
    certificate covers, nobody here knows."""
    own = str(item.get("dnsName"))
    named = [
        str(record.get("domainName"))
        if record.get("rr") == APEX
        else f"{record.get('rr')}.{record.get('domainName')}"
        for record in objects.all(RECORD)
        if record.get("value") == own
    ]
    return tuple(dict.fromkeys(named)) or (own,)


def _forwarded_for(item: CloudObject) -> ForwardedFor:
    given: _Spec = item.get("xForwardedForConfig") or {}
    if given.get("xForwardedForEnabled") is False:
        return "preserve"
    mode = given.get("xForwardedForProcessingMode") or "append"
    return _known(item, "xForwardedForProcessingMode", mode, _FORWARDED_FOR)


def _listener(objects: Objects, item: CloudObject) -> Listener:
    protocol = item.get("listenerProtocol")
    rules = [each for each in objects.all(RULE) if each.get("listenerId") == item.id]
    found = Listener(
        port=int(item.get("listenerPort")),
        tls_versions=_tls_versions(item) if protocol == "HTTPS" else (),
        rules=tuple(sorted(map(_rule, rules), key=lambda rule: rule.priority)),
        default=_action(item, "defaultActions", item.get("defaultActions")),
    )
    # Its limits and its compression are its own, and nginx has one set of them here.
    if not found.tls_versions and not _redirects_all(found):
        raise unsupported(item, "listenerProtocol", protocol, "HTTPS, or redirect every path")
    return found


def _redirects_all(listener: Listener) -> bool:
    first = next(iter(listener.rules), None)
    return first is not None and (
        isinstance(first.action, Redirect) and shell_pattern("/*") in first.paths
    )


def _tls_versions(item: CloudObject) -> tuple[str, ...]:
    return _known(item, "securityPolicyId", item.get("securityPolicyId"), _TLS_VERSIONS)


def _rule(item: CloudObject) -> Rule:
    """CreateRule: conditions hold together, values of one condition in place of each other."""
    if item.get("direction") not in (None, "Request"):
        raise unsupported(item, "direction", item.get("direction"), "Request")
    conditions: Sequence[_Spec] = item.get("ruleConditions")
    if [each["type"] for each in conditions] != ["Path"]:
        raise unsupported(item, "ruleConditions", conditions, "one condition of type Path")
    values: Sequence[str] = conditions[0]["pathConfig"]["values"]
    for value in values:
        if value.startswith(REGULAR):
            raise unsupported(item, "pathConfig.values", value, "paths with * and ?")
    return Rule(
        priority=int(item.get("priority")),
        paths=tuple(map(shell_pattern, values)),
        action=_action(item, "ruleActions", item.get("ruleActions")),
    )


def _action(item: CloudObject, attribute: str, actions: Sequence[_Spec]) -> Action:
    if len(actions) != 1:
        raise unsupported(item, attribute, actions, "one action")
    action = actions[0]
    if action["type"] == "ForwardGroup":
        return _forward(item, attribute, action["forwardGroupConfig"])
    if action["type"] == "Redirect":
        return _redirect(item, action["redirectConfig"])
    raise unsupported(item, attribute, action["type"], "ForwardGroup or Redirect")


def _forward(item: CloudObject, attribute: str, given: _Spec) -> Forward:
    groups: Sequence[_Spec] = given["serverGroupTuples"]
    if len(groups) != 1:
        raise unsupported(item, attribute, groups, "forward to one server group")
    sticky: _Spec = given.get("serverGroupStickySession") or {}
    if sticky.get("enabled"):
        raise unsupported(item, "serverGroupStickySession.enabled", True, "false")
    return Forward(target_group=groups[0]["serverGroupId"])


def _redirect(item: CloudObject, given: _Spec) -> Redirect:
    for part, whole in _WHOLE.items():
        if (given.get(part) or whole) != whole:
            raise unsupported(item, f"redirectConfig.{part}", given[part], whole)
    protocol, port = given.get("protocol"), str(given.get("port"))
    if protocol not in ("HTTP", "HTTPS") or not port.isdecimal():
        raise unsupported(item, "redirectConfig", given, "a protocol and a port by number")
    return Redirect(protocol=protocol.lower(), port=int(port), status=int(given["httpCode"]))


def _target_group(item: CloudObject) -> TargetGroup:
    for attribute, known in (("protocol", "HTTP"), ("serverGroupType", "Instance")):
        if item.get(attribute) != known:
            raise unsupported(item, attribute, item.get(attribute), known)
    if (item.get("stickySessionConfig") or {}).get("stickySessionEnabled"):
        raise unsupported(item, "stickySessionEnabled", True, "false")
    if (item.get("slowStartConfig") or {}).get("slowStartEnabled"):
        raise unsupported(item, "slowStartEnabled", True, "false")
    drain: _Spec = item.get("connectionDrainConfig") or {}
    if not drain.get("connectionDrainEnabled"):
        raise unsupported(item, "connectionDrainEnabled", False, "true")
    return TargetGroup(
        arn=item.id,
        name=str(item.get("serverGroupName")),
        algorithm=_known(item, "scheduler", item.get("scheduler"), _ALGORITHMS),
        anomaly_mitigation=False,
        deregistration_delay_seconds=float(drain.get("connectionDrainTimeout", 300)),
        health_check=_health_check(item, item.get("healthCheckConfig") or {}),
        # ALB user guide, "Health checks": while all fail, all get requests.
        fails_open=True,
    )


def _health_check(item: CloudObject, given: _Spec) -> HealthCheck | None:
    """Defaults: CreateServerGroup, `HealthCheckConfig`."""
    if not given.get("healthCheckEnabled"):
        return None
    known = {
        "healthCheckProtocol": ("HTTP", "HTTP"),
        "healthCheckMethod": ("GET", "HEAD"),
        # That on which the machine is called.
        "healthCheckConnectPort": (0, 0),
    }
    for attribute, (supported, default) in known.items():
        if (value := given.get(attribute, default)) != supported:
            raise unsupported(item, f"healthCheckConfig.{attribute}", value, str(supported))
    return HealthCheck(
        path=given.get("healthCheckPath") or "/",
        statuses=frozenset(_statuses(given.get("healthCheckCodes") or ["http_2xx"])),
        interval_seconds=float(given.get("healthCheckInterval", 2)),
        timeout_seconds=float(given.get("healthCheckTimeout", 5)),
        healthy_threshold=int(given.get("healthyThreshold", 3)),
        unhealthy_threshold=int(given.get("unhealthyThreshold", 3)),
    )


def _statuses(codes: Sequence[str]) -> Iterator[int]:
    """The statuses of codes such as `http_2xx`."""
    for code in codes:
        hundred = int(code.removeprefix("http_").removesuffix("xx")) * 100
        yield from range(hundred, hundred + 100)


def _known(
    item: CloudObject,
    attribute: str,
    value: Any,  # noqa: ANN401 - a property may be anything
    known: Mapping[str, _Kind],
) -> _Kind:
    if value not in known:
        raise unsupported(item, attribute, value, " or ".join(known))
    return known[value]
