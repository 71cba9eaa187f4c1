"""A stack that grows from tier to tier, and then changes who serves its models, keeps its data;
after each step there is nothing left to do, and in the end nothing is left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.engine.engine import ROOT, Shell

STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("small", {}),
    ("medium", {}),
    ("large", {}),
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
"""Tier, and what the stack file says besides."""
DATA = (
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:kms/key:Key",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:ssm/parameter:Parameter",
    "random:index/randomPassword:RandomPassword",
)


def kept(shell: Shell) -> dict[str, tuple[str, str]]:
    """URN -> id of all that holds data or opens it, and when it was made."""
    resources = json.loads(shell.pulumi("stack", "export").output)["deployment"]["resources"]
    return {one["urn"]: (one["id"], one["created"]) for one in resources if one["type"] in DATA}


def file_of(step: int, folder: Path) -> Path:
    """The committed file of a step's tier, as the one stack's, under the name its users call."""
    tier, overrides = STEPS[step]
    config = yaml.safe_load((ROOT / f"Pulumi.{tier}.yaml").read_text(encoding="utf-8"))
    config["config"]["letta:ingress"]["domain"] = "letta-small.example.com"
    config["config"].update({f"letta:{key}": value for key, value in overrides.items()})
    path = folder / str(step) / "Pulumi.small.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def test_no_store_is_replaced_or_lost(tmp_path: Path) -> None:
    shell = Shell.open("small", tmp_path / "state")
    try:
        before: dict[str, tuple[str, str]] = {}
        for step in range(len(STEPS)):
            file = file_of(step, tmp_path)
            up = shell.pulumi("up", "--yes", "--skip-preview", "--config-file", file)
            assert up, up.output
            assert "can't run policy" not in up.output
            after = kept(shell)
            assert before.items() <= after.items()
            again = shell.pulumi("preview", "--expect-no-changes", "--config-file", file)
            assert again, again.output
            before = after
        assert {urn.split("::")[2].rsplit("$", 1)[-1] for urn in before} == set(DATA)
        destroyed = shell.letta_cloud("destroy", "--stack", "small")
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
