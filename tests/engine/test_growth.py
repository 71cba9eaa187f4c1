"""A stack that grows from tier to tier keeps its data, and on the first cloud also as it changes
who serves its models; after each step there is nothing left to do, and in the end nothing is
left. Where a cloud takes two runs for a step, the stack goes as that cloud's page tells its users
to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from infra import checkout, platforms
from infra.tiers import TIERS
from tests.engine.clouds import Step, told
from tests.engine.engine import Shell
from tests.engine.stores import Stores, kept, lost

MODELS: tuple[Step, ...] = (
    ("large", {"llm": "vllm"}),
    (
        "large",
        {
            "llm": {
                "hosting": "vllm",
                "vllm": {"model": "mixtral-8x22b", "instance_type": "p4d.24xlarge"},
            }
        },
    ),
    ("large", {"llm": "ollama", "embedding": "cpu", "worker": {"capacity": "spot"}}),
)
"""Tier, and what the stack file says besides; machines are the first cloud's."""
AGAIN = "run it again afterwards"
"""What a program says whose change takes a second run: where the provider passes over the size of a
disk that grows by itself, the first run makes it larger, and after the second it grows again."""


def steps(cloud: str) -> list[Step]:
    """The tiers that have a stack file, smallest first, and what comes between and after them."""
    tiers = [tier for tier in TIERS if checkout.name_on(tier, cloud) in checkout.names()]
    before = told(cloud).before
    grown = [each for tier in tiers for each in (before.get(tier), (tier, {})) if each]
    return [*grown, *(MODELS if cloud == platforms.DEFAULT else ())]


def file_of(cloud: str, step: int, folder: Path) -> Path:
    """The committed file of a step's tier, as the one stack's, under the name its users call."""
    first, (tier, overrides) = steps(cloud)[0][0], steps(cloud)[step]
    path = folder / str(step) / f"Pulumi.{checkout.name_on(first, cloud)}.yaml"
    config = _committed(tier, cloud)
    config["letta:ingress"]["domain"] = _committed(first, cloud)["letta:ingress"]["domain"]
    for key, value in overrides.items():
        stated = config.get(f"letta:{key}")
        if isinstance(stated, dict) and isinstance(value, dict):
            config[f"letta:{key}"] = {**stated, **value}
        else:
            config[f"letta:{key}"] = value
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    return path


def _committed(tier: str, cloud: str) -> dict[str, Any]:
    text = checkout.file(checkout.name_on(tier, cloud)).read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)["config"]
    return config


def stores(shell: Shell, cloud: str) -> Stores:
    """All of the stack that holds data or opens it."""
    return kept(json.loads(shell.pulumi("stack", "export").output), cloud)


def test_no_store_is_replaced_or_lost(cloud: str, tmp_path: Path) -> None:
    stack = checkout.name_on(steps(cloud)[0][0], cloud)
    shell = Shell.open(stack, tmp_path / "state")
    try:
        before: Stores = {}
        for step in range(len(steps(cloud))):
            file = file_of(cloud, step, tmp_path)
            up = shell.pulumi("up", "--yes", "--skip-preview", "--config-file", file)
            assert up, up.output
            assert "can't run policy" not in up.output
            if AGAIN in up.output:
                again = shell.pulumi("up", "--yes", "--skip-preview", "--config-file", file)
                assert again, again.output
            after = stores(shell, cloud)
            assert after
            assert lost(before, after) == []
            again = shell.pulumi("preview", "--expect-no-changes", "--config-file", file)
            assert again, again.output
            before = after
        destroyed = shell.letta_cloud("destroy", "--stack", stack)
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
