"""A stack that grows from small to medium keeps its data."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from tests.engine.engine import ROOT, Shell

DATA = (
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:kms/key:Key",
    "random:index/randomPassword:RandomPassword",
)


def kept(shell: Shell) -> dict[str, str]:
    """URN -> id of all that holds data or opens it."""
    resources = json.loads(shell.pulumi("stack", "export").output)["deployment"]["resources"]
    return {one["urn"]: one["id"] for one in resources if one["type"] in DATA}


def test_no_store_is_replaced_or_lost(tmp_path: Path) -> None:
    shell = Shell.open("small", tmp_path / "state")
    try:
        first = shell.pulumi("up", "--yes")
        assert first, first.output
        before = kept(shell)
        config = yaml.safe_load((ROOT / "Pulumi.medium.yaml").read_text(encoding="utf-8"))
        config["config"]["letta:ingress"]["domain"] = "letta-small.example.com"
        medium = tmp_path / "Pulumi.small.yaml"
        medium.write_text(yaml.safe_dump(config), encoding="utf-8")
        grown = shell.pulumi("up", "--yes", "--config-file", medium)
        assert grown, grown.output
        after = kept(shell)
        assert before
        assert before.items() <= after.items()
        again = shell.pulumi("preview", "--expect-no-changes", "--config-file", medium)
        assert again, again.output
        destroyed = shell.letta_cloud("destroy", "--stack", "small")
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
