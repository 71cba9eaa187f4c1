"""What a stack file may ask of Alibaba Cloud."""

from __future__ import annotations

from typing import Any

import pytest

from components.alicloud.absent import ABSENT
from components.args import Args, SavingsArgs
from infra.settings import ROLES, SettingsError
from tests.components.alicloud.deployment import INGRESS, deployed


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ingress": {**INGRESS, "nat": "per_zone"}}, "set it to single"),
        ({"ingress": {**INGRESS, "idle_timeout_seconds": 900}}, "exceeds the 600 s"),
        ({"ingress": {**INGRESS, "kind": "proxy"}}, "set it to load_balancer"),
        ({"ingress": {**INGRESS, "zones": 4}}, "exceeds the 3 zones"),
        ({"ingress": {**INGRESS, "certificate": None}}, "SDK issues none"),
        ({"ingress": {**INGRESS, "certificate": "arn:aws:acm"}}, "no name of a certificate"),
        (
            {"ingress": {**INGRESS, "control_plane": {"allowed_cidrs": ["203.0.113.0/24"]}}},
            r"allowed_cidrs: .* set it to \[\]",
        ),
        ({"ingress": {**INGRESS, "waf": {}}}, "WAF 3.0"),
        ({"api": {"compute": "fargate"}}, "one of kubernetes"),
        ({"database": {"high_availability": False}}, "no log backups"),
        ({"database": {"backup_retention_days": 3}}, "below 7"),
        ({"database": {"dump": {"every_hours": 24}}}, "set it to 12 or less"),
        ({"database": {"vcpus": 4, "memory_gib": 12}}, "no size of 4 vCPU with 12 GiB"),
        ({"database": {"instance_type": "pg.n4.12c.2m"}}, "no read-only instance of the size"),
        (
            {"database": {"storage_gib": 501}},
            "storage_gib: 501 is no multiple of 5, .* set it to 500 or 505",
        ),
        ({"database": {"max_storage_gib": 65_000}}, "exceeds the 32000 GiB"),
        ({"savings": {"arm64": True}}, "set letta:api.architecture"),
        ({"database": {"architecture": "arm64"}}, "do not say what runs them"),
        ({"cache": {"nodes": 1}}, "primary with its standby"),
        ({"cache": {"memory_gib": 3}}, "no size of 3 GiB"),
        ({"cache": {"snapshot_retention_days": 3}}, "keeps nothing"),
        ({"queue": {"retention_days": 14}}, "exceeds the 7 days"),
        ({"savings": {"reserved_years": 1}}, "no price of them"),
        ({"alicloud": {"kms_instance": "key-1"}}, "kms_instance"),
        (
            {"llm": {"providers": {"openai": {"api_key_secret": "keys/openai"}}}},
            "nothing of this kind can be named",
        ),
    ],
)
def test_what_the_cloud_has_not_is_refused_with_the_way_out(
    values: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        deployed("medium", **values)


def test_only_what_a_stack_file_may_say_is_said_to_be_absent() -> None:
    known: dict[str, type[Args]] = {**ROLES, "savings": SavingsArgs}
    for place in ABSENT:
        role, _, field = place.partition(".")
        assert field in known[role].model_fields, place
