"""The choices of a stack file that change what is built: one after the other on one stack, each is
deployed and then stable, and nothing of any is left in the end. Those of large stand in
`test_growth.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.engine import Shell

CHOICES: dict[str, tuple[dict[str, Any], ...]] = {
    "medium": (
        {"api": "fargate", "worker": {"compute": "fargate", "capacity": "spot"}},
        {"worker": {"capacity": "spot"}},
    ),
}
"""Tier -> what its stack file says besides, in turn."""


@pytest.mark.parametrize("tier", CHOICES)
def test_each_is_built_and_stable_and_nothing_is_left(tier: str, tmp_path: Path) -> None:
    shell = Shell.open(tier, tmp_path / "state")
    try:
        for overrides in CHOICES[tier]:
            file = shell.variant(tmp_path, overrides)
            up = shell.pulumi("up", "--yes", "--config-file", file)
            assert up, up.output
            assert "can't run policy" not in up.output
            again = shell.pulumi("preview", "--expect-no-changes", "--config-file", file)
            assert again, again.output
        destroyed = shell.letta_cloud("destroy", "--stack", tier)
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
