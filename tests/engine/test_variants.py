"""The choices of a stack file that change what is built: each is deployed, stable and removed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.engine import Shell

VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "large-vllm": ("large", {"llm": "vllm"}),
    "large-vllm-nodes": (
        "large",
        {
            "llm": {
                "hosting": "vllm",
                "vllm": {"model": "mixtral-8x22b", "instance_type": "p4d.24xlarge"},
            }
        },
    ),
    "large-ollama": ("large", {"llm": "ollama"}),
    "large-embedding-cpu": ("large", {"embedding": "cpu", "worker": {"capacity": "spot"}}),
    "medium-fargate": (
        "medium",
        {
            "api": "fargate",
            "worker": {"compute": "fargate", "capacity": "spot"},
        },
    ),
    "medium-spot": ("medium", {"worker": {"capacity": "spot"}}),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_built_stable_and_leaves_nothing(variant: str, tmp_path: Path) -> None:
    stack, overrides = VARIANTS[variant]
    shell = Shell.open(stack, tmp_path / "state")
    file = shell.variant(tmp_path, overrides)
    try:
        up = shell.pulumi("up", "--yes", "--config-file", file)
        assert up, up.output
        assert "can't run policy" not in up.output
        again = shell.pulumi("preview", "--expect-no-changes", "--config-file", file)
        assert again, again.output
        destroyed = shell.letta_cloud("destroy", "--stack", stack)
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
