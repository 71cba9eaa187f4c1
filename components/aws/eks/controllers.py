"""Controllers: the programs from charts that a cluster runs, and what they may do on AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from components.aws.eks.addons import SYSTEM
from components.aws.eks.identity import pod_identity
from components.aws.ground import SITE_TAG
from components.aws.iam import Statement
from components.offer import Feature
from components.workloads import charts
from components.workloads.cluster import BASE_POOL, GPU_TAINT, NAMESPACE, POOL_LABEL
from components.workloads.helm import release
from components.workloads.namespaces import Level, namespace
from components.workloads.servers import GRACE_SECONDS

if TYPE_CHECKING:
    from components.aws.eks.control_plane import ControlPlane
    from components.aws.ground import Ground

Values = Mapping[str, Any]

REPLICAS = 2
"""Copies of a controller: one works, the other takes over when a node goes."""
CRITICAL = "system-cluster-critical"
"""Priority class by which a controller displaces workloads when nodes are full."""

_BUDGET = {"maxUnavailable": 1}
_ON_BASE_POOL = {POOL_LABEL: BASE_POOL}
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
class Controller:
    """A chart, how it is set, and what its pods may do on AWS."""

    chart: charts.Chart
    values: Values
    namespace: str = SYSTEM
    service_account: str = ""
    """Whose rights `statements` are."""
    statements: tuple[Statement, ...] = ()
    level: Level = "restricted"
    """What the pods of a namespace of the chart's own may do."""


@dataclass(frozen=True, kw_only=True)
class Readable:
    """What workloads may be given of the secret store."""

    prefix: str
    """What the names of the stack's own secrets and parameters begin with."""
    existing: tuple[pulumi.Output[str], ...]
    """ARNs of secrets that exist already and the settings name."""


def controllers(
    control_plane: ControlPlane, site: Ground, readable: Readable, features: frozenset[Feature]
) -> tuple[Controller, ...]:
    """What a cluster with these features needs."""
    return (
        cluster_autoscaler(control_plane, site),
        load_balancer_controller(control_plane, site),
        external_secrets(site, readable),
        *((device_plugin(),) if "gpu" in features else ()),
        *((keda(),) if "queue_scaling" in features else ()),
        *((leader_worker_set(),) if "multi_node" in features else ()),
    )


def install(
    parent: pulumi.Resource,
    name: str,
    wanted: Sequence[Controller],
    control_plane: ControlPlane,
    site: Ground,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Install controllers. `opts`: the cluster's provider, and what to wait for."""
    return [_install(parent, name, each, control_plane, site, opts) for each in wanted]


def _install(
    parent: pulumi.Resource,
    name: str,
    controller: Controller,
    control_plane: ControlPlane,
    site: Ground,
    opts: pulumi.ResourceOptions,
) -> pulumi.Resource:
    label = f"{name}-{controller.chart.name}"
    needs: list[pulumi.Resource] = []
    if controller.namespace != SYSTEM:
        needs.append(
            namespace(parent, label, controller.namespace, level=controller.level, opts=opts)
        )
    if controller.statements:
        needs.append(
            pod_identity(
                parent,
                label,
                site.place,
                control_plane.cluster.name,
                controller.namespace,
                controller.service_account,
                controller.statements,
            )
        )
    return release(
        parent,
        label,
        controller.chart,
        controller.values,
        namespace=controller.namespace,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=needs)),
    )


