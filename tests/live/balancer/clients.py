"""Clients of a load balancer, and targets that are admitted to it."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

from sandbox.live.load_balancer import LoadBalancer
from tests.live.targets import Target

# 900 seconds of idleness become three.
SCALE = 1 / 300
# Longer than any wait that is meant, for what would otherwise never come.
CLIENT_SECONDS = 30

Starter = Callable[..., LoadBalancer]


def admit(balancer: LoadBalancer, group: str, *targets: Target) -> None:
    """Register targets and let them prove that they are well."""
    for item in targets:
        balancer.register(group, item.address)
    balancer.check(group)


def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def connect(balancer: LoadBalancer) -> http.client.HTTPSConnection:
    """A client of the HTTPS listener that verifies the certificate."""
    context = ssl.create_default_context(cafile=str(balancer.files.certificate))
    return http.client.HTTPSConnection(
        "127.0.0.1", balancer.ports[443], context=context, timeout=CLIENT_SECONDS
    )


def request(
    balancer: LoadBalancer,
    path: str,
    *,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Status and body of an answer; the body read as JSON where it is some."""
    connection = connect(balancer)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    if data.startswith(b"{"):
        return answer.status, json.loads(data)
    return answer.status, data


def plain(balancer: LoadBalancer, path: str) -> tuple[int, str]:
    """Status and place of the redirect by which a request without TLS is answered."""
    connection = http.client.HTTPConnection("127.0.0.1", balancer.ports[80], timeout=CLIENT_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers["Location"]
    finally:
        connection.close()


def names(balancer: LoadBalancer, path: str, count: int) -> list[str]:
    """Who answers so many requests, sorted."""
    return sorted(request(balancer, path)[1]["name"] for _ in range(count))
