"""What breaks a rule is refused by that rule at preview, on the real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.engine import Shell

# rule -> overrides of the medium stack file that break it
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


@pytest.mark.parametrize("rule", BREAKS)
def test_the_preview_is_blocked_by_the_named_rule(rule: str, medium: Shell, tmp_path: Path) -> None:
    preview = medium.preview_with(tmp_path, BREAKS[rule])
    assert not preview
    assert f"[mandatory]  {rule}" in preview.output, preview.output
    assert "can't run policy" not in preview.output
    assert medium.objects() == 0
