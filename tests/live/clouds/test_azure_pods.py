"""Pods of AKS behind the gateway, as the live sandbox reads them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.kubernetes.live.pods import services
from sandbox.live.spec import Objects, Registration
from tests.live.clouds.azure import GATEWAY, gateway
from tests.live.pods import SELECTED, deployment, kubernetes, pod


def _called(**fields: Any) -> Objects:  # noqa: ANN401 - of a Service
    """A Deployment behind a Service that a gateway of Azure calls by its address."""
    container = {"name": "server", "image": "i", "ports": [{"containerPort": 8283}]}
    annotations = {"service.beta.kubernetes.io/azure-load-balancer-ipv4": "10.0.1.4"}
    service = {"type": "LoadBalancer", "selector": SELECTED, "ports": [{"port": 8283}], **fields}
    metadata = {"name": "api", "namespace": "letta", "annotations": annotations}
    found = kubernetes("core/v1:Service", "api", spec=service)
    members = {"api": {"ipAddress": "10.0.1.4"}, "worker": {"ipAddress": "10.0.1.5"}}
    return Objects(
        [
            *deployment(pod(container)).everything,
            replace(found, outputs={**found.outputs, "metadata": metadata}),
            gateway(members=members),
        ]
    )


def test_a_gateway_reaches_the_pods_behind_the_address_that_it_calls() -> None:
    [found] = services(_called())
    assert found.registrations == (
        Registration(container="server", port=8283, group=f"{GATEWAY}/backendAddressPools/api"),
    )
    [inside] = services(_called(type="ClusterIP"))
    assert inside.registrations == ()
