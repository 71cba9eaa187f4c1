"""What of a balancer's objects can be run, and what is refused."""

from __future__ import annotations

import pytest

from sandbox.aws.live.load_balancer import read
from sandbox.cloud import CloudObject
from sandbox.live.load_balancer_spec import UnsupportedLoadBalancerError
from tests.live.objects import API, load_balancer, replaced, target_group


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ([], "0 load balancers"),
        (load_balancer(loadBalancerType="network"), "'network'.*application"),
        (load_balancer(xffHeaderProcessingMode="x"), "xffHeaderProcessingMode"),
        (
            replaced(load_balancer(), "arn:listener/https", sslPolicy="ELBSecurityPolicy-2016-08"),
            "ELBSecurityPolicy-2016-08.*TLS13",
        ),
        (
            replaced(
                load_balancer(), "arn:rule", conditions=[{"hostHeader": {"values": ["a.com"]}}]
            ),
            "hostHeader.*one path pattern",
        ),
        (
            replaced(
                load_balancer(),
                "arn:listener/https",
                defaultActions=[{"type": "authenticate-oidc"}, {"type": "forward"}],
            ),
            "authenticate-oidc.*one action",
        ),
        (
            replaced(load_balancer(), API, stickiness={"enabled": True}),
            "stickiness.enabled is True",
        ),
        (replaced(load_balancer(), API, protocol="HTTPS"), "'HTTPS'.*HTTP"),
        (
            [item for item in load_balancer() if "listener/" not in item.id],
            "no listener",
        ),
    ],
)
def test_what_the_sandbox_cannot_do_is_refused_by_name(
    objects: list[CloudObject], words: str
) -> None:
    with pytest.raises(UnsupportedLoadBalancerError, match=words):
        read(objects)


@pytest.mark.parametrize(
    ("matcher", "statuses"),
    [("200", {200}), ("200,204", {200, 204}), ("200-202", {200, 201, 202})],
)
def test_a_matcher_lists_statuses_or_a_range(matcher: str, statuses: set[int]) -> None:
    group = target_group(API, "letta-api", healthCheck={"matcher": matcher})
    objects = [item for item in load_balancer() if item.id != API]
    check = read([*objects, group]).target_groups[-1].health_check
    assert check is not None
    assert check.statuses == statuses
    assert (check.path, check.interval_seconds, check.unhealthy_threshold) == ("/", 30, 2)
