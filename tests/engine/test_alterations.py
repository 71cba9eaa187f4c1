"""What a hand on the program can break is refused at preview by the named rule: on the real
engine, before there is a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine import altered
from tests.engine.engine import Shell
from tests.engine.test_refusals import blocking_rules
from tests.engine.test_unknowns import PROJECT


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    shell = Shell.open("large", tmp_path_factory.mktemp("large"))
    yield shell
    shell.close()


@pytest.mark.parametrize("batch", altered.batches())
def test_every_rule_on_clusters_refuses_what_breaks_it(
    batch: str, large: Shell, tmp_path: Path
) -> None:
    stack_file = large.variant(tmp_path, altered.overrides(batch))
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "__main__.py").write_text(
        f"from tests.engine.altered import main\n\nmain({batch!r})\n", encoding="utf-8"
    )
    preview = large.pulumi("preview", "--cwd", folder, "--config-file", stack_file)
    assert not preview
    expected = {mutant.rule for mutant in altered.batches()[batch]}
    assert expected <= blocking_rules(preview.output), preview.output
    assert "can't run policy" not in preview.output
    assert large.objects() == 0


def test_the_batches_hold_every_rule_on_clusters() -> None:
    covered = {mutant.rule for mutants in altered.batches().values() for mutant in mutants}
    assert covered == altered.ON_CLUSTERS - altered.ELSEWHERE


CHOICES: dict[str, dict[str, Any]] = {
    "control-plane-access": {"ingress": {"control_plane": {"allowed_cidrs": ["0.0.0.0/0"]}}},
    "pod-requests-and-limits": {"api": {"request_vcpus": 0.1}},
    "waf-present": {"ingress": {"waf": None}},
    "replica-bounds": {"api": {"max_replicas": 12}},
    "cpu-target": {"api": {"cpu_target_percent": 90}},
    "scaling-cooldowns": {"api": {"scale_in_cooldown_seconds": 10}},
    "api-machine-size": {"api": {"instance_type": "m5.xlarge"}},
    "worker-count": {"worker": {"max_replicas": 8}},
    "database-class": {"database": {"instance_type": "db.r5.xlarge"}},
}
"""Rule -> overrides of the large stack file that break it."""


def test_the_stack_file_of_a_cluster_can_be_refused_too(large: Shell, tmp_path: Path) -> None:
    merged: dict[str, Any] = {}
    for overrides in CHOICES.values():
        for role, values in overrides.items():
            merged[role] = {**merged.get(role, {}), **values}
    merged["ingress"]["control_plane"] = CHOICES["control-plane-access"]["ingress"]["control_plane"]
    preview = large.preview_with(tmp_path, merged)
    assert not preview
    assert set(CHOICES) <= blocking_rules(preview.output), preview.output
    assert "can't run policy" not in preview.output
