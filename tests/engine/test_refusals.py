"""What breaks a rule is refused by that rule at preview, on the real engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.engine.engine import Shell

# rule -> overrides of the medium stack file that break it; a preview for each group
BREAKS: dict[str, dict[str, Any]] = {
    "replica-bounds": {"api": {"max_replicas": 12}},
    "api-high-availability": {"api": {"min_replicas": 1}},
    "api-machine-size": {"api": {"instance_type": "t3.medium", "task_memory_mib": 1536}},
    "cpu-target": {"api": {"cpu_target_percent": 90}},
    "memory-target": {"api": {"memory_target_percent": 95}},
    "scaling-cooldowns": {"api": {"scale_in_cooldown_seconds": 10}},
    "worker-count": {"worker": {"max_replicas": 5}},
    "database-class": {"database": {"instance_type": "db.t3.medium", "pool_size": 5}},
    "database-storage": {"database": {"storage_gib": 50}},
    "database-replicas": {"database": {"read_replicas": 0}},
    "database-backups": {"database": {"backup_retention_days": 1}},
    "database-high-availability": {"database": {"high_availability": False}},
    "database-private": {"database": {"publicly_accessible": True}},
    "deletion-protection": {"database": {"deletion_protection": False}},
    "connection-budget": {"api": {"max_replicas": 20}, "database": {"pool_size": 25}},
    "cache-size": {"cache": {"instance_type": "cache.t4g.micro"}},
    "cache-eviction": {"cache": {"eviction_policy": "noeviction"}},
    "cache-no-persistence": {"cache": {"snapshot_retention_days": 5}},
    "bucket-lifecycle": {"storage": {"infrequent_access_days": 60, "archive_days": 120}},
    "load-balancer-idle-timeout": {"ingress": {"idle_timeout_seconds": 60}},
    "spans-zones": {"ingress": {"zones": 1}},
    "log-retention": {"monitoring": {"log_retention_days": 1}},
}


def blocking_rules(output: str) -> set[str]:
    """Rules that the engine names as mandatory and violated."""
    return set(re.findall(r"\[mandatory\] (?:\[severity: \w+\] )? ?([a-z0-9-]+)  ?\(", output))


ALONE = ("connection-budget", "api-machine-size", "api-high-availability", "database-class")
"""Rules whose overrides contradict those of others, or each other."""
GROUPS = {
    "together": [rule for rule in BREAKS if rule not in ALONE],
    "machines": ["api-machine-size", "api-high-availability", "database-class"],
    "connections": ["connection-budget"],
}


def overrides(rules: list[str]) -> dict[str, Any]:
    """All that breaks these rules, role by role."""
    merged: dict[str, Any] = {}
    for rule in rules:
        for role, values in BREAKS[rule].items():
            merged[role] = {**merged.get(role, {}), **values}
    return merged


@pytest.mark.parametrize("group", GROUPS)
def test_the_preview_is_blocked_by_the_named_rules(
    group: str, medium: Shell, tmp_path: Path
) -> None:
    preview = medium.preview_with(tmp_path, overrides(GROUPS[group]))
    assert not preview
    assert set(GROUPS[group]) <= blocking_rules(preview.output), preview.output
    assert "can't run policy" not in preview.output
    assert medium.objects() == 0


def test_every_break_stands_in_one_group() -> None:
    assert sorted(rule for group in GROUPS.values() for rule in group) == sorted(BREAKS)


def test_an_expired_waiver_refuses_and_one_in_force_is_printed(
    medium: Shell, tmp_path: Path
) -> None:
    waiver = {"rule": "cpu-target", "resource": "*", "reason": "load test", "owner": "me"}
    broken = {"api": {"cpu_target_percent": 90}}
    expired = medium.preview_with(
        tmp_path, {**broken, "waivers": [{**waiver, "expires": "2020-01-01"}]}
    )
    assert not expired
    assert {"waiver-expired", "cpu-target"} <= blocking_rules(expired.output), expired.output
    in_force = medium.preview_with(
        tmp_path, {**broken, "waivers": [{**waiver, "expires": "2999-12-31"}]}
    )
    assert in_force, in_force.output
    assert "load test" in in_force.output
