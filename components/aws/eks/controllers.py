"""Controllers: the programs from charts that a cluster runs, and what they may do on AWS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.aws.eks.identity import pod_identity
from components.aws.ground import SITE_TAG
from components.aws.iam import Statement
from components.offer import Feature
from components.workloads import charts
from components.workloads import controllers as neutral
from components.workloads.controllers import (
    BUDGET,
    CRITICAL,
    ON_BASE_POOL,
    REPLICAS,
    Controller,
    resources,
)
from components.workloads.servers import GRACE_SECONDS

if TYPE_CHECKING:
    from components.aws.eks.control_plane import ControlPlane
    from components.aws.ground import Ground

_USER_ID = 65534
_POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": _USER_ID,
    "runAsGroup": _USER_ID,
    "seccompProfile": {"type": "RuntimeDefault"},
}
_CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


@dataclass(frozen=True, kw_only=True)
class Readable:
    """What workloads may be given of the secret store."""

    prefix: str
    """What the names of the stack's own secrets and parameters begin with."""
    existing: tuple[pulumi.Output[str], ...]
    """ARNs of secrets that exist already and the settings name."""


def controllers(
    control_plane: ControlPlane, site: Ground, readable: Readable, features: frozenset[Feature]
) -> tuple[Controller[Statement], ...]:
    """What a cluster with these features needs."""
    return (
        cluster_autoscaler(control_plane, site),
        load_balancer_controller(control_plane, site),
        external_secrets(site, readable),
        *((neutral.device_plugin(),) if "gpu" in features else ()),
        *neutral.of_features(features),
    )


