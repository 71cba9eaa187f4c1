"""The ways in of a stack on Google Cloud, as the live sandbox reads them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.cloud import CloudObject
from sandbox.gcp.live.backends import node_ports
from sandbox.gcp.live.load_balancer import balancers
from sandbox.gcp.live.paths import expression
from sandbox.live.load_balancer_spec import Forward, Redirect, UnsupportedLoadBalancerError
from sandbox.live.spec import LiveError, Objects
from sandbox.live.stack import Stack
from tests.live.clouds.gcp import (
    API,
    PATHS,
    changed,
    google,
    redirect,
    routes,
    service,
    way_in,
)
from tests.live.objects import load_balancer


def test_the_global_load_balancer_routes_as_its_map_says() -> None:
    [found] = balancers(Objects(way_in()))
    assert (found.name, found.domains) == ("203.0.113.9", ("letta.example.com",))
    https, http = found.listeners
    assert (https.port, https.tls_versions) == (443, ("TLSv1.2", "TLSv1.3"))
    [rule] = https.rules
    assert rule.paths == tuple(map(expression, PATHS))
    assert rule.action == Forward(target_group="projects/p/worker-backend")
    assert https.default == Forward(target_group="projects/p/api-backend")
    assert (http.port, http.tls_versions) == (80, ())
    assert http.default == Redirect(protocol="https", port=443, status=302)


def test_requests_may_take_as_long_as_cloud_run_lets_them() -> None:
    [found] = balancers(Objects(way_in(timeout="900s")))
    assert (found.idle_timeout_seconds, found.client_keepalive_seconds) == (900, 1200)
    delays = {each.name: each.deregistration_delay_seconds for each in found.target_groups}
    assert delays == {"api-backend": 900, "worker-backend": 60}
    # Cloud Run's own probes decide, and nobody else asks.
    assert {each.health_check for each in found.target_groups} == {None}


def _map(**changes: Any) -> list[CloudObject]:  # noqa: ANN401 - properties of any kind
    return [routes(*PATHS, **changes) if item.name == "routes" else item for item in way_in()]


def _rule(**changes: Any) -> list[CloudObject]:  # noqa: ANN401 - as above
    rule = {
        "priority": 1,
        "matchRules": [{"pathTemplateMatch": "/a"}],
        "service": "projects/p/worker-backend",
    }
    default = f"projects/p/{API}-backend"
    matcher = {"name": "m", "defaultService": default, "routeRules": [rule | changes]}
    return _map(pathMatchers=[matcher])


def _redirect(**changes: Any) -> list[CloudObject]:  # noqa: ANN401 - as above
    return [redirect(**changes) if item.name == "redirect" else item for item in way_in()]


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (changed(way_in(), "http-rule", ipAddress="203.0.113.10"), "203.0.113.10.*runs one"),
        (changed(way_in(), "http-rule", portRange="80-90"), "'80-90'.*one port"),
        (changed(way_in(), "tls", minTlsVersion="TLS_1_1"), "'TLS_1_1'.*TLS_1_2"),
        (changed(way_in(), "https", sslPolicy=None), "'TLS_1_0'.*TLS_1_2"),
        (changed(way_in(), "api-backend", sessionAffinity="CLIENT_IP"), "'CLIENT_IP'.*NONE"),
        (changed(way_in(), "api-backend", enableCdn=True), "enableCdn is True"),
        (_map(pathMatchers=[{}, {}]), "pathMatchers is 2"),
        (_map(pathMatchers=[{"name": "m", "pathRules": [{}]}]), "pathRules"),
        (_map(pathMatchers=[{"name": "m", "defaultService": "other"}]), "'other'.*the map's"),
        (_map(defaultRouteAction={"urlRewrite": {}}), "defaultRouteAction"),
        (_rule(urlRedirect={"pathRedirect": "/"}), "routeRules.urlRedirect"),
        (_rule(matchRules=[{"prefixMatch": "/a"}]), "prefixMatch.*pathTemplateMatch"),
        (
            _rule(matchRules=[{"pathTemplateMatch": "/a", "headerMatches": [{}]}]),
            "headerMatches.*pathTemplateMatch",
        ),
        (_redirect(stripQuery=True), "stripQuery"),
        (_redirect(pathRedirect="/a"), "pathRedirect"),
        (_redirect(httpsRedirect=False), "httpsRedirect"),
    ],
)
def test_what_nginx_cannot_do_alike_is_refused_by_name(
    objects: list[CloudObject], words: str
) -> None:
    with pytest.raises(UnsupportedLoadBalancerError, match=words):
        balancers(Objects(objects))


@pytest.mark.parametrize(
    ("template", "path", "taken"),
    [
        ("/v1/agents/*/messages", "/v1/agents/a.b/messages", True),
        ("/v1/agents/*/messages", "/v1/agents/a/b/messages", False),
        ("/v1/agents/*/messages", "/v1/agents//messages", False),
        ("/v1/agents/{id}", "/v1/agents/a", True),
        ("/v1/agents/{id=*}", "/v1/agents/a/b", False),
        ("/v1/{rest=**}", "/v1/a/b", True),
        ("/v1/**", "/v1/a/b", True),
        ("/v1/a.b", "/v1/axb", False),
    ],
)
def test_a_path_template_takes_whole_segments(template: str, path: str, taken: bool) -> None:
    assert bool(re.fullmatch(expression(template), path)) is taken


def test_a_path_template_that_is_not_known_is_refused() -> None:
    with pytest.raises(LiveError, match="is not known here"):
        expression("/v1/{id=a*}")


def test_a_mapped_domain_is_answered_by_cloud_run_itself() -> None:
    mapping = google(
        "cloudrun/domainMapping:DomainMapping", "letta.example.com", spec={"routeName": API}
    )
    [found] = balancers(Objects([service(API, timeout="900s"), mapping]))
    assert (found.domains, found.idle_timeout_seconds) == (("letta.example.com",), 900)
    assert [each.port for each in found.listeners] == [443, 80]
    assert found.listeners[0].default == Forward(target_group=mapping.id)
    [group] = found.target_groups
    assert group.arn == mapping.id


def _nodes() -> list[CloudObject]:
    """Machines of a cluster behind a backend."""
    group = "https://www.googleapis.com/compute/v1/projects/p/zones/z/instanceGroups/g"
    return [
        google(
            "compute/backendService:BackendService",
            "api-nodes",
            backends=[{"group": group}],
            portName="http",
            healthChecks="projects/p/check",
            timeoutSec=900,
            connectionDrainingTimeoutSec=600,
        ),
        google(
            "compute/healthCheck:HealthCheck",
            "check",
            checkIntervalSec=7,
            httpHealthCheck={"requestPath": "/well", "port": 30083},
        ),
        google(
            "compute/instanceGroupNamedPort:InstanceGroupNamedPort", "a", group=group, port=30083
        ),
    ]


def test_machines_of_a_cluster_are_found_by_the_name_of_a_port() -> None:
    objects = changed(_nodes(), "a", name="http")
    assert node_ports(Objects(objects)) == ((30083, "projects/p/api-nodes"),)
    assert node_ports(Objects(changed(objects, "a", name="other"))) == ()


def test_machines_of_a_cluster_are_asked_how_they_are() -> None:
    kept = [item for item in way_in() if item.name not in ("api-backend", "worker-backend")]
    objects = [
        *changed(kept, "routes", defaultService="projects/p/api-nodes", pathMatchers=[]),
        *_nodes(),
    ]
    [found] = balancers(Objects(objects))
    [group] = found.target_groups
    assert group.health_check is not None
    assert group.health_check.path == "/well"
    assert (group.health_check.interval_seconds, group.health_check.unhealthy_threshold) == (7, 2)
    assert (found.idle_timeout_seconds, group.deregistration_delay_seconds) == (900, 600)


def test_two_load_balancers_are_refused() -> None:
    with pytest.raises(ValueError, match="2 load balancers"):
        Stack.read([*load_balancer(), *way_in()])
