"""The control plane: who reaches it, who administers it, what it writes down."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest

from components.args import ControlPlaneArgs
from components.aws.eks.control_plane import EXTENDED_SUPPORT, service_range
from tests.components.aws.eks.sites import NAME, built, cluster, plain, previewed
from tests.components.aws.mock_cloud import ACCOUNT, DEPLOYER, Run

OTHER = f"arn:aws:iam::{ACCOUNT}:role/operators"


def _cluster(result: Run[Any]) -> dict[str, Any]:
    return dict(result.one("eks/cluster:Cluster").inputs)


def test_the_name_is_known_at_preview_and_unlike_any_other() -> None:
    result = previewed()
    name = result.value(cluster(result).name)
    assert re.fullmatch(rf"{NAME}-[0-9a-f]{{7}}", name)
    assert _cluster(result)["name"] == name


def test_without_allowed_networks_it_is_reached_from_the_stacks_own_network_alone() -> None:
    access = _cluster(plain())["vpcConfig"]
    assert access["endpointPrivateAccess"] is True
    assert access["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in access


def test_with_allowed_networks_it_is_reached_from_these_too() -> None:
    result = built(control_plane={"allowed_cidrs": ("198.51.100.0/24",)})
    access = _cluster(result)["vpcConfig"]
    assert access["endpointPrivateAccess"] is access["endpointPublicAccess"] is True
    assert access["publicAccessCidrs"] == ["198.51.100.0/24"]


def test_it_stands_in_the_private_subnets() -> None:
    result = plain()
    private = [result.value(each) for each in result.result.network.private_subnet_ids]
    assert _cluster(result)["vpcConfig"]["subnetIds"] == private


def test_secrets_in_it_are_encrypted_with_the_stacks_key() -> None:
    result = plain()
    assert _cluster(result)["encryptionConfig"] == {
        "provider": {"keyArn": result.value(result.result.secrets.key_arn)},
        "resources": ["secrets"],
    }


def test_it_cannot_be_deleted_by_mistake_but_on_purpose() -> None:
    assert _cluster(plain())["deletionProtection"] is True
    lifted = built(control_plane={"deletion_protection": False})
    assert _cluster(lifted)["deletionProtection"] is False


def test_all_its_logs_go_to_a_group_with_key_and_retention_that_is_there_first() -> None:
    result = plain()
    assert set(_cluster(result)["enabledClusterLogTypes"]) == {
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    }
    group = result.one(":LogGroup", f"{NAME}-logs")
    assert group.inputs["name"] == f"/aws/eks/{result.value(cluster(result).name)}/cluster"
    assert group.inputs["kmsKeyId"] == result.value(result.result.secrets.key_arn)
    assert group.inputs["retentionInDays"] == 30
    assert f"LogGroup {NAME}-logs" in result.one("eks/cluster:Cluster").depends_on


def test_it_starts_once_its_role_has_its_rights() -> None:
    made = plain().one("eks/cluster:Cluster")
    assert f"RolePolicyAttachment {NAME}-AmazonEKSClusterPolicy" in made.depends_on


def test_administrators_are_named_one_by_one_and_hold_the_whole_cluster() -> None:
    result = built(control_plane={"admins": (OTHER,)})
    assert _cluster(result)["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    entries = {each.inputs["principalArn"] for each in result.all(":AccessEntry")}
    assert entries == {DEPLOYER, OTHER}
    for association in result.all(":AccessPolicyAssociation"):
        assert association.inputs["policyArn"].endswith("/AmazonEKSClusterAdminPolicy")
        assert association.inputs["accessScope"] == {"type": "cluster"}
        assert f"AccessEntry {association.name}" in association.depends_on


def test_another_deployer_makes_no_difference() -> None:
    result = built(control_plane={"admins": (OTHER,)})
    for kind in (":AccessEntry", ":AccessPolicyAssociation"):
        ignored = {each.name: each.ignore_changes for each in result.all(kind)}
        assert ignored.pop(f"{NAME}-creator") == ("principalArn",)
        assert set(ignored.values()) == {()}


@pytest.mark.parametrize("changes", [{"zones": 1}, {"nat": "none"}])
def test_too_few_private_subnets_are_refused_with_what_to_set(changes: dict[str, Any]) -> None:
    with pytest.raises(pulumi.RunError, match=r"private subnets in 2 zones.*ingress.zones.*nat"):
        built(**changes)


@pytest.mark.parametrize(
    ("version", "support"), [("1.32", "EXTENDED"), ("1.33", "EXTENDED"), ("1.35", "STANDARD")]
)
def test_no_version_slides_into_paid_support_by_itself(version: str, support: str) -> None:
    made = _cluster(built(control_plane={"version": version}))
    assert made["version"] == version
    assert made["upgradePolicy"] == {"supportType": support}


def test_the_default_version_is_in_standard_support() -> None:
    assert ControlPlaneArgs(allowed_cidrs=()).version not in EXTENDED_SUPPORT


@pytest.mark.parametrize(
    ("network", "services"),
    [
        ("10.0.0.0/16", "172.20.0.0/16"),
        ("172.20.0.0/16", "10.100.0.0/16"),
        ("10.100.0.0/16", "172.20.0.0/16"),
    ],
)
def test_services_get_addresses_outside_the_network(network: str, services: str) -> None:
    assert service_range(network) == services


def test_workloads_are_told_that_addresses_of_network_and_services_are_private() -> None:
    result = plain()
    services = _cluster(result)["kubernetesNetworkConfig"]["serviceIpv4Cidr"]
    assert cluster(result).workloads.private == (result.result.network.cidr, services)


def test_nothing_is_installed_that_is_not_stated() -> None:
    assert _cluster(plain())["bootstrapSelfManagedAddons"] is False