def install(
    parent: pulumi.Resource,
    name: str,
    wanted: Sequence[Controller[Statement]],
    control_plane: ControlPlane,
    site: Ground,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Install controllers. `opts`: the cluster's provider, and what to wait for."""

    def grant(label: str, controller: Controller[Statement]) -> pulumi.Resource:
        return pod_identity(
            parent,
            label,
            site.place,
            control_plane.cluster.name,
            controller.namespace,
            controller.service_account,
            controller.rights,
        )

    return neutral.install(parent, name, wanted, grant, opts)


def cluster_autoscaler(control_plane: ControlPlane, site: Ground) -> Controller[Statement]:
    """Adds nodes for pods that find no room, and takes away those that are idle."""
    place, account = site.place, "cluster-autoscaler"
    return Controller(
        chart=charts.CLUSTER_AUTOSCALER,
        service_account=account,
        rights=(
            Statement(
                actions=(
                    "autoscaling:DescribeAutoScalingGroups",
                    "autoscaling:DescribeAutoScalingInstances",
                    "autoscaling:DescribeLaunchConfigurations",
                    "autoscaling:DescribeScalingActivities",
                    "autoscaling:DescribeTags",
                    "ec2:DescribeImages",
                    "ec2:DescribeInstanceTypes",
                    "ec2:DescribeLaunchTemplateVersions",
                    "ec2:GetInstanceTypesFromInstanceRequirements",
                ),
                resources=("*",),
            ),
            Statement(
                actions=(
                    "autoscaling:SetDesiredCapacity",
                    "autoscaling:TerminateInstanceInAutoScalingGroup",
                ),
                resources=(
                    place.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/eks-*"),
                ),
                # EKS tags the groups that it makes for node groups.
                condition={
                    "StringEquals": {"autoscaling:ResourceTag/eks:cluster-name": control_plane.name}
                },
            ),
            Statement(
                actions=("eks:DescribeNodegroup",),
                resources=(
                    control_plane.name.apply(
                        lambda named: place.arn("eks", f"nodegroup/{named}/*")
                    ),
                ),
            ),
        ),
        values={
            "fullnameOverride": account,
            "cloudProvider": "aws",
            "awsRegion": site.region,
            "autoDiscovery": {"clusterName": control_plane.name},
            "rbac": {"serviceAccount": {"name": account}},
            "replicaCount": REPLICAS,
            "priorityClassName": CRITICAL,
            "podDisruptionBudget": BUDGET,
            "nodeSelector": ON_BASE_POOL,
            "resources": resources("100m", "600Mi"),
            "securityContext": _POD_SECURITY,
            "containerSecurityContext": _CONTAINER_SECURITY,
            "extraArgs": {
                # Every pod of ours has an `emptyDir`, and none keeps anything in it.
                "skip-nodes-with-local-storage": False,
                "skip-nodes-with-system-pods": False,
                "max-graceful-termination-sec": GRACE_SECONDS,
                "expander": "least-waste",
            },
        },
    )


def load_balancer_controller(control_plane: ControlPlane, site: Ground) -> Controller[Statement]:
    """Registers pods with the stack's own load balancer.

    The load balancer, its listeners and its groups are Pulumi's: the controller may register
    targets in the stack's target groups and nothing else. It makes no load balancer, whatever an
    object of the cluster asks for.
    """
    place, account = site.place, "aws-load-balancer-controller"
    return Controller(
        chart=charts.AWS_LOAD_BALANCER_CONTROLLER,
        service_account=account,
        rights=(
            Statement(
                actions=(
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeVpcs",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ),
                resources=("*",),
            ),
            Statement(
                actions=(
                    "elasticloadbalancing:DeregisterTargets",
                    "elasticloadbalancing:RegisterTargets",
                ),
                resources=(place.arn("elasticloadbalancing", "targetgroup/*"),),
                condition={"StringEquals": {f"aws:ResourceTag/{SITE_TAG}": control_plane.name}},
            ),
        ),
        values={
            "clusterName": control_plane.name,
            "region": site.region,
            # Pods cannot ask the machine they run on.
            "vpcId": site.network.vpc_id,
            "serviceAccount": {"name": account},
            "replicaCount": REPLICAS,
            "priorityClassName": CRITICAL,
            "podDisruptionBudget": BUDGET,
            "nodeSelector": ON_BASE_POOL,
            "resources": resources("100m", "256Mi"),
            "podSecurityContext": {"fsGroup": _USER_ID, **_POD_SECURITY},
            "securityContext": _CONTAINER_SECURITY,
            # A new certificate at every upgrade would leave a moment in which the API server
            # trusts the old one.
            "keepTLSSecret": True,
            # What serves Ingress, Service and Gateway objects stays off: there are none.
            "createIngressClassResource": False,
            "ingressClassParams": {"create": False},
            "enableServiceMutatorWebhook": False,
            "enableBackendSecurityGroup": False,
            "enableShield": False,
            "enableWaf": False,
            "enableWafv2": False,
            "controllerConfig": {
                "featureGates": {
                    "ALBGatewayAPI": False,
                    "NLBGatewayAPI": False,
                    "EnableServiceController": False,
                }
            },
        },
    )


def external_secrets(site: Ground, readable: Readable) -> Controller[Statement]:
    """Brings values of the stack's secrets and parameters into the workloads' namespace.

    It may ask for whatever has a name of this stack and for the secrets that the settings name;
    but it decrypts with the stack's own key alone, and so reads no secret of another stack whose
    name begins alike.
    """
    place = site.place
    own = place.arn("secretsmanager", f"secret:{readable.prefix}*")
    return neutral.external_secrets(
        (
            Statement(
                actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
                resources=(own, *readable.existing),
            ),
            Statement(
                actions=("ssm:GetParameter",),
                resources=(place.arn("ssm", f"parameter/{readable.prefix}*"),),
            ),
            Statement(
                actions=("kms:Decrypt",),
                resources=(place.arn("kms", "key/*"),),
                condition={
                    "ForAnyValue:StringEquals": {"kms:ResourceAliases": site.secrets.key_alias},
                    "StringEquals": {
                        "kms:ViaService": f"secretsmanager.{place.region}.amazonaws.com"
                    },
                },
            ),
        )
    )
