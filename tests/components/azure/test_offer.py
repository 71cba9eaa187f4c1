"""What a stack file may ask of Azure."""

from __future__ import annotations

from typing import Any

import pytest

from components.args import Args, SavingsArgs
from components.azure.absent import ABSENT, ON_CONTAINER_APPS
from infra.settings import ROLES, SettingsError
from tests.components.azure.deployment import (
    CERTIFICATE,
    SUBSCRIPTION,
    TENANT,
    deployed,
    ingress,
    on_aks,
)

_OPTIONS = {"subscription": SUBSCRIPTION, "tenant": TENANT, "dns_resource_group": "shared"}
_INGRESS = {
    "domain": "letta.example.com",
    "hosted_zone": "example.com",
    "certificate": CERTIFICATE,
}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"azure": {}}, "letta:azure.subscription"),
        ({"azure": {**_OPTIONS, "tenant": "mine"}}, "letta:azure.tenant"),
        ({"azure": {"subscription": SUBSCRIPTION, "tenant": TENANT}}, "dns_resource_group"),
        (
            {"azure": {**_OPTIONS, "replica_storage_gib": 1024}, "database": {"read_replicas": 0}},
            "there are no replicas",
        ),
        (
            {"azure": {**_OPTIONS, "replica_instance_type": "Standard_D2ds_v5"}},
            "smaller than the primary's Standard_D4ds_v5",
        ),
        (
            {"azure": {**_OPTIONS, "replica_instance_type": "db.r5.large"}},
            "letta:azure.replica_instance_type: ",
        ),
        ({"azure": {**_OPTIONS, "replica_storage_gib": 256}}, "holds the primary's 512 GiB"),
        ({"ingress": {**_INGRESS, "nat": "per_zone"}}, "set it to single"),
        ({"ingress": {**_INGRESS, "nat": "none"}}, "no way out by itself"),
        ({"ingress": {"domain": "letta.example.com", "hosted_zone": "example.com"}}, "issues none"),
        ({"ingress": {**_INGRESS, "certificate": "arn:aws:acm"}}, "no name of a certificate"),
        ({"ingress": {**_INGRESS, "idle_timeout_seconds": 650}}, "set it to 600 or 660"),
        ({"ingress": {**_INGRESS, "idle_timeout_seconds": 120}}, "is not between the 240 s"),
        ({"ingress": {**_INGRESS, "idle_timeout_seconds": 2400}}, "and the 1800 s"),
        ({"ingress": {**_INGRESS, "logs_endpoint": True}}, "Azure's own network"),
        ({"ingress": {**_INGRESS, "zones": 3}}, "span the zones"),
        ({"api": {"compute": "fargate"}}, "container_apps"),
        ({"api": {"task_vcpus": 1}}, "what vcpus and memory_gib say"),
        ({"api": {"vcpus": 2}}, "2 vCPU with 8192 MiB"),
        ({"api": {"replicas": 4}}, "starts with its fewest copies"),
        ({"api": {"architecture": "arm64"}}, "x86_64 alone"),
        ({"worker": {"capacity": "spot"}}, "no spare capacity"),
        ({"database": {"storage_gib": 500}}, "no size of a disk"),
        ({"database": {"backup_retention_days": 3, "read_replicas": 0}}, "below 7"),
        ({"database": {"instance_type": "Standard_B2s"}}, "burstable class"),
        ({"database": {"architecture": "arm64"}}, "no arm64 classes"),
        ({"database": {"dump": {"scratch_gib": 20}}}, "8 GiB of disk"),
        ({"database": {"performance_insights": False}}, "Query Store"),
        ({"cache": {"memory_gib": 60}}, "in one shard"),
        ({"cache": {"nodes": 3}}, "exceeds 2"),
        ({"cache": {"snapshot_retention_days": 3}}, "keeps no snapshots"),
        ({"monitoring": {"log_retention_days": 14}}, "below 30"),
        ({"savings": {"reserved_years": 1}}, "no price of a reservation"),
    ],
)
def test_what_the_cloud_has_not_is_refused_with_the_way_out(
    values: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        deployed("medium", **values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ingress": ingress(idle_timeout_seconds=3600)}, "exceeds the 1800 s"),
        ({"llm": {"providers": {"openai": {"api_key_secret": CERTIFICATE}}}}, "own vault"),
        (
            {"ingress": ingress(control_plane={"allowed_cidrs": [], "admins": [TENANT]})},
            "no name of a principal",
        ),
    ],
)
def test_what_a_cluster_has_not_is_refused_with_the_way_out(
    values: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        on_aks(**values)


def test_a_zone_itself_cannot_lead_to_an_app() -> None:
    with pytest.raises(SettingsError, match="give a name below it"):
        deployed("small", ingress={"domain": "example.com", "hosted_zone": "example.com"})


def test_a_domain_on_small_is_no_longer_than_a_certificate_can_name() -> None:
    domain = f"{'l' * 60}.example.com"
    with pytest.raises(SettingsError, match="names 64 at the most"):
        deployed("small", ingress={"domain": domain, "hosted_zone": "example.com"})


def test_of_a_switch_without_use_the_reason_is_told_and_not_what_it_would_have_come_to() -> None:
    with pytest.raises(SettingsError) as caught:
        on_aks(savings={"arm64": True})
    [problem] = caught.value.problems
    assert "Flexible Server has no arm64 classes" in problem


def test_only_what_a_stack_file_may_say_is_said_to_be_absent() -> None:
    known: dict[str, type[Args]] = {**ROLES, "savings": SavingsArgs}
    for place in (*ABSENT, *ON_CONTAINER_APPS):
        role, _, field = place.partition(".")
        assert field in known[role].model_fields, place
