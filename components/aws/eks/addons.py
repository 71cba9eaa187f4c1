"""Add-ons: the programs of AWS's own that a cluster runs.

EKS chooses the version of each, its default for the cluster's Kubernetes version: that is the pair
AWS has tested, and a version stated here would be wrong for every other Kubernetes version. An
add-on stays at it until somebody updates it, which is due after an upgrade of the cluster. Since
the versions are EKS's, so are the policies: an add-on has the one that AWS keeps for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_aws import cloudwatch, eks

from components.aws.eks.identity import pod_trust
from components.aws.iam import Statement, service_role
from components.aws.log_groups import APPLICATION, CONTAINER_INSIGHTS
from components.workloads.controllers import SYSTEM

if TYPE_CHECKING:
    from components.aws.eks.control_plane import ControlPlane
    from components.aws.ground import Ground


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What the service account of an add-on may do."""

    service_account: str
    policy: str
    """AWS's own policy for it."""
    statements: tuple[Statement, ...] = ()
    """What it needs besides."""
    namespace: str = SYSTEM


@dataclass(frozen=True, kw_only=True)
class Addon:
    """An add-on of EKS."""

    name: str
    """EKS's name of it."""
    identity: Identity | None = None
    configuration: Mapping[str, Any] | None = None
    """Where it is to differ from the default."""


NODE_ADDONS = (
    Addon(name="eks-pod-identity-agent"),
    Addon(name="kube-proxy"),
    Addon(
        name="vpc-cni",
        identity=Identity(service_account="aws-node", policy="AmazonEKS_CNI_Policy"),
        configuration={
            "enableNetworkPolicy": "true",
            # Addresses come sixteen at a time: a new pod seldom waits for EC2, and a node holds as
            # many pods as Kubernetes allows.
            "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
        },
    ),
)
"""What runs on every node and is there before any: without it a node is never ready."""


def node_addons(
    parent: pulumi.Resource, name: str, control_plane: ControlPlane, site: Ground
) -> list[eks.Addon]:
    """Make the add-ons that nodes wait for."""
    return [_addon(parent, name, each, control_plane, site) for each in NODE_ADDONS]


def cluster_addons(
    parent: pulumi.Resource,
    name: str,
    control_plane: ControlPlane,
    site: Ground,
    nodes: pulumi.Resource,
) -> list[eks.Addon]:
    """Make the add-ons that need a node to run on: names, volumes, metrics and logs."""
    storage = Addon(
        name="aws-ebs-csi-driver",
        identity=Identity(
            service_account="ebs-csi-controller-sa",
            policy="service-role/AmazonEBSCSIDriverPolicy",
            statements=_volume_key(site),
        ),
    )
    plain = [
        _addon(parent, name, each, control_plane, site, (nodes,))
        for each in (Addon(name="coredns"), Addon(name="metrics-server"), storage)
    ]
    groups = log_groups(parent, name, control_plane, site)
    watched = _addon(parent, name, OBSERVABILITY, control_plane, site, (nodes, *groups.values()))
    site.logs.watch_redis(parent, f"{name}-application", groups[APPLICATION].name)
    return [*plain, watched]


OBSERVABILITY = Addon(
    name="amazon-cloudwatch-observability",
    identity=Identity(
        service_account="cloudwatch-agent",
        policy="CloudWatchAgentServerPolicy",
        namespace="amazon-cloudwatch",
    ),
    configuration={
        # The metrics that the alarms read, and no tracing: that would change the servers'
        # containers when they start.
        "agent": {
            "config": {
                "logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}}
            }
        },
        "manager": {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}},
    },
)


def log_groups(
    parent: pulumi.Resource, name: str, control_plane: ControlPlane, site: Ground
) -> dict[str, cloudwatch.LogGroup]:
    """Make the log groups that the agents would else make without retention or key."""
    return {
        kind: site.logs.group(
            parent,
            f"{name}-{kind}",
            pulumi.Output.concat("/aws/containerinsights/", control_plane.name, f"/{kind}"),
        )
        for kind in CONTAINER_INSIGHTS
    }


def _addon(
    parent: pulumi.Resource,
    name: str,
    addon: Addon,
    control_plane: ControlPlane,
    site: Ground,
    depends_on: Sequence[pulumi.Resource] = (),
) -> eks.Addon:
    label = f"{name}-{addon.name}"
    identity = addon.identity
    return eks.Addon(
        label,
        cluster_name=control_plane.cluster.name,
        addon_name=addon.name,
        configuration_values=json.dumps(addon.configuration) if addon.configuration else None,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        pod_identity_associations=(
            [
                eks.AddonPodIdentityAssociationArgs(
                    service_account=identity.service_account,
                    role_arn=service_role(
                        parent,
                        label,
                        site.place,
                        pod_trust(site.place, identity.namespace, identity.service_account),
                        (identity.policy,),
                        identity.statements,
                    ).arn,
                )
            ]
            if identity
            else None
        ),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )


def _volume_key(site: Ground) -> tuple[Statement, ...]:
    """What the volume driver does with the stack's key: EC2 encrypts volumes with it by a grant
    (EBS user guide, "Permissions for IAM users")."""
    place = site.place
    keys = (place.arn("kms", "key/*"),)
    ours = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": site.secrets.key_alias}}
    through = {"StringEquals": {"kms:ViaService": f"ec2.{place.region}.amazonaws.com"}}
    return (
        Statement(
            actions=(
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ),
            resources=keys,
            condition={**ours, **through},
        ),
        Statement(
            actions=("kms:CreateGrant",),
            resources=keys,
            condition={**ours, **through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )
