"""Ways in: the load balancer, the proxy on the one instance, and their names in DNS."""

from __future__ import annotations

import re
from typing import Any

import pytest

from components.args import IngressArgs
from components.aws.proxy import caddyfile
from tests.components.aws.deployment import containers, deployed, variables
from tests.components.aws.mock_cloud import Registered

_ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"


def _medium(resource: str, name: str | None = None, **ingress: Any) -> Registered:  # noqa: ANN401
    return deployed("medium", **_ingress(**ingress)).one(resource, name)


def _ingress(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    common = {"domain": "letta.example.com", "hosted_zone": "example.com"}
    return {"ingress": {**common, **changes}} if changes else {}


def test_silence_is_borne_as_long_as_asked() -> None:
    assert _medium("lb/loadBalancer:LoadBalancer").inputs["idleTimeout"] == 900
    assert (
        _medium("lb/loadBalancer:LoadBalancer", idle_timeout_seconds=1200).inputs["idleTimeout"]
        == 1200
    )


def test_the_load_balancer_is_protected_and_keeps_its_access_logs() -> None:
    result = deployed("medium")
    balancer = result.one("lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["enableDeletionProtection"] is True
    assert balancer.inputs["dropInvalidHeaderFields"] is True
    assert balancer.inputs["accessLogs"]["enabled"] is True
    assert "BucketPolicy letta-test-in-logs" in balancer.depends_on


def test_https_speaks_tls_1_3_with_a_certificate_that_is_valid() -> None:
    listener = _medium(":Listener", "letta-test-in-https")
    assert listener.inputs["port"] == 443
    assert re.fullmatch(r"ELBSecurityPolicy-TLS13-1-[23]-.*", listener.inputs["sslPolicy"])
    assert "CertificateValidation letta-test-in" in listener.depends_on


def test_http_only_redirects() -> None:
    listener = _medium(":Listener", "letta-test-in-http").inputs
    assert listener["port"] == 80
    [action] = listener["defaultActions"]
    assert action["type"] == "redirect"
    assert action["redirect"] == {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}


def test_the_domain_is_proved_and_points_to_the_load_balancer() -> None:
    result = deployed("medium")
    certificate = result.one("acm/certificate:Certificate").inputs
    assert (certificate["domainName"], certificate["validationMethod"]) == (
        "letta.example.com",
        "DNS",
    )
    assert result.one(":Record", "letta-test-in-proof").inputs["type"] == "CNAME"
    alias = result.one(":Record", "letta-test-in").inputs
    assert alias["name"] == "letta.example.com"
    assert ".elb.amazonaws.com" in alias["aliases"][0]["name"]


def test_a_given_certificate_is_used_and_none_is_made() -> None:
    result = deployed("medium", ingress={"domain": "letta.example.com", "certificate": _ARN})
    assert result.one(":Listener", "letta-test-in-https").inputs["certificateArn"] == _ARN
    assert not result.all(":Certificate")
    assert not result.all(":Record")


@pytest.mark.parametrize("group", ["letta-test-in-api", "letta-test-work"])
def test_targets_are_asked_where_no_password_is_needed_and_leave_in_peace(group: str) -> None:
    inputs = _medium(":TargetGroup", group).inputs
    assert inputs["healthCheck"]["path"] == "/v1/health/"
    assert inputs["healthCheck"]["matcher"] == "200"
    assert inputs["targetType"] == "ip"
    assert inputs["deregistrationDelay"] >= 120


def test_servers_hold_idle_connections_longer_than_the_load_balancer_does() -> None:
    result = deployed("medium", **_ingress(idle_timeout_seconds=700))
    for task in ("letta-test-api", "letta-test-work"):
        server = containers(result, task)["server"]
        assert int(variables(server)["LETTA_UVICORN_TIMEOUT_KEEP_ALIVE"]) > 700


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_the_url_is_the_domain_over_tls(tier: str) -> None:
    result = deployed(tier)
    assert result.value(result.result.url) == "https://letta.example.com"


def test_the_domain_points_to_the_one_instances_address() -> None:
    result = deployed("small")
    record = result.one(":Record").inputs
    assert (record["name"], record["type"]) == ("letta.example.com", "A")
    assert record["records"] == ["198.51.100.7"]
    assert not result.all("lb/loadBalancer:LoadBalancer")


def test_without_a_zone_the_user_makes_the_record() -> None:
    result = deployed("small", ingress={"domain": "letta.example.com"})
    assert not result.all(":Record")
    assert result.value(result.result.outputs["address"]) == "198.51.100.7"


def test_the_proxy_serves_the_domain_and_streams_at_once() -> None:
    args = IngressArgs(
        kind="proxy", domain="letta.example.com", nat="none", idle_timeout_seconds=777
    )
    text = caddyfile(args)
    assert "\nletta.example.com {\n" in text
    assert "protocols h1 h2\n" in text
    assert "reverse_proxy 172.17.0.1:8283" in text
    assert "flush_interval -1" in text
    assert "response_header_timeout 777s" in text
    assert variables(containers(deployed("small"), "letta-test-api")["proxy"])["CADDYFILE"]


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_images_are_pinned(tier: str) -> None:
    result = deployed(tier)
    for task in result.all(":TaskDefinition"):
        for container in containers(result, task.name).values():
            assert re.fullmatch(r"(postgres:\d+\.\d+|\S+:\d+\.\d+\.\d+)\S*", container["image"]), (
                container["image"]
            )
