"""The ways in of a stack on Azure, as the live sandbox reads them and nginx runs them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sandbox.azure_native.live.backends import addresses
from sandbox.azure_native.live.front import balancers as fronts
from sandbox.azure_native.live.gateway import balancers
from sandbox.cloud import CloudObject
from sandbox.live.load_balancer import LoadBalancer
from sandbox.live.load_balancer_spec import Forward, Redirect, UnsupportedLoadBalancerError
from sandbox.live.spec import Objects
from tests.live.balancer.clients import connect, request
from tests.live.clouds.azure import (
    GATEWAY,
    HOSTS,
    PATHS,
    app,
    behind,
    environment,
    gateway,
    plain_rule,
    probe,
    routes,
    settings,
)
from tests.live.targets import Target

POOLS = {role: f"{GATEWAY}/backendAddressPools/{role}" for role in HOSTS}


def test_a_gateway_moves_paths_to_the_worker_and_leads_redirects_back() -> None:
    [found] = balancers(Objects(behind()))
    assert (found.name, found.domains) == ("gateway", ("letta.example.com",))
    https, http = found.listeners
    assert (https.port, https.tls_versions) == (443, ("TLSv1.2", "TLSv1.3"))
    [rule] = https.rules
    assert rule.paths == (PATHS[1:-1],)
    assert isinstance(rule.action, Forward)
    assert isinstance(https.default, Forward)
    assert rule.action.target_group == POOLS["worker"]
    assert https.default.target_group == POOLS["api"]
    for action in (rule.action, https.default):
        assert re.search(action.led_back, f"HTTP://{HOSTS['api']}/v1/", re.IGNORECASE)
        assert not re.search(action.led_back, "https://elsewhere.example.com/v1/")
    assert (http.port, http.tls_versions) == (80, ())
    assert http.default == Redirect(protocol="https", port=443, status=301)


def test_rules_of_plain_paths_come_before_those_that_are_moved() -> None:
    [found] = balancers(Objects(behind(urlPathMaps=[routes(plain_rule("/v1/*"))])))
    first, second = found.listeners[0].rules
    assert (first.paths, first.action) == (("/v1/.*",), Forward(target_group=POOLS["api"]))
    assert second.paths == (PATHS[1:-1],)


def test_apps_are_asked_by_their_own_names_as_their_readiness_says() -> None:
    server = {"name": "server", "image": "i", "probes": [probe("Readiness", periodSeconds=9)]}
    found = balancers(
        Objects([environment(internal=True), app("api", server), app("worker"), gateway()])
    )
    groups = {each.arn: each for each in found[0].target_groups}
    api, worker = groups[POOLS["api"]], groups[POOLS["worker"]]
    assert (api.host, worker.host) == (HOSTS["api"], HOSTS["worker"])
    assert api.deregistration_delay_seconds == 600
    assert api.health_check is not None
    assert (api.health_check.path, api.health_check.interval_seconds) == ("/well", 9)
    # A connection that comes about is no request: nobody asks the worker.
    assert worker.health_check is None


@pytest.mark.parametrize(
    ("minutes", "timeout", "seconds"), [(15, 900, 900), (30, 900, 900), (5, 900, 300)]
)
def test_whoever_bears_less_silence_ends_the_connection(
    minutes: int, timeout: int, seconds: float
) -> None:
    inner = environment(internal=True, ingressConfiguration={"requestIdleTimeout": minutes})
    asked = [settings("api", requestTimeout=timeout), settings("worker", path="/")]
    objects = [inner, app("api"), app("worker"), gateway(backendHttpSettingsCollection=asked)]
    [found] = balancers(Objects(objects))
    assert found.idle_timeout_seconds == seconds


def test_without_machines_an_ingress_bears_four_minutes() -> None:
    [found] = balancers(Objects(behind()))
    assert found.idle_timeout_seconds == 240


def test_a_cluster_is_called_by_the_addresses_of_its_services() -> None:
    members = {"api": {"ipAddress": "10.0.1.4"}, "worker": {"ipAddress": "10.0.1.5"}}
    objects = Objects([gateway(members=members)])
    assert addresses(objects) == (
        ("10.0.1.4", 8283, POOLS["api"]),
        ("10.0.1.5", 8283, POOLS["worker"]),
    )
    [found] = balancers(objects)
    [api, _] = found.target_groups
    assert api.health_check is not None
    assert api.health_check.path == "/well"
    assert api.health_check.statuses == frozenset(range(200, 205))
    assert api.host == ""
    assert addresses(Objects(behind())) == ()


def _pool(*members: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": "api", "backendAddresses": list(members)},
        {"name": "worker", "backendAddresses": [{"fqdn": HOSTS["worker"]}]},
    ]


def _rewrite(**changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    moved = gateway().get("rewriteRuleSets")[0]["rewriteRules"][0]
    return [
        {"name": "roles", "rewriteRules": [{**moved, **changes}]},
        {"name": "redirects", "rewriteRules": []},
    ]


def _moved(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {"modifiedPath": "/away{var_uri_path}", "reroute": True, **changes}
    return {"urlConfiguration": told}


def _location(value: str) -> dict[str, Any]:
    return {"responseHeaderConfigurations": [{"headerName": "Location", "headerValue": value}]}


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (behind(globalConfiguration=None), "enableResponseBuffering is None.*only do False"),
        (behind(sslPolicy={"policyName": "AppGwSslPolicy20150501"}), "AppGwSslPolicy20150501"),
        (behind(backendAddressPools=_pool()), r"backendAddressPools.api is \[\].*one address"),
        (
            behind(
                backendHttpSettingsCollection=[
                    settings("api", cookieBasedAffinity="Enabled"),
                    settings("worker", path="/"),
                ]
            ),
            "cookieBasedAffinity is 'Enabled'",
        ),
        (
            behind(backendHttpSettingsCollection=[settings("api"), settings("worker")]),
            "path is None.*only do / for paths",
        ),
        (
            behind(
                backendHttpSettingsCollection=[
                    settings("api", path="/"),
                    settings("worker", path="/"),
                ]
            ),
            "path is '/'",
        ),
        (behind(urlPathMaps=[routes(pathRules=[])]), "no rule for /away/"),
        (behind(urlPathMaps=[routes(plain_rule("/a/*/b"))]), "'/a/.*/b'.*at the end"),
        (behind(rewriteRuleSets=_rewrite(actionSet=_moved(reroute=False))), "rewriteRules.moved"),
        (behind(rewriteRuleSets=_rewrite(actionSet=_moved(modifiedPath="/a"))), "moved"),
        (behind(rewriteRuleSets=_rewrite(actionSet=_location("/"))), "rewriteRules.moved"),
        (
            behind(
                rewriteRuleSets=_rewrite(
                    conditions=[{"variable": "var_uri_path", "pattern": "/a", "ignoreCase": False}]
                )
            ),
            "rewriteRules.moved",
        ),
        (behind(redirectConfigurations=[{"name": "https", "targetUrl": "https://a"}]), "https://a"),
        (behind(requestRoutingRules=[]), "requestRoutingRules of https is 0"),
    ],
)
def test_what_nginx_cannot_do_as_the_gateway_would_is_refused_by_name(
    objects: list[CloudObject], words: str
) -> None:
    with pytest.raises(UnsupportedLoadBalancerError, match=words):
        balancers(Objects(objects))


def test_redirects_that_are_led_elsewhere_are_refused() -> None:
    sets = gateway().get("rewriteRuleSets")
    back = {**sets[1]["rewriteRules"][0], "actionSet": _location("https://a{http_resp_Location_1}")}
    changed = [sets[0], {"name": "redirects", "rewriteRules": [back]}]
    with pytest.raises(UnsupportedLoadBalancerError, match=r"rewriteRules\.back"):
        balancers(Objects(behind(rewriteRuleSets=changed)))


def open_app(**ingress: Any) -> Objects:  # noqa: ANN401 - of an app
    """An app with a domain that answers the internet itself."""
    given = {
        "external": True,
        "targetPort": 8283,
        "customDomains": [{"name": "small.example.com"}],
        **ingress,
    }
    return Objects([environment(), app("api", configuration={"ingress": given})])


def test_an_app_of_its_own_answers_its_domain_and_sends_plain_http_to_https() -> None:
    [found] = fronts(open_app())
    assert (found.name, found.domains) == ("api-front", ("small.example.com",))
    https, http = found.listeners
    assert https.default == Forward(target_group="/s/api")
    assert https.tls_versions == ("TLSv1.2", "TLSv1.3")
    assert http.default == Redirect(protocol="https", port=443, status=301)
    assert found.idle_timeout_seconds == 240
    [insecure] = fronts(open_app(allowInsecure=True))
    assert insecure.listeners[1].default == Forward(target_group="/s/api")


def test_an_app_that_the_network_alone_reaches_has_no_way_in_of_its_own() -> None:
    assert fronts(Objects(behind())) == ()
    assert fronts(open_app(external=False)) == ()


@pytest.mark.parametrize(
    "ingress",
    [
        {"transport": "tcp"},
        {"stickySessions": {"affinity": "sticky"}},
        {"clientCertificateMode": "require"},
        {"traffic": [{"revisionName": "a", "weight": 50}]},
    ],
)
def test_an_ingress_that_nginx_does_not_do_is_refused(ingress: dict[str, Any]) -> None:
    [field] = ingress
    with pytest.raises(UnsupportedLoadBalancerError, match=f"ingress.{field}"):
        fronts(open_app(**ingress))


def test_servers_hear_their_own_name_and_their_redirects_lead_to_the_caller_s(
    tmp_path: Path,
) -> None:
    [told] = balancers(Objects(behind()))
    balancer = LoadBalancer(told, tmp_path)
    try:
        balancer.start(watch=False)
        with Target("api") as target:
            balancer.register(POOLS["api"], target.address)
            status, body = request(balancer, "/v1/agents/")
            assert (status, body["headers"]["host"]) == (200, HOSTS["api"])
            assert body["headers"]["x-forwarded-proto"] == "https"
            client = connect(balancer)
            # The target redirects to the host that it was asked for.
            client.request("GET", "/redirect", headers={"Host": "letta.example.com"})
            answer = client.getresponse()
            answer.read()
            client.close()
            assert answer.headers["Location"] == "https://letta.example.com/redirect/"
    finally:
        balancer.stop()
