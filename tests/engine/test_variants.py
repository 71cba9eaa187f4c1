"""The choices of a stack file that change what is built: one after the other on one stack, each is
deployed and then stable, and nothing of any is left in the end. Those of large stand in
`test_growth.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.engine import Shell

SAVINGS = {
    "spot_workers": True,
    "reserved_years": 1,
    "night": {"begins": "22:00", "ends": "06:00", "timezone": "Europe/Berlin"},
    "arm64": True,
    "prompt_caching": 0.7,
    "prompt_trimming": 0.2,
    "logs_endpoint": True,
    "single_nat": True,
}
"""Every switch that applies to medium."""

CHOICES: dict[str, tuple[dict[str, Any], ...]] = {
    "medium": (
        {"api": "fargate", "worker": {"compute": "fargate", "capacity": "spot"}},
        {"savings": SAVINGS},
    ),
}
"""Tier -> what its stack file says besides, in turn."""


@pytest.mark.parametrize("tier", CHOICES)
def test_each_is_built_and_stable_and_nothing_is_left(tier: str, tmp_path: Path) -> None:
    shell = Shell.open(tier, tmp_path / "state")
    try:
        for overrides in CHOICES[tier]:
            file = shell.variant(tmp_path, overrides)
            up = shell.pulumi("up", "--yes", "--skip-preview", "--config-file", file)
            assert up, up.output
            assert "can't run policy" not in up.output
            again = shell.pulumi("preview", "--expect-no-changes", "--config-file", file)
            assert again, again.output
        destroyed = shell.letta_cloud("destroy", "--stack", tier)
        assert destroyed, destroyed.output
        assert shell.objects() == 0
    finally:
        shell.close()
