"""A Gateway and its routes, as the live sandbox reads them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.cloud import CloudObject
from sandbox.kubernetes.live.durations import seconds
from sandbox.kubernetes.live.gateway import balancers
from sandbox.kubernetes.live.pods import services
from sandbox.live.load_balancer_spec import Forward, Redirect, UnsupportedLoadBalancerError
from sandbox.live.spec import LiveError, Objects
from tests.live.pods import SELECTED, deployment, kubernetes, pod

DOMAIN = "letta.example.com"
API = "letta/api:8283"
WORKER = "letta/worker:8283"
_PROBE = {"httpGet": {"path": "/well", "port": 8283}, "periodSeconds": 7}


def route(name: str, rule: dict[str, Any], *, listener: str = "https") -> CloudObject:
    """An HTTPRoute of one rule."""
    return kubernetes(
        "gateway.networking.k8s.io/v1:HTTPRoute",
        name,
        spec={"parentRefs": [{"name": "in", "sectionName": listener}], "rules": [rule]},
    )


def to(service: str, *paths: tuple[str, str], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A rule that leads to a service."""
    matches = [{"path": {"type": kind, "value": value}} for kind, value in paths]
    return {"matches": matches, "backendRefs": [{"name": service, "port": 8283}], **more}


def away(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - of a rule
    """A rule that sends plain HTTP to HTTPS."""
    redirect = {"scheme": "https", "statusCode": 301, **more}
    return {"filters": [{"type": "RequestRedirect", "requestRedirect": redirect}]}


def stack(*routes: CloudObject, tls: str = "Terminate") -> Objects:
    """Pods behind two services, and a Gateway with these routes or with good ones."""
    container = {
        "name": "server",
        "image": "i",
        "ports": [{"containerPort": 8283}],
        "readinessProbe": _PROBE,
        "lifecycle": {"preStop": {"sleep": {"seconds": 30}}},
    }
    listeners = [
        {
            "name": "https",
            "port": 443,
            "protocol": "HTTPS",
            "hostname": DOMAIN,
            "tls": {"mode": tls},
        },
        {"name": "http", "port": 80, "protocol": "HTTP", "hostname": DOMAIN},
    ]
    good = (
        route("api", to("api", ("PathPrefix", "/"), timeouts={"request": "15m"})),
        route("worker", to("worker", ("RegularExpression", "/v1/[^/]+/async"))),
        route("http", away(), listener="http"),
    )
    return Objects(
        [
            *deployment(pod(container)).everything,
            *(
                kubernetes(
                    "core/v1:Service",
                    name,
                    spec={"selector": selector, "ports": [{"port": 8283}]},
                )
                for name, selector in (("api", SELECTED), ("worker", {"app": "worker"}))
            ),
            kubernetes("gateway.networking.k8s.io/v1:Gateway", "in", spec={"listeners": listeners}),
            *(routes or good),
        ]
    )


def test_a_gateway_routes_as_its_routes_say() -> None:
    [found] = balancers(stack())
    assert (found.name, found.domains, found.idle_timeout_seconds) == ("in", (DOMAIN,), 900)
    https, http = found.listeners
    assert (https.port, https.tls_versions) == (443, ("TLSv1.2", "TLSv1.3"))
    assert [(rule.paths, rule.action) for rule in https.rules] == [
        (("/v1/[^/]+/async",), Forward(target_group=WORKER))
    ]
    assert https.default == Forward(target_group=API)
    assert (http.port, http.tls_versions, http.rules) == (80, (), ())
    assert http.default == Redirect(protocol="https", port=443, status=301)


def test_a_pod_is_behind_its_service_while_its_readiness_probe_says_so() -> None:
    [found] = balancers(stack())
    groups = {group.arn: group for group in found.target_groups}
    health = groups[API].health_check
    assert health is not None
    assert (health.path, health.interval_seconds, health.unhealthy_threshold) == ("/well", 7, 3)
    assert {200, 399} <= health.statuses
    assert not {199, 400} & health.statuses
    assert groups[API].deregistration_delay_seconds == 30
    assert not groups[API].fails_open
    assert groups[WORKER].health_check is None


def test_a_deployment_is_registered_with_the_routes_of_its_service() -> None:
    [service] = services(stack())
    [registration] = service.registrations
    assert (registration.container, registration.port, registration.group) == ("server", 8283, API)


def test_a_route_to_a_service_that_is_not_there_is_named() -> None:
    objects = stack(route("api", to("none", ("PathPrefix", "/"))))
    with pytest.raises(LiveError, match="names the service letta/none, which is not there"):
        services(objects)


def test_exact_paths_come_before_expressions_and_long_prefixes_before_short_ones() -> None:
    [found] = balancers(
        stack(
            route(
                "api",
                to(
                    "api",
                    ("PathPrefix", "/"),
                    ("PathPrefix", "/v1/"),
                    ("PathPrefix", "/v1/agents"),
                    ("RegularExpression", "/v1/.*"),
                    ("Exact", "/v1/a.b"),
                ),
            ),
            route("http", away(), listener="http"),
        )
    )
    paths = [path for rule in found.listeners[0].rules for path in rule.paths]
    assert paths == [r"/v1/a\.b", "/v1/.*", "/v1/agents(?:/.*)?", "/v1(?:/.*)?"]
    assert re.fullmatch(paths[2], "/v1/agents/a")
    assert not re.fullmatch(paths[2], "/v1/agentsmith")


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (stack(route("api", to("api", ("PathPrefix", "/v1")))), "the prefix /"),
        (stack(tls="Passthrough"), "'Passthrough'.*Terminate"),
        (
            stack(route("api", {"matches": [{"headers": [{}]}], "backendRefs": []})),
            "matches.headers",
        ),
        (stack(route("api", to("api", ("Odd", "/")))), "'Odd'.*PathPrefix"),
        (
            stack(route("api", to("api", ("PathPrefix", "/"), filters=[{"type": "URLRewrite"}]))),
            "URLRewrite.*one RequestRedirect",
        ),
        (stack(route("api", {"backendRefs": [{"name": "a", "port": 1}] * 2})), "one Service"),
        (stack(route("http", away(hostname="a.com"))), "requestRedirect.hostname"),
        (stack(route("http", away(scheme=None))), "http or https"),
    ],
)
def test_what_nginx_cannot_do_alike_is_refused_by_name(objects: Objects, words: str) -> None:
    with pytest.raises(UnsupportedLoadBalancerError, match=words):
        balancers(objects)


@pytest.mark.parametrize(
    ("text", "found"), [("900s", 900), ("15m", 900), ("1h30m", 5400), ("500ms", 0.5)]
)
def test_durations_are_as_the_gateway_api_writes_them(text: str, found: float) -> None:
    assert seconds(text) == found


@pytest.mark.parametrize("text", ["", "15", "m", "1.5h", "-1s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(LiveError, match="is no duration"):
        seconds(text)
