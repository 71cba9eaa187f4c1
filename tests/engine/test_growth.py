"""A stack that grows from tier to tier keeps its data."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.engine.engine import ROOT, Shell

TIERS = ("small", "medium", "large")
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


def file_of(tier: str, folder: Path) -> Path:
    """The committed file of a tier, as the one stack's, under the name its users call."""
    config = yaml.safe_load((ROOT / f"Pulumi.{tier}.yaml").read_text(encoding="utf-8"))
    config["config"]["letta:ingress"]["domain"] = "letta-small.example.com"
    path = folder / tier / "Pulumi.small.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def test_no_store_is_replaced_or_lost(tmp_path: Path) -> None:
    shell = Shell.open("small", tmp_path / "state")
    try:
        before: dict[str, tuple[str, str]] = {}
        for tier in TIERS:
            file = file_of(tier, tmp_path)
            up = shell.pulumi("up", "--yes", "--config-file", file)
            assert up, up.output
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
