"""What a stack file may ask of Google Cloud."""

from __future__ import annotations

from typing import Any

import pytest

from components.args import Args, SavingsArgs
from components.gcp.absent import ABSENT, ON_CLOUD_RUN
from infra.settings import ROLES, SettingsError
from tests.components.gcp.deployment import deployed

_INGRESS = {"domain": "letta.example.com", "hosted_zone": "example.com"}
_PLANE = {"allowed_cidrs": ["203.0.113.0/24"]}
_PODS: dict[str, Any] = {
    "api": {"compute": "kubernetes"},
    "worker": {"compute": "kubernetes"},
    "ingress": {**_INGRESS, "control_plane": _PLANE},
}
_BY_GROUP = {**_INGRESS, "control_plane": {**_PLANE, "admins": ["group:all@example.com"]}}
_FOREIGN_KEY = {"providers": {"openai": {"api_key_secret": "projects/other-project/secrets/key"}}}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"gcp": {}}, "1 problem.*\n.*letta:gcp.project: field required"),
        ({"gcp": {"project": "My Project"}}, "1 problem.*\n.*letta:gcp.project: 'My Project'"),
        ({"ingress": {**_INGRESS, "nat": "per_zone"}}, "set it to single"),
        ({"ingress": {**_INGRESS, "idle_timeout_seconds": 3700}}, "exceeds the 3600 s"),
        ({"api": {"compute": "fargate"}}, "cloud_run"),
        ({"api": {"compute": "kubernetes"}}, "both run on Kubernetes or neither"),
        ({**_PODS, "api": {"compute": "kubernetes", "architecture": "arm64"}}, "Hyperdisk alone"),
        ({**_PODS, "llm": _FOREIGN_KEY}, "latest version of a secret of project my-project"),
        ({**_PODS, "ingress": _BY_GROUP}, "user:platform@example.com"),
        ({"api": {"memory_target_percent": 60}}, "not by memory"),
        ({"savings": {"reserved_years": 1}}, "no price of them"),
        ({"ingress": {**_INGRESS, "zones": 3}}, "span the zones"),
        ({"api": {"replicas": 4}}, "starts with its fewest copies"),
        ({"api": {"architecture": "arm64"}}, "x86_64 alone"),
        ({"worker": {"capacity": "spot"}}, "no spare capacity"),
        ({"database": {"dump": {"every_hours": 24}}}, "set it to 12 or less"),
        ({"queue": {"max_receives": 3}}, "5 to 100 times"),
        ({"api": {"vcpus": 3}}, "3 vCPU"),
        ({"database": {"architecture": "arm64"}}, "no arm64 tiers"),
        ({"cache": {"memory_gib": 2.5}}, "redis-2.5"),
        ({"cache": {"snapshot_retention_days": 3}}, "keeps no snapshots"),
        ({"ingress": {"domain": "letta.example.com", "certificate": "arn:aws:acm"}}, "certificate"),
    ],
)
def test_what_the_cloud_has_not_is_refused_with_the_way_out(
    values: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        deployed("medium", **values)


def test_only_what_a_stack_file_may_say_is_said_to_be_absent() -> None:
    known: dict[str, type[Args]] = {**ROLES, "savings": SavingsArgs}
    for place in (*ABSENT, *ON_CLOUD_RUN):
        role, _, field = place.partition(".")
        assert field in known[role].model_fields, place
