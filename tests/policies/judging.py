"""A deployment held to the rules, as tests do it."""

from __future__ import annotations

from functools import cache

from infra.tiers import TIERS
from policies.facts.aws import reader
from policies.facts.graph import Graph
from policies.facts.model import Deployment
from policies.rules import RULES
from policies.runner import violations
from tests.policies import assembly
from tests.policies.changes import Containers, Resources, Where, reference

KEY = "test-0123456789abcdef"
"""Of an LLM provider; no real one looks like it."""
ACCEPTED = {"medium": frozenset[str](), "small": frozenset({"api-high-availability"})}
"""Rules that a tier breaks by design; small's stack file waives its one."""


@cache
def good(tier: str) -> Resources:
    """A tier with nothing left to say against it: a model's key, and a sandbox for tools."""
    resources = assembly.resources(tier, {"llm": {"providers": {"openai": {"api_key": KEY}}}})
    for task in ("-api", "-work") if tier == "medium" else ("-api",):
        sandboxed = Containers(Where("TaskDefinition", task), reference("E2B_API_KEY"), "server")
        resources = sandboxed(resources)
    return resources


def facts(tier: str, resources: Resources) -> Deployment:
    """What rules read of the resources."""
    return reader.read(Graph(resources), tier=tier, workload=TIERS[tier].workload)


def judged(tier: str, resources: Resources) -> dict[str, list[str]]:
    """Rule -> messages, of the rules that are broken, but for those that the tier breaks."""
    deployment = facts(tier, resources)
    messages = {
        rule.name: [found.message for found in violations(rule, deployment, {})] for rule in RULES
    }
    return {name: found for name, found in messages.items() if found and name not in ACCEPTED[tier]}
