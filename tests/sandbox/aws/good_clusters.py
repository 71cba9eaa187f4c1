"""Good resources: Kubernetes clusters and what is in them."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.values import Value
from tests.sandbox.aws.estate import ACCOUNT, Estate, Inputs, good, policy, role, trust

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
ENTRY = "aws:eks/accessEntry:AccessEntry"
GPU_TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/operator"


def role_with(estate: Estate, service: str, *policies: str) -> Value:
    """The ARN of a role for a service that has these policies of AWS."""
    made = role(estate, service)
    for name in policies:
        estate.make(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            f"{service}-{name}",
            role=made.outputs["name"],
            policyArn=f"arn:aws:iam::aws:policy/{name}",
        )
    return made.outputs["arn"]


def pod_role(estate: Estate) -> Value:
    """The ARN of a role for pods."""
    trusted = policy(
        {
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
        }
    )
    return estate.make("aws:iam/role:Role", "role-pods", assumeRolePolicy=trusted).outputs["arn"]


def node_role(estate: Estate) -> Value:
    """The ARN of a role for nodes."""
    return role_with(
        estate,
        "ec2",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKS_CNI_Policy",
    )


def powerless(service: str, name: str) -> Callable[[Estate], Inputs]:
    """The property set to the ARN of a role that the service may take on, and that may nothing."""

    def changes(estate: Estate) -> Inputs:
        made = estate.make("aws:iam/role:Role", "powerless", assumeRolePolicy=trust(service))
        return {name: made.outputs["arn"]}

    return changes


def without_network_rights(estate: Estate) -> Inputs:
    """A node role with which a node joins and pulls images, and gets no addresses for pods."""
    made = estate.make(
        "aws:iam/role:Role",
        "poor",
        assumeRolePolicy=trust("ec2"),
        managedPolicyArns=[
            f"arn:aws:iam::aws:policy/{name}"
            for name in ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
        ],
    )
    return {"nodeRoleArn": made.outputs["arn"]}


@good(CLUSTER)
def _(estate: Estate) -> Inputs:
    return {
        "roleArn": role_with(estate, "eks", "AmazonEKSClusterPolicy"),
        "version": "1.35",
        "bootstrapSelfManagedAddons": False,
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        },
        "enabledClusterLogTypes": ["audit", "api"],
        "encryptionConfig": {
            "provider": {"keyArn": estate.get("aws:kms/key:Key", "arn")},
            "resources": ["secrets"],
        },
        "upgradePolicy": {"supportType": "STANDARD"},
        "vpcConfig": {
            "subnetIds": estate.subnets,
            "endpointPrivateAccess": True,
            "publicAccessCidrs": ["203.0.113.0/24"],
        },
    }


@good(NODES)
def _(estate: Estate) -> Inputs:
    estate.make(ADDON)
    return {
        "clusterName": estate.make(CLUSTER).id,
        "nodeRoleArn": node_role(estate),
        "subnetIds": estate.subnets,
        "amiType": "AL2023_x86_64_STANDARD",
        "instanceTypes": ["m5.large", "m6i.large"],
        "labels": {"letta.cloud/pool": "api"},
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 5},
        "updateConfig": {"maxUnavailablePercentage": 33},
        "nodeRepairConfig": {"enabled": True},
    }


@good(ADDON)
def _(estate: Estate) -> Inputs:
    return {
        "clusterName": estate.make(CLUSTER).id,
        "addonName": "vpc-cni",
        "addonVersion": "v1.21.1-eksbuild.3",
        "configurationValues": '{"enableNetworkPolicy": "true"}',
        "resolveConflictsOnCreate": "OVERWRITE",
    }


@good(ENTRY)
def _(estate: Estate) -> Inputs:
    return {"clusterName": estate.make(CLUSTER).id, "principalArn": OPERATOR}


@good("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
def _(estate: Estate) -> Inputs:
    estate.make(ENTRY)
    return {
        "clusterName": estate.make(CLUSTER).id,
        "principalArn": OPERATOR,
        "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        "accessScope": {"type": "cluster"},
    }


@good("aws:eks/podIdentityAssociation:PodIdentityAssociation")
def _(estate: Estate) -> Inputs:
    return {
        "clusterName": estate.make(CLUSTER).id,
        "namespace": "letta",
        "serviceAccount": "api",
        "roleArn": pod_role(estate),
    }
