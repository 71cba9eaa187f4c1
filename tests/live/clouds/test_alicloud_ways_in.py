"""The load balancer of a stack on Alibaba Cloud, as the live sandbox reads it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.alicloud.live.load_balancer import balancers, node_ports
from sandbox.cloud import CloudObject
from sandbox.live.load_balancer_spec import (
    Forward,
    Redirect,
    UnsupportedLoadBalancerError,
    shell_pattern,
)
from sandbox.live.spec import Objects
from tests.live.clouds.alicloud import (
    API,
    PATHS,
    WORKER,
    changed,
    forward,
    paths,
    redirect,
    way_in,
)


def test_it_routes_by_rules_in_their_order_and_sends_plain_http_away() -> None:
    [found] = balancers(Objects(way_in()))
    assert (found.name, found.domains) == ("letta-in", ("letta.example.com",))
    https, http = found.listeners
    assert (https.port, https.tls_versions) == (443, ("TLSv1.2", "TLSv1.3"))
    first, second = https.rules
    assert first.paths == tuple(map(shell_pattern, PATHS))
    assert (first.action, second.paths) == (Forward(target_group=WORKER), ("/later",))
    assert https.default == Forward(target_group=API)
    assert (http.port, http.tls_versions) == (80, ())
    assert http.rules[0].action == Redirect(protocol="https", port=443, status=301)


def test_its_limits_are_those_of_the_listener_that_serves() -> None:
    [found] = balancers(Objects(way_in()))
    # The other listener says 15 and 60, and only sends requests away.
    assert (found.idle_timeout_seconds, found.http2, found.forwarded_for) == (600, True, "append")
    [bare] = balancers(Objects(changed(way_in(), "lsn-tls", http2Enabled=False)))
    assert not bare.http2


def test_a_group_is_asked_as_it_says_and_else_as_alb_does() -> None:
    [found] = balancers(Objects(way_in()))
    group, _ = found.target_groups
    assert (group.arn, group.name) == (API, f"{API}-name")
    assert (group.algorithm, group.deregistration_delay_seconds) == (
        "least_outstanding_requests",
        600,
    )
    assert group.fails_open
    check = group.health_check
    assert check is not None
    assert (check.path, check.interval_seconds) == ("/well", 10)
    assert {200, 299, 302} <= check.statuses
    assert not {199, 404} & check.statuses
    assert (check.timeout_seconds, check.healthy_threshold, check.unhealthy_threshold) == (5, 3, 3)
    [other] = balancers(
        Objects(changed(way_in(), API, healthCheckConfig={"healthCheckEnabled": False}))
    )
    assert other.target_groups[0].health_check is None


def test_machines_are_found_by_the_port_of_their_scaling_group() -> None:
    assert node_ports(Objects(way_in())) == ((30083, API), (30084, WORKER))


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({"xForwardedForEnabled": False}, "preserve"),
        ({"xForwardedForEnabled": True, "xForwardedForProcessingMode": "remove"}, "remove"),
        ({"xForwardedForClientSrcPortEnabled": True}, "append"),
    ],
)
def test_who_called_is_told_to_servers_as_the_listener_says(
    given: dict[str, Any], known: str
) -> None:
    [found] = balancers(Objects(changed(way_in(), "lsn-tls", xForwardedForConfig=given)))
    assert found.forwarded_for == known


def test_servers_learn_how_a_client_came_only_where_the_listener_tells_them() -> None:
    [silent] = balancers(Objects(way_in()))
    assert not silent.tells_scheme
    given = {"xForwardedForProtoEnabled": True}
    [found] = balancers(Objects(changed(way_in(), "lsn-tls", xForwardedForConfig=given)))
    assert found.tells_scheme


def test_without_a_record_the_balancer_has_its_own_name() -> None:
    [found] = balancers(Objects(changed(way_in(), "r", value="elsewhere.example.com")))
    assert found.domains == ("alb-1.ap-southeast-1.alb.aliyuncs.com",)
    [apex] = balancers(Objects(changed(way_in(), "r", rr="@")))
    assert apex.domains == ("example.com",)


def _check(**changes: Any) -> list[CloudObject]:  # noqa: ANN401 - properties of any kind
    given = {"healthCheckEnabled": True, "healthCheckMethod": "GET", **changes}
    return changed(way_in(), API, healthCheckConfig=given)


def _work(**changes: Any) -> list[CloudObject]:  # noqa: ANN401 - as above
    return changed(way_in(), "rule-work", **changes)


def _plain(**changes: Any) -> list[CloudObject]:  # noqa: ANN401 - as above
    return changed(way_in(), "rule-plain", ruleActions=[redirect(**changes)])


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        (changed(way_in(), "lsn-tls", listenerProtocol="QUIC"), "0 listeners of HTTPS"),
        (changed(way_in(), "lsn-tls", idleTimeout=60), "requestTimeout is 600.*idleTimeout, 60"),
        (changed(way_in(), "lsn-tls", gzipEnabled=True), "gzipEnabled is True"),
        (changed(way_in(), "lsn-tls", securityPolicyId="tls_cipher_policy_1_1"), "policy_1_1"),
        (
            changed(way_in(), "lsn-tls", xForwardedForConfig={"xForwardedForProcessingMode": "x"}),
            "xForwardedForProcessingMode is 'x'.*append or remove",
        ),
        (changed(way_in(), "rule-plain", listenerId="other"), "'HTTP'.*redirect every path"),
        (
            changed(way_in(), "rule-plain", ruleConditions=[paths("/v1/*")]),
            "'HTTP'.*redirect every path",
        ),
        (_work(ruleConditions=[{"type": "Host"}]), "'Host'.*one condition of type Path"),
        (
            _work(ruleConditions=[paths("/a"), {"type": "Method"}]),
            "'Method'.*one condition of type Path",
        ),
        (_work(ruleConditions=[paths("~/v1/.*")]), "'~/v1/.*paths with"),
        (_work(direction="Response"), "'Response'"),
        (_work(ruleActions=[{"type": "Rewrite"}, forward(API)]), "one action"),
        (_work(ruleActions=[{"type": "FixedResponse"}]), "'FixedResponse'.*ForwardGroup"),
        (
            _work(
                ruleActions=[
                    {
                        "type": "ForwardGroup",
                        "forwardGroupConfig": {
                            "serverGroupTuples": [{"serverGroupId": API}],
                            "serverGroupStickySession": {"enabled": True},
                        },
                    }
                ]
            ),
            "serverGroupStickySession",
        ),
        (
            _work(
                ruleActions=[
                    {
                        "type": "ForwardGroup",
                        "forwardGroupConfig": {
                            "serverGroupTuples": [{"serverGroupId": API}] * 2,
                        },
                    }
                ]
            ),
            "forward to one server group",
        ),
        (_plain(host="other.example.com"), "redirectConfig.host is 'other.example.com'"),
        (_plain(port="${port}"), "a port by number"),
        (changed(way_in(), API, scheduler="Sch"), "'Sch'.*Wrr or Wlc"),
        (changed(way_in(), API, protocol="gRPC"), "'gRPC'.*HTTP"),
        (changed(way_in(), API, serverGroupType="Ip"), "'Ip'.*Instance"),
        (
            changed(way_in(), API, stickySessionConfig={"stickySessionEnabled": True}),
            "stickySessionEnabled",
        ),
        (changed(way_in(), API, slowStartConfig={"slowStartEnabled": True}), "slowStartEnabled"),
        (changed(way_in(), API, connectionDrainConfig={}), "connectionDrainEnabled is False"),
        (_check(healthCheckMethod="HEAD"), "healthCheckMethod is 'HEAD'.*GET"),
        (_check(healthCheckProtocol="TCP"), "healthCheckProtocol is 'TCP'"),
        (_check(healthCheckConnectPort=9000), "healthCheckConnectPort is 9000"),
    ],
)
def test_what_nginx_cannot_do_alike_is_refused_by_name(
    objects: list[CloudObject], words: str
) -> None:
    with pytest.raises(UnsupportedLoadBalancerError, match=words):
        balancers(Objects(objects))


def test_a_check_that_names_no_method_asks_by_head_which_is_refused() -> None:
    given = {"healthCheckEnabled": True, "healthCheckPath": "/"}
    with pytest.raises(UnsupportedLoadBalancerError, match="healthCheckMethod is 'HEAD'"):
        balancers(Objects(changed(way_in(), API, healthCheckConfig=given)))
