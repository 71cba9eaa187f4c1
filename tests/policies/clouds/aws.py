"""Stacks on AWS, and their bad configurations."""

from __future__ import annotations

from tests.policies import (
    mutants,
    mutants_application,
    mutants_cluster,
    mutants_cost,
    mutants_models,
    mutants_pods,
    mutants_security,
    mutants_tiers,
)
from tests.policies.case import Case, Stacks
from tests.policies.changes import Containers, Resources, Where, reference

_TOKEN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:hugging-face-AbCdEf"

STACKS: Stacks = {
    "small": ("small", {}),
    "medium": ("medium", {}),
    "large": ("large", {}),
    "cpu": ("large", {"embedding": "cpu", "worker": {"capacity": "spot"}}),
    "vllm": (
        "large",
        {
            "embedding": "api",
            "llm": {"hosting": "vllm"},
        },
    ),
    "nodes": (
        "large",
        {
            "embedding": "api",
            "llm": {
                "hosting": "vllm",
                "vllm": {
                    "model": "llama-3.3-70b",
                    "instance_type": "g5.12xlarge",
                    "context_tokens": 8192,
                    "concurrency": 4,
                    "model_cache": "volume",
                    "hugging_face_token_secret": _TOKEN,
                },
            },
        },
    ),
    "ollama": ("large", {"embedding": "api", "llm": {"hosting": "ollama"}}),
}
"""Name -> tier, and what the tier's stack file is made to say besides: the large tier with each
way to serve models. On `nodes` a model lies on several machines."""

_GENERATIONS = "current-machine-types"
_TOOLS = "tools-run-in-server"
ACCEPTED = {
    "small": frozenset({"api-high-availability"}),
    "medium": frozenset({_GENERATIONS}),
    **dict.fromkeys(("large", "cpu", "vllm", "nodes", "ollama"), frozenset({_GENERATIONS, _TOOLS})),
}
"""Rules that a stack breaks by design: what small's stack file waives, and advice that the
machines of the requirements' bills draw."""

MUTANTS = (
    *mutants.SIZING,
    *mutants.AUTOSCALING,
    *mutants.AVAILABILITY,
    *mutants_application.APPLICATION,
    *mutants_security.DATA,
    *mutants_security.SECURITY,
    *mutants_tiers.TIERS,
    *mutants_pods.PODS,
    *mutants_cluster.CLUSTER,
    *mutants_cluster.FIREWALLS,
    *mutants_models.MODELS,
    *mutants_cost.COST,
)


def _with_sandbox(stack: str, resources: Resources) -> Resources:
    """On small and medium, a sandbox for agents' tools."""
    for task in {"small": ("-api",), "medium": ("-api", "-work")}.get(stack, ()):
        sandboxed = Containers(Where("TaskDefinition", task), reference("E2B_API_KEY"), "server")
        resources = sandboxed(resources)
    return resources


CASE = Case(
    cloud="aws",
    mutants=MUTANTS,
    accepted=ACCEPTED,
    stacks=STACKS,
    # Somewhat more than it does.
    budgets_usd={"small": 250, "medium": 4000},
    complete=_with_sandbox,
)
