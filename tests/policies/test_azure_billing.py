"""On Azure, what is billed of a stack file and of its resources is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pricing import plans, stack
from pricing.inventory import Inventory, Thing
from tests.policies import assembly
from tests.policies.clouds.azure import CASE

GROWING: Mapping[str, Any] = {
    "azure": {"replica_instance_type": "Standard_E8ds_v5", "replica_storage_gib": 2048}
}
"""Replicas that are larger than their primary."""


@pytest.mark.parametrize(
    ("tier", "overrides"),
    [("small", {}), ("medium", {}), ("medium", GROWING), ("large", {})],
    ids=["small", "medium", "medium with larger replicas", "large"],
)
def test_a_stack_file_and_its_resources_hold_the_same_things(
    tier: str, overrides: Mapping[str, Any]
) -> None:
    settings = stack.load(assembly.stack_file(tier, overrides, CASE.cloud), secret_keys=("llm",))
    resources = assembly.resources(tier, overrides, CASE.cloud)
    built = CASE.facts(tier, resources).inventory
    assert _counted(plans.inventory(settings)) == _counted(built)


def _counted(found: Inventory) -> Counter[Thing]:
    return Counter(replace(thing, name="", urn="") for thing in found.things)
