"""Sites with a cluster, as tests of its parts need them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pulumi

from components.args import ControlPlaneArgs, IngressArgs, MonitoringArgs
from components.aws.eks.cluster import EksCluster
from components.aws.site import Site, site
from components.offer import Feature
from components.roles import KubernetesArgs, NodePool, SiteArgs
from tests.components.aws.mock_cloud import Function, Run, run

POOL = NodePool(
    role="api", instance_type="m5.2xlarge", initial=8, minimum=2, maximum=10, disk_gib=50
)
ALL_FEATURES: frozenset[Feature] = frozenset({"gpu", "queue_scaling", "multi_node"})
NAME = "letta-test-k8s"


def arguments(
    *,
    features: frozenset[Feature] = frozenset(),
    control_plane: Mapping[str, Any] | None = None,
    existing_secrets: Mapping[str, str] | None = None,
    **ingress: Any,  # noqa: ANN401  (fields of the arguments)
) -> SiteArgs:
    """A site's arguments with a cluster. Other keywords go to the ingress."""
    return SiteArgs(
        ingress=IngressArgs(
            **{
                "kind": "load_balancer",
                "domain": "letta.example.com",
                "hosted_zone": "example.com",
                "zones": 3,
                **ingress,
            }
        ),
        monitoring=MonitoringArgs(),
        provider_secrets={},
        existing_secrets=existing_secrets or {},
        alert_usd=None,
        kubernetes=KubernetesArgs(
            control_plane=ControlPlaneArgs(**{"allowed_cidrs": (), **(control_plane or {})}),
            pool=POOL,
            features=features,
        ),
    )


def built(
    *,
    preview: bool = False,
    functions: Mapping[str, Function] | None = None,
    **changes: Any,  # noqa: ANN401  (of the arguments)
) -> Run[Site]:
    """A site on the recording double."""
    return run(
        lambda: site("letta-test", arguments(**changes), pulumi.ResourceOptions()),
        preview=preview,
        functions=functions,
    )


@cache
def plain() -> Run[Site]:
    """A site whose cluster runs servers only."""
    return built()


@cache
def previewed() -> Run[Site]:
    """The same with all that a cluster may need, in a first preview."""
    return built(preview=True, features=ALL_FEATURES)


@cache
def full() -> Run[Site]:
    """The same, once it is there."""
    return built(features=ALL_FEATURES)


def cluster(result: Run[Site]) -> EksCluster:
    """The cluster of a site."""
    found = result.result.kubernetes
    assert found is not None
    return found


def statements(result: Run[Any], policy: str) -> list[dict[str, Any]]:
    """What a role's own policy allows."""
    text = result.one(":RolePolicy", policy).inputs["policy"]
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found
