"""Whom the balancer gives a request, over what, and what it passes on."""

from __future__ import annotations

import http.client
import socket
import ssl
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.aws.live.load_balancer import read
from sandbox.live.load_balancer import LoadBalancer, LoadBalancerError
from tests.live.balancer.clients import (
    Starter,
    admit,
    names,
    request,
    unused_port,
)
from tests.live.objects import API, WORKER, load_balancer, made, replaced
from tests.live.targets import Target


def test_requests_take_turns_among_the_healthy_targets(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started()
    admit(balancer, API, target("a"), target("b"))
    assert names(balancer, "/v1/agents/", 4) == ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1/agents/agent-1/messages/async", "worker"),
        ("/v1/agents/agent-1/messages/async?x=1", "worker"),
        ("/v1/messages/batches", "worker"),
        ("/v1/agents/agent-1/messages", "api"),
        ("/v1/agents/agent-1/messages/async/more", "api"),
        ("/V1/messages/batches", "api"),
        ("/v1/messages/batches/", "api"),
    ],
)
def test_a_rule_takes_exactly_the_paths_of_its_patterns(
    started: Starter, target: Callable[..., Target], path: str, name: str
) -> None:
    balancer = started()
    admit(balancer, API, target("api"))
    admit(balancer, WORKER, target("worker"))
    status, body = request(balancer, path)
    assert (status, body["name"], body["path"]) == (200, name, path)


def test_the_rule_with_the_lower_number_comes_first(
    started: Starter, target: Callable[..., Target]
) -> None:
    first = made(
        "lb/listenerRule:ListenerRule",
        arn="arn:first",
        listenerArn="arn:listener/https",
        priority=1,
        conditions=[{"pathPattern": {"values": ["/v1/messages/*"]}}],
        actions=[{"type": "forward", "targetGroupArn": API}],
    )
    balancer = started([*load_balancer(), first])
    admit(balancer, API, target("api"))
    admit(balancer, WORKER, target("worker"))
    assert request(balancer, "/v1/messages/batches")[1]["name"] == "api"


def test_signs_of_regular_expressions_in_a_pattern_stand_for_themselves(
    started: Starter, target: Callable[..., Target]
) -> None:
    paths = ['/a.b+(c)"$', "/one?letter"]
    objects = replaced(load_balancer(), "arn:rule", conditions=[{"pathPattern": {"values": paths}}])
    balancer = started(objects)
    admit(balancer, API, target("api"))
    admit(balancer, WORKER, target("worker"))
    answers = [
        request(balancer, path)[1]["name"]
        for path in ("/a.b+(c)%22$", "/aXb+(c)%22$", "/one-letter", "/oneletter")
    ]
    assert answers == ["worker", "api", "worker", "api"]


def test_plain_http_is_sent_to_the_https_listener_with_path_and_query(started: Starter) -> None:
    balancer = started()
    connection = http.client.HTTPConnection("127.0.0.1", balancer.ports[80])
    connection.request("GET", "/v1/agents/?limit=1", headers={"Host": "letta.example.com"})
    answer = connection.getresponse()
    connection.close()
    expected = f"https://letta.example.com:{balancer.ports[443]}/v1/agents/?limit=1"
    assert (answer.status, answer.headers["Location"]) == (301, expected)


def test_the_certificate_is_good_for_the_domain_and_its_key_is_private(started: Starter) -> None:
    balancer = started()
    context = ssl.create_default_context(cafile=str(balancer.files.certificate))
    with (
        socket.create_connection(("127.0.0.1", balancer.ports[443])) as plain,
        context.wrap_socket(plain, server_hostname="letta.example.com") as verified,
    ):
        assert verified.version() == "TLSv1.3"
    assert stat.S_IMODE(balancer.files.key.stat().st_mode) == 0o600


def test_on_an_address_of_its_own_it_keeps_the_ports_of_the_stack(tmp_path: Path) -> None:
    host, port = "127.77.250.1", unused_port()
    objects = replaced(load_balancer(), "arn:listener/https", port=port)
    balancer = LoadBalancer(read(objects), tmp_path, host=host)
    balancer.start(watch=False)
    try:
        assert balancer.url(port) == f"https://{host}:{port}"
        context = ssl.create_default_context(cafile=str(balancer.files.certificate))
        connection = http.client.HTTPSConnection(host, port, context=context)
        connection.request("GET", "/")
        assert connection.getresponse().status == 503
        connection.close()
        other = LoadBalancer(read(objects), tmp_path / "other", host=host)
        with pytest.raises(LoadBalancerError, match=f"{host}:{port} is taken"):
            other.start(watch=False)
    finally:
        balancer.stop()


def test_a_policy_for_tls_1_3_alone_refuses_older_clients(started: Starter) -> None:
    objects = replaced(
        load_balancer(), "arn:listener/https", sslPolicy="ELBSecurityPolicy-TLS13-1-3-2021-06"
    )
    balancer = started(objects)
    context = ssl.create_default_context(cafile=str(balancer.files.certificate))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    connection = http.client.HTTPSConnection("127.0.0.1", balancer.ports[443], context=context)
    with pytest.raises(ssl.SSLError):
        connection.connect()
    connection.close()


def test_a_target_learns_who_asked_and_how_and_no_malformed_header(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started()
    admit(balancer, API, target("a"))
    sent = {"Host": "letta.example.com", "user_id": "somebody", "X-Forwarded-For": "10.1.2.3"}
    _, body = request(balancer, "/", headers=sent)
    headers = body["headers"]
    assert headers["host"] == "letta.example.com"
    assert headers["x-forwarded-for"] == "10.1.2.3, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert "user_id" not in headers


def test_how_a_client_came_is_told_only_where_the_balancer_tells_it(
    tmp_path: Path, target: Callable[..., Target]
) -> None:
    balancer = LoadBalancer(replace(read(load_balancer()), tells_scheme=False), tmp_path)
    balancer.start(watch=False)
    try:
        admit(balancer, API, target("a"))
        _, body = request(balancer, "/")
    finally:
        balancer.stop()
    assert "x-forwarded-proto" not in body["headers"]


def test_headers_with_an_underscore_pass_where_the_balancer_may_keep_them(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started(load_balancer(dropInvalidHeaderFields=False))
    admit(balancer, API, target("a"))
    _, body = request(balancer, "/", headers={"user_id": "somebody"})
    assert body["headers"]["user_id"] == "somebody"


def test_an_upload_of_fifty_megabytes_reaches_the_target(
    started: Starter, target: Callable[..., Target]
) -> None:
    balancer = started()
    admit(balancer, API, target("a"))
    size = 50_000_000
    status, body = request(balancer, "/upload", method="POST", body=bytes(size))
    assert (status, body["received"]) == (200, size)
