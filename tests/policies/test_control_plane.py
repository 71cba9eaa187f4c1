"""Who reaches the control plane of a cluster that does not exist yet."""

from __future__ import annotations

import pytest

from policies.facts.resource import UNDETERMINED
from tests.policies.assembly import resources
from tests.policies.changes import Put, Where
from tests.policies.judging import judged

RANGES = Put(Where("Cluster", "-k8s"), "vpcConfig.publicAccessCidrs", UNDETERMINED)


def test_a_private_endpoint_needs_no_networks_at_the_first_preview() -> None:
    private = resources("large", {"ingress": {"control_plane": {"allowed_cidrs": []}}})
    assert "control-plane-access" not in judged("large", private)
    # What the cloud fills in for a range that the program leaves out.
    assert "control-plane-access" not in judged("large", RANGES(private))


@pytest.mark.parametrize(
    ("ranges", "refused"),
    [
        (["10.0.0.0/8", "203.0.113.0/24"], False),
        (["10.0.0.0/7"], True),
        (["10.0.0.0/8", "11.0.0.0/8"], True),
        (["2000::/3"], True),
        (["2001:db8::/32", "192.0.2.0/24"], False),
        (["everybody"], True),
    ],
)
def test_networks_are_judged_by_their_size(ranges: list[str], refused: bool) -> None:
    stack = Put(RANGES.where, RANGES.path, ranges)(resources("large"))
    assert ("control-plane-access" in judged("large", stack)) is refused
