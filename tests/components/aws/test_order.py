"""What waits for the bootstrap, and what is built meanwhile."""

from __future__ import annotations

import pytest

from infra.tiers import TIERS
from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import Registered

SERVERS = {
    "aws:ecs/service:Service": "Invocation",
    "kubernetes:apps/v1:Deployment": "Job",
}
"""Type of what runs copies of the server -> what bootstraps there."""


def resources(tier: str) -> tuple[Registered, ...]:
    """The resources of a tier."""
    ingress: dict[str, object] = {"domain": "letta.example.com", "hosted_zone": "example.com"}
    if TIERS[tier].api.compute == "kubernetes":
        ingress["control_plane"] = {"allowed_cidrs": []}
    return deployed(tier, ingress=ingress).resources


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_no_component_waits_and_holds_back_all_its_parts(tier: str) -> None:
    waiting = [
        (each.type, each.name, each.depends_on)
        for each in resources(tier)
        if each.type.startswith("letta:") and each.depends_on
    ]
    assert not waiting


@pytest.mark.parametrize("tier", sorted(TIERS))
def test_the_servers_themselves_wait_for_the_bootstrap(tier: str) -> None:
    servers = [
        each
        for each in resources(tier)
        if each.type in SERVERS and each.name in ("letta-test-api", "letta-test-work")
    ]
    assert servers
    for each in servers:
        assert f"{SERVERS[each.type]} letta-test-boot" in each.depends_on
