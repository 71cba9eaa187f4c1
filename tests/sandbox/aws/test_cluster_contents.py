"""What is in a cluster: add-ons, who may enter, and the roles of pods."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.aws.cases import Case, each, twice
from tests.sandbox.aws.estate import ACCOUNT, Estate, role, trust
from tests.sandbox.aws.good_clusters import (
    ADDON,
    CLUSTER,
    ENTRY,
    GPU_TAINT,
    NODES,
    OPERATOR,
    without_network_rights,
)
from tests.sandbox.engine import Refused

ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ACCESS = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
ROLE = "aws:iam/role:Role"

CONTENTS = [
    Case("an add-on of nowhere", ADDON, {"addonName": "dns"}, "vpc-cni"),
    Case("a version of the chart", ADDON, {"addonVersion": "1.21.1"}, "is not supported"),
    Case("a version to come", ADDON, {"addonVersion": "v1.99.0-eksbuild.1"}, "to v1.23"),
    Case("settings that are no JSON", ADDON, {"configurationValues": "x: 1"}, "no JSON"),
    Case("settings that are a list", ADDON, {"configurationValues": "[]"}, "give a JSON object"),
    Case(
        "a boolean for a string",
        ADDON,
        {"configurationValues": '{"enableNetworkPolicy": true}'},
        "$.enableNetworkPolicy: boolean found, string expected",
    ),
    Case(
        "a setting that is misspelt",
        ADDON,
        {"configurationValues": '{"enableNetworkPolicies": "true"}'},
        "$.enableNetworkPolicies: is not defined in the schema",
    ),
    Case(
        "a proxy ahead of its cluster",
        ADDON,
        {
            "addonName": "kube-proxy",
            "addonVersion": "v1.36.0-eksbuild.1",
            "configurationValues": None,
        },
        "not supported in 1.35",
    ),
    Case(
        "a deployment without nodes",
        ADDON,
        {"addonName": "coredns", "addonVersion": None, "configurationValues": None},
        "InsufficientNumberOfReplicas",
    ),
    Case("the same add-on twice", ADDON, twice(ADDON), "Addon already exists"),
    Case(
        "a role for a service account of others",
        ADDON,
        lambda estate: {
            "podIdentityAssociations": [
                {"serviceAccount": "api", "roleArn": role(estate, "pods.eks").outputs["arn"]}
            ]
        },
        "it has aws-node",
    ),
    Case(
        "a session", ENTRY, {"principalArn": f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b"}, "session"
    ),
    Case("an entry twice", ENTRY, twice(ENTRY), "already in use on this cluster"),
    Case(
        "the entry of the nodes",
        ENTRY,
        lambda estate: {"principalArn": estate.make(NODES).inputs["nodeRoleArn"]},
        "EKS made one",
    ),
    Case(
        "a group of Kubernetes' own",
        ENTRY,
        {"kubernetesGroups": ["system:masters"]},
        "does not begin with system:",
    ),
    Case(
        "a policy of IAM",
        ACCESS,
        {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        "no access policy of EKS",
    ),
    Case(
        "a policy of nowhere",
        ACCESS,
        {"policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSRootPolicy"},
        "AmazonEKSClusterAdminPolicy",
    ),
    Case(
        "a whole cluster and a namespace",
        ACCESS,
        {"accessScope": {"type": "cluster", "namespaces": ["letta"]}},
        "the type namespace needs namespaces",
    ),
    Case(
        "a principal without an entry",
        ACCESS,
        {"principalArn": f"{OPERATOR}-2"},
        "create its entry first",
    ),
    Case(
        "a role that pods cannot tag",
        ASSOCIATION,
        lambda estate: {"roleArn": role(estate, "pods.eks").outputs["arn"]},
        "sts:TagSession",
    ),
    Case("a service account twice", ASSOCIATION, twice(ASSOCIATION), "Association already exists"),
]


@each(CONTENTS)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


COREDNS = {"addonName": "coredns", "addonVersion": None, "configurationValues": None}


def test_a_deployment_waits_for_a_node_that_takes_its_pods(estate: Estate) -> None:
    estate.make(NODES, "gpu", taints=[GPU_TAINT])
    assert "only nodes with taints" in estate.refusal(ADDON, COREDNS)
    tolerant = {
        **COREDNS,
        "configurationValues": json.dumps({"tolerations": [{"operator": "Exists"}]}),
    }
    assert estate.refusal(ADDON, tolerant) == ""


def test_a_deployment_runs_on_a_node_without_taints(estate: Estate) -> None:
    estate.make(NODES)
    assert estate.refusal(ADDON, COREDNS) == ""


def test_the_network_plugin_may_have_its_rights_by_pod_identity(estate: Estate) -> None:
    cluster = estate.make(CLUSTER).id
    poor = without_network_rights(estate)
    pods = estate.make(
        ROLE,
        "cni",
        assumeRolePolicy=trust("pods.eks").replace(
            '"sts:AssumeRole"', '["sts:AssumeRole", "sts:TagSession"]'
        ),
        managedPolicyArns=["arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"],
    ).outputs["arn"]
    association = {"serviceAccount": "aws-node", "roleArn": pods}
    estate.make(ADDON, podIdentityAssociations=[association])
    assert "eks-pod-identity-agent" in estate.refusal(NODES, poor)
    agent = {"clusterName": cluster, "addonName": "eks-pod-identity-agent"}
    estate.engine.create(ADDON, "agent", agent)
    assert estate.refusal(NODES, poor) == ""
    account = {"namespace": "kube-system", "serviceAccount": "aws-node"}
    assert "Association already exists" in estate.refusal(ASSOCIATION, account)


def test_the_version_of_an_add_on_is_found(estate: Estate) -> None:
    answer = estate.engine.invoke(
        "aws:eks/getAddonVersion:getAddonVersion",
        {"addonName": "kube-proxy", "kubernetesVersion": "1.34", "mostRecent": True},
    )
    assert answer["version"].startswith("v1.34.")
    with pytest.raises(Refused, match="no EKS add-on version found"):
        estate.engine.invoke(
            "aws:eks/getAddonVersion:getAddonVersion",
            {"addonName": "dns", "kubernetesVersion": "1.34"},
        )