def _resources(cpu: str, memory: str) -> Values:
    """Requests, and the same memory as limit; CPU beyond the request is whoever's needs it."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def cluster_autoscaler(control_plane: ControlPlane, site: Ground) -> Controller:
    """Adds nodes for pods that find no room, and takes away those that are idle."""
    place, account = site.place, "cluster-autoscaler"
    return Controller(
        chart=charts.CLUSTER_AUTOSCALER,
        service_account=account,
        statements=(
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
            "podDisruptionBudget": _BUDGET,
            "nodeSelector": _ON_BASE_POOL,
            "resources": _resources("100m", "600Mi"),
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


def load_balancer_controller(control_plane: ControlPlane, site: Ground) -> Controller:
    """Registers pods with the stack's own load balancer.

    The load balancer, its listeners and its groups are Pulumi's: the controller may register
    targets in the stack's target groups and nothing else. It makes no load balancer, whatever an
    object of the cluster asks for.
    """
    place, account = site.place, "aws-load-balancer-controller"
    return Controller(
        chart=charts.AWS_LOAD_BALANCER_CONTROLLER,
        service_account=account,
        statements=(
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
            "podDisruptionBudget": _BUDGET,
            "nodeSelector": _ON_BASE_POOL,
            "resources": _resources("100m", "256Mi"),
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


def external_secrets(site: Ground, readable: Readable) -> Controller:
    """Brings values of the stack's secrets and parameters into the workloads' namespace, and has
    no rights in any other.

    It may ask for whatever has a name of this stack and for the secrets that the settings name;
    but it decrypts with the stack's own key alone, and so reads no secret of another stack whose
    name begins alike.
    """
    place, account = site.place, "external-secrets"
    own = place.arn("secretsmanager", f"secret:{readable.prefix}*")
    pod = {
        "nodeSelector": _ON_BASE_POOL,
        "priorityClassName": CRITICAL,
        "replicaCount": REPLICAS,
        "podDisruptionBudget": {"enabled": True, "minAvailable": 1},
    }
    return Controller(
        chart=charts.EXTERNAL_SECRETS,
        namespace="external-secrets",
        service_account=account,
        statements=(
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
        ),
        values={
            **pod,
            "serviceAccount": {"name": account},
            "leaderElect": True,
            "resources": _resources("50m", "256Mi"),
            "scopedNamespace": NAMESPACE,
            "scopedRBAC": True,
            "processClusterExternalSecret": False,
            "processClusterGenerator": False,
            "processClusterPushSecret": False,
            "processClusterStore": False,
            "processPushSecret": False,
            "webhook": {**pod, "resources": _resources("50m", "128Mi")},
            "certController": {**pod, "resources": _resources("50m", "256Mi")},
        },
    )


def device_plugin() -> Controller:
    """Tells Kubernetes of the GPUs of a node. It finds its nodes by a label that their node group
    gives them, so no other program has to discover them first."""
    return Controller(
        chart=charts.NVIDIA_DEVICE_PLUGIN,
        values={
            "tolerations": [
                {"key": "CriticalAddonsOnly", "operator": "Exists"},
                {"key": GPU_TAINT, "operator": "Exists", "effect": "NoSchedule"},
                {"key": POOL_LABEL, "operator": "Exists", "effect": "NoSchedule"},
            ],
            "resources": _resources("50m", "128Mi"),
        },
    )


def keda() -> Controller:
    """Scales a workload on a metric of its own, from nothing if need be."""
    return Controller(
        chart=charts.KEDA,
        namespace="keda",
        values={
            "watchNamespace": NAMESPACE,
            "priorityClassName": CRITICAL,
            "nodeSelector": _ON_BASE_POOL,
            "operator": {"replicaCount": REPLICAS},
            "metricsServer": {"replicaCount": REPLICAS},
            "webhooks": {"replicaCount": REPLICAS},
            "podDisruptionBudget": dict.fromkeys(("operator", "metricServer", "webhooks"), _BUDGET),
            "resources": {
                "operator": _resources("100m", "256Mi"),
                "metricServer": _resources("100m", "256Mi"),
                "webhooks": _resources("50m", "128Mi"),
            },
        },
    )


def leader_worker_set() -> Controller:
    """Runs one server across several machines."""
    return Controller(
        chart=charts.LEADER_WORKER_SET,
        namespace="lws-system",
        values={
            "replicaCount": REPLICAS,
            "priorityClassName": CRITICAL,
            "nodeSelector": _ON_BASE_POOL,
            "resources": _resources("100m", "512Mi"),
            "podSecurityContext": {
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        },
    )
