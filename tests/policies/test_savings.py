"""A stack with every switch on that applies to it breaks no rule that it keeps without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.tiers import TIERS
from policies.facts.aws import reader
from policies.facts.graph import Graph
from policies.facts.stack import Asked
from policies.rules import RULES
from policies.runner import violations
from tests.policies import assembly
from tests.policies.changes import Containers, Where, reference
from tests.policies.judging import spending

NIGHT = {"begins": "22:00", "ends": "06:00", "timezone": "Europe/Berlin"}
ANYWHERE = {"reserved_years": 3, "arm64": True}
WITH_WORKERS = {"spot_workers": True, "single_nat": True, "logs_endpoint": True}
SWITCHED: Mapping[str, Mapping[str, Any]] = {
    "small": {**ANYWHERE, "prompt_caching": 0.5},
    "medium": {**ANYWHERE, **WITH_WORKERS, "night": NIGHT, "prompt_caching": 0.7},
    "large": {**ANYWHERE, **WITH_WORKERS, "prompt_trimming": 0.2},
}
_KEYS = {name: {"api_key": "test-0123456789abcdef"} for name in ("anthropic", "openai")}


def broken(tier: str, savings: Mapping[str, Any]) -> set[str]:
    """Rules that the stack breaks."""
    overrides = {"savings": savings, "llm": {"providers": _KEYS}}
    resources = assembly.resources(tier, overrides)
    for task in {"small": ("-api",), "medium": ("-api", "-work")}.get(tier, ()):
        sandboxed = Containers(Where("TaskDefinition", task), reference("E2B_API_KEY"), "server")
        resources = sandboxed(resources)
    deployment = reader.read(
        Graph(resources),
        Asked(tier=tier, workload=TIERS[tier].workload, spending=spending(tier)),
    )
    return {rule.name for rule in RULES if list(violations(rule, deployment, {}))}


@pytest.mark.parametrize("tier", SWITCHED)
def test_no_rule_is_broken_that_is_kept_without_switches(tier: str) -> None:
    assert broken(tier, SWITCHED[tier]) <= broken(tier, {})


def test_arm64_machines_are_current_ones() -> None:
    assert "current-machine-types" in broken("medium", {})
    assert "current-machine-types" not in broken("medium", {"arm64": True})
