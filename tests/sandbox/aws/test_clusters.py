"""Kubernetes clusters: what EKS refuses, and what it adds to them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import admin
from sandbox.values import UNKNOWN
from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import ACCOUNT, Estate, Inputs
from tests.sandbox.aws.good_clusters import CLUSTER, ENTRY, NODES, powerless, role_with
from tests.sandbox.engine import Refused

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
SUBNET = "aws:ec2/subnet:Subnet"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


def _network(**changes: object) -> Callable[[Estate], Inputs]:
    return lambda estate: {"vpcConfig": {"subnetIds": estate.subnets, **changes}}


def _in_zones(*letters: str) -> Callable[[Estate], Inputs]:
    def changes(estate: Estate) -> Inputs:
        ids = [estate.subnet(letter, 20 + number) for number, letter in enumerate(letters)]
        return {"vpcConfig": {"subnetIds": ids}}

    return changes


def _two_vpcs(estate: Estate) -> Inputs:
    other = estate.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.1.0.0/16").id
    subnet = estate.make(SUBNET, "other", vpcId=other, cidrBlock="10.1.0.0/24").id
    return {"vpcConfig": {"subnetIds": [*estate.subnets, subnet]}}


CLUSTERS = [
    Case("a version before all others", CLUSTER, {"version": "1.24"}, "use one of 1.31"),
    Case("a name with a dot", CLUSTER, {"name": "letta.large"}, "digits, hyphens and underscores"),
    Case("no endpoint", CLUSTER, _network(endpointPublicAccess=False), "cannot both be false"),
    Case(
        "a private range for the public endpoint",
        CLUSTER,
        _network(publicAccessCidrs=["10.0.0.0/8"]),
        "not allowed in publicAccessCidrs",
    ),
    Case("one zone", CLUSTER, _in_zones("a"), "at least two different AZs"),
    Case("an old zone", CLUSTER, _in_zones("a", "e"), "UnsupportedAvailabilityZoneException"),
    Case("two networks", CLUSTER, _two_vpcs, "not in one VPC"),
    Case(
        "a role of others",
        CLUSTER,
        lambda estate: {"roleArn": role_with(estate, "lambda")},
        "trusted entity is not correct",
    ),
    Case("a role without rights", CLUSTER, powerless("eks", "roleArn"), "AmazonEKSClusterPolicy"),
    Case(
        "services on the network's addresses",
        CLUSTER,
        {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/16"}},
        "overlaps 10.0.0.0/16",
    ),
    Case(
        "services on public addresses",
        CLUSTER,
        {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "100.64.0.0/16"}},
        "172.16.0.0/12 or 192.168.0.0/16",
    ),
    Case(
        "encryption of something else",
        CLUSTER,
        {"encryptionConfig": {"provider": {"keyArn": "x"}, "resources": ["configmaps"]}},
        "use one of secrets",
    ),
    Case("no such log", CLUSTER, {"enabledClusterLogTypes": ["kubelet"]}, "controllerManager"),
    Case("Auto Mode", CLUSTER, {"computeConfig": {"enabled": True}}, "does not simulate"),
    Case(
        "the same name again", CLUSTER, lambda estate: {"name": estate.make(CLUSTER).id}, "exists"
    ),
]


@each(CLUSTERS)
def test_a_bad_cluster_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_the_deployer_who_made_a_cluster_has_an_entry_already(estate: Estate) -> None:
    made = {"accessConfig": {"authenticationMode": "API"}}
    name = estate.make(CLUSTER, "mine", **made).id
    deployer = f"arn:aws:iam::{ACCOUNT}:user/deployer"
    words = estate.refusal(ENTRY, {"clusterName": name, "principalArn": deployer})
    assert "for whoever made it" in words


def test_a_cluster_with_the_old_authentication_takes_no_entries(estate: Estate) -> None:
    name = estate.make(CLUSTER, "old", accessConfig={"authenticationMode": "CONFIG_MAP"}).id
    assert "authentication mode must be set" in estate.refusal(ENTRY, {"clusterName": name})


def test_what_a_kubeconfig_needs_is_there(estate: Estate) -> None:
    outputs = estate.make(CLUSTER).outputs
    endpoint = re.fullmatch(
        r"https://([0-9A-F]{32})\.gr7\.us-east-1\.eks\.amazonaws\.com", outputs["endpoint"]
    )
    assert endpoint is not None
    [identity] = outputs["identities"]
    assert identity["oidcs"][0]["issuer"].endswith(f"/id/{endpoint[1]}")
    certificate = base64.b64decode(outputs["certificateAuthority"]["data"]).decode()
    assert certificate.startswith("-----BEGIN CERTIFICATE-----")
    found = estate.engine.invoke("aws:eks/getCluster:getCluster", {"name": outputs["name"]})
    assert found["endpoint"] == outputs["endpoint"]
    with pytest.raises(Refused, match="No cluster found"):
        estate.engine.invoke("aws:eks/getCluster:getCluster", {"name": "none"})


def test_a_preview_does_not_know_what_eks_adds_to_the_network(estate: Estate) -> None:
    inputs = {**estate.make(CLUSTER).inputs, "name": "other"}
    network = estate.engine.preview(CLUSTER, "other", inputs)["vpcConfig"]
    assert network["clusterSecurityGroupId"] is UNKNOWN
    assert network["endpointPublicAccess"] is True


def test_the_security_group_that_eks_makes_can_be_referred_to(estate: Estate) -> None:
    network = estate.make(CLUSTER).outputs["vpcConfig"]
    group = network["clusterSecurityGroupId"]
    rule = {
        "securityGroupId": group,
        "ipProtocol": "tcp",
        "fromPort": 8283,
        "toPort": 8283,
        "referencedSecurityGroupId": estate.make("aws:ec2/securityGroup:SecurityGroup").id,
    }
    made = estate.engine.create(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "in", rule
    )
    assert made.outputs["securityGroupId"] == group
    assert estate.refusal(TEMPLATE, {"vpcSecurityGroupIds": [group]}) == ""
    assert network["vpcId"] == estate.make("aws:ec2/vpc:Vpc").id


def test_leaving_the_public_endpoint_out_opens_it(estate: Estate) -> None:
    network = {"subnetIds": estate.subnets, "endpointPrivateAccess": True}
    closed = estate.make(CLUSTER, "closed", vpcConfig={**network, "endpointPublicAccess": False})
    diff = estate.engine.diff(closed, {**closed.inputs, "vpcConfig": network})
    assert list(diff.changes) == ["vpcConfig.endpointPublicAccess"]
    assert diff.replaces == []


@pytest.mark.parametrize(
    ("changes", "replaced"),
    [
        ({"version": "1.36"}, []),
        ({"deletionProtection": True}, []),
        ({"name": "other"}, ["name"]),
        ({"bootstrapSelfManagedAddons": True}, ["bootstrapSelfManagedAddons"]),
        ({"encryptionConfig": None}, ["encryptionConfig"]),
    ],
)
def test_some_changes_need_a_new_cluster(
    changes: Inputs, replaced: list[str], estate: Estate
) -> None:
    cluster = estate.make(CLUSTER)
    inputs = {name: value for name, value in {**cluster.inputs, **changes}.items() if value}
    if "bootstrapSelfManagedAddons" not in changes:
        inputs["bootstrapSelfManagedAddons"] = False
    assert estate.engine.diff(cluster, inputs).replaces == replaced


def test_encryption_added_later_keeps_the_cluster(estate: Estate) -> None:
    plain = estate.make(CLUSTER, "plain", encryptionConfig=None)
    added = {**plain.inputs, "encryptionConfig": estate.make(CLUSTER).inputs["encryptionConfig"]}
    diff = estate.engine.diff(plain, added)
    assert (list(diff.changes), diff.replaces) == (["encryptionConfig"], [])


@pytest.mark.parametrize(
    ("version", "words"), [("1.36", ""), ("1.34", "cannot go back"), ("1.31", "cannot go back")]
)
def test_a_cluster_goes_up_one_version_at_a_time(version: str, words: str, estate: Estate) -> None:
    cluster = estate.make(CLUSTER)
    assert _update(estate, cluster.type, version=version, words=words)


def test_a_cluster_does_not_jump_over_a_version(estate: Estate) -> None:
    old = estate.make(CLUSTER, "old", version="1.33")
    with pytest.raises(Refused, match=r"go to 1\.34 first"):
        estate.engine.update(old, {**old.inputs, "version": "1.35"})


def _update(estate: Estate, token: str, *, version: str, words: str) -> bool:
    resource = estate.make(token)
    try:
        estate.engine.update(resource, {**resource.inputs, "version": version})
    except Refused as refused:
        return bool(words) and words in str(refused)
    return not words


def test_access_entries_are_not_given_up_again(estate: Estate) -> None:
    cluster = estate.make(CLUSTER)
    access = {**cluster.inputs["accessConfig"], "authenticationMode": "API_AND_CONFIG_MAP"}
    with pytest.raises(Refused, match="Unsupported authentication mode update"):
        estate.engine.update(cluster, {**cluster.inputs, "accessConfig": access})


def test_a_cluster_with_nodes_stays(estate: Estate) -> None:
    nodes = estate.make(NODES)
    cluster = estate.make(CLUSTER)
    with pytest.raises(Refused, match="ResourceInUseException: Cluster has nodegroups attached"):
        estate.engine.delete(cluster)
    estate.engine.delete(nodes)
    estate.engine.delete(cluster)
    assert estate.engine.read(cluster) is None


def test_a_protected_cluster_stays_until_its_protection_is_lifted(
    estate: Estate, state: Path
) -> None:
    cluster = estate.make(CLUSTER, "kept", deletionProtection=True)
    with pytest.raises(Refused, match="deletion protection is enabled"):
        estate.engine.delete(cluster)
    assert admin.unprotect(state) == ["kept"]
    estate.engine.delete(cluster)


def test_the_log_group_of_a_cluster_comes_before_it(estate: Estate) -> None:
    made = estate.make(LOG_GROUP, "early", name="/aws/eks/early/cluster")
    estate.make(CLUSTER, "early", name="early")
    kept = {**made.inputs, "retentionInDays": 30}
    assert estate.engine.update(made, kept).outputs["retentionInDays"] == 30
    name = f"/aws/eks/{estate.make(CLUSTER).id}/cluster"
    assert "make the log group before the cluster" in estate.refusal(LOG_GROUP, {"name": name})
    estate.make(CLUSTER, "quiet", name="quiet", enabledClusterLogTypes=[])
    assert estate.refusal(LOG_GROUP, {"name": "/aws/eks/quiet/cluster"}) == ""
