"""Managed node groups: which machines, from which image, in whose cluster."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from typing import Final

from components.aws import catalog
from sandbox.aws.checks import ec2, eks, iam, launch, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

ADDON: Final = "aws:eks/addon:Addon"
_ASSOCIATION: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_DEFAULT_IMAGE: Final = "AL2023_x86_64_STANDARD"
_DEFAULT_TYPE: Final = "t3.medium"
_DEFAULT_DISK_GIB: Final = 20
_OLDER_BY: Final = 3
"""Minor versions that a kubelet may be behind its API server (Kubernetes version skew policy)."""
_ACCELERATED: Final = ("g3", "g4", "inf", "p")
"""Families that need an accelerated image: "Choose an optimal Amazon EC2 node instance type"."""
_RESERVED_PREFIXES: Final = ("kubernetes.io/", "k8s.io/", "eks.amazonaws.com/")
_WORKER_POLICIES: Final = frozenset(
    {"AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy"}
)
_IMAGE_POLICIES: Final = frozenset(
    {"AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly"}
)
_NETWORK_POLICY: Final = "AmazonEKS_CNI_Policy"
_NETWORK_ACCOUNT: Final = ("kube-system", "aws-node")
"""Namespace and service account of the network plugin."""


def sizes(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Least, wanted and most, in this order."""
    given = properties["scalingConfig"]
    least, wanted, most = given["minSize"], given["desiredSize"], given["maxSize"]
    if not least <= wanted <= most:
        yield Problem(
            "scalingConfig",
            f"InvalidParameterException: Minimum capacity {least}, desired size {wanted} and "
            f"maximum capacity {most} must be in this order",
        )


def supported_image(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Images of Amazon Linux 2 are made no longer."""
    image = properties["amiType"] or ""
    if image.startswith("AL2_"):
        yield Problem(
            "amiType",
            f"InvalidParameterException: {image} is not available: the images of Amazon Linux 2 "
            "ended on 26 November 2025; use one of AL2023_*",
        )


def types_fit_image(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Image and machine have one architecture, and one idea of accelerators."""
    image = properties["amiType"] or _DEFAULT_IMAGE
    if image == "CUSTOM":
        return
    for name in properties["instanceTypes"] or ():
        if not cloud.offered("ec2", name):
            yield Problem("instanceTypes", ec2.not_offered("ec2", name, cloud.region))
        elif reason := image_refusal(image, catalog.instance_type(name)):
            yield Problem("instanceTypes", reason)


def image_refusal(image: str, machine: catalog.InstanceType) -> str:
    """Why the image does not run on the machine; empty when it does."""
    architecture = "arm64" if "_ARM_64" in image else "x86_64"
    accelerated = image.endswith(("_NVIDIA", "_NVIDIA_FIPS", "_GPU", "_NEURON"))
    refusal = (
        f"InvalidParameterException: [{machine.name}] is not a valid instance type for requested "
        f"amiType {image}"
    )
    if machine.architecture != architecture:
        return f"{refusal}: the machine is {machine.architecture}"
    if "NVIDIA" in image and not machine.gpus:
        return f"{refusal}: the machine has no GPU"
    if not accelerated and machine.name.startswith(_ACCELERATED):
        return f"{refusal}: the machine needs an accelerated image, such as AL2023_x86_64_NVIDIA"
    return ""


def distinct_taints(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A key has one taint of each effect."""
    pairs = Counter((taint["key"], taint["effect"]) for taint in properties["taints"] or ())
    for (key, effect), number in pairs.items():
        if number > 1:
            yield Problem(
                "taints",
                f"InvalidParameterException: Duplicate taint: {key} has {effect} {number} times",
            )


def label_keys(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Labels of Kubernetes and of EKS are not the user's to set."""
    for key in properties["labels"] or ():
        if key.startswith(_RESERVED_PREFIXES):
            yield Problem(
                "labels",
                "InvalidParameterException: Label cannot contain reserved prefixes "
                f"[kubernetes.io/, k8s.io/, eks.amazonaws.com/]: {key}",
            )


def one_way_to_count(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Nodes that may be missing, or be repaired, are counted or a share."""
    for outer, names in {
        "updateConfig": ("maxUnavailable", "maxUnavailablePercentage"),
        "nodeRepairConfig": (
            "maxParallelNodesRepairedCount",
            "maxParallelNodesRepairedPercentage",
        ),
    }.items():
        given = properties[outer] or {}
        if all(given.get(name) for name in names):
            yield Problem(
                outer, f"InvalidParameterException: give {' or '.join(names)}, and not both"
            )


def one_way_to_name_a_template(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A launch template is named by its id or by its name."""
    given = properties["launchTemplate"]
    if given and bool(given.get("id")) == bool(given.get("name")):
        yield Problem(
            "launchTemplate",
            "InvalidParameterException: Either provide launch template ID or launch template name "
            "in the request",
        )


def subnets_of_the_cluster(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Nodes sit in the VPC of their control plane."""
    cluster = neighbours.cluster(properties["clusterName"], cloud)
    for vpc in sorted(neighbours.vpcs(properties["subnetIds"], cloud)):
        if cluster and vpc != cluster.get("vpcConfig.vpcId"):
            yield Problem(
                "subnetIds",
                f"InvalidParameterException: the subnets are in {vpc}, and the cluster is in "
                f"{cluster.get('vpcConfig.vpcId')}",
            )


def types_offered(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Each zone of the group offers each of its machines."""
    found = launch.template(properties["launchTemplate"], cloud)
    in_template = found.get("instanceType") if found else None
    named = properties["instanceTypes"] or ([in_template] if in_template else [_DEFAULT_TYPE])
    for name in named:
        for subnet in neighbours.subnets(properties["subnetIds"], cloud):
            if reason := ec2.zone_refusal(name, subnet, cloud):
                yield Problem("instanceTypes", f"InvalidParameterException: {reason}")


def template_fits(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """What a launch template may not hold, because EKS sets it or the group says it."""
    reference = properties["launchTemplate"]
    found = launch.template(reference, cloud)
    if found is None:
        return
    if reason := launch.version_refusal(found, reference["version"]):
        yield Problem("launchTemplate", f"InvalidParameterException: {reason}")
    for reason in (*_doubled(properties, found), *_not_allowed(found)):
        yield Problem("launchTemplate", f"InvalidParameterException: {reason} ({found.id})")
    if reason := _user_data_refusal(properties, found):
        yield Problem("launchTemplate", reason)


def _doubled(properties: Properties, found: CloudObject) -> Iterator[str]:
    image = properties["amiType"]
    if found.get("instanceType") and properties["instanceTypes"]:
        yield "You cannot specify instance types in both the launch template and the API request"
    if found.get("imageId") and image not in (None, "CUSTOM"):
        yield (
            "You cannot specify an AMI type other than CUSTOM, when specifying an image id in "
            f"your launch template, not {image}"
        )
    if found.get("imageId") and (properties["version"] or properties["releaseVersion"]):
        yield (
            "You cannot specify the field releaseVersion or version when specifying an image id "
            "in your launch template"
        )
    if image == "CUSTOM" and not found.get("imageId"):
        yield "amiType CUSTOM needs an image id in the launch template"


def _not_allowed(found: CloudObject) -> Iterator[str]:
    for path, what in (
        ("iamInstanceProfile", "an instance profile: EKS makes one from nodeRoleArn"),
        ("instanceMarketOptions", "market options: set capacityType to SPOT"),
        ("hibernationOptions", "hibernation"),
        ("networkInterfaces[0].subnetId", "a subnet: give subnetIds"),
    ):
        if found.get(path):
            yield f"Launch template should not specify {what}"


def _user_data_refusal(properties: Properties, found: CloudObject) -> str:
    """EKS merges its own user data into that of the template, which must have its form."""
    text, image = found.get("userData"), properties["amiType"] or _DEFAULT_IMAGE
    if not text or found.get("imageId") or not image.startswith("AL"):
        return ""
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        return ""  # the launch template's own check says so
    if decoded.lstrip().lower().startswith((b"mime-version:", b"content-type:")):
        return ""
    return (
        "Ec2LaunchTemplateInvalidConfiguration: User data was not in the MIME multipart format: "
        f"begin it with MIME-Version: 1.0 ({found.id})"
    )


def version_fits_cluster(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Nodes are never ahead of their control plane, and not far behind."""
    cluster = neighbours.cluster(properties["clusterName"], cloud)
    version = properties["version"]
    if cluster is None or not version:
        return
    control_plane = cluster.get("version")
    allowed = eks.VERSIONS[: eks.VERSIONS.index(control_plane) + 1][-_OLDER_BY - 1 :]
    if version not in allowed:
        yield Problem(
            "version",
            f"InvalidParameterException: Requested Nodegroup version {version} does not fit the "
            f"cluster's {control_plane}: use one of {', '.join(allowed)}",
        )


def node_role(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Instances get the role, and with it they may join and pull images."""
    arn = properties["nodeRoleArn"]
    if not iam.trusts(cloud, arn, "ec2"):
        yield Problem(
            "nodeRoleArn",
            f"InvalidParameterException: Following required service principals [ec2.amazonaws.com] "
            f"were not found in the trust relationships of nodeRole {arn}",
        )
    held = iam.managed_policies(cloud, arn)
    for needed, what in ((_WORKER_POLICIES, "join"), (_IMAGE_POLICIES, "pull images")):
        if held is not None and not held & needed:
            yield Problem(
                "nodeRoleArn",
                f"NodeCreationFailure: Instances failed to join the kubernetes cluster: without "
                f"{' or '.join(sorted(needed))} on {arn} they cannot {what}: attach it before the "
                "node group is made",
            )


def network_plugin(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A node is ready only when the network plugin runs on it with rights of its own."""
    cluster = neighbours.cluster(properties["clusterName"], cloud)
    if cluster is None:
        return
    plugin = addon("vpc-cni", cluster, cloud)
    if plugin is None and not cluster.get("bootstrapSelfManagedAddons"):
        yield Problem(
            "clusterName",
            "NodeCreationFailure: Unhealthy nodes in the kubernetes cluster: it has no network "
            "plugin; make the add-on vpc-cni before the node group",
        )
    elif not _may_network(properties, cluster, plugin, cloud):
        yield Problem(
            "nodeRoleArn",
            "NodeCreationFailure: Unhealthy nodes in the kubernetes cluster: the network plugin "
            f"may not attach addresses; give the pods of the add-on vpc-cni a role with "
            f"{_NETWORK_POLICY} (Pod Identity with the add-on eks-pod-identity-agent, both before "
            "the node group), or attach the policy to the node role",
        )


def addon(name: str, cluster: CloudObject, cloud: AwsCloud) -> CloudObject | None:
    """The add-on of that name in the cluster."""
    return cloud.find(ADDON, "id", f"{cluster.id}:{name}")


def _may_network(
    properties: Properties, cluster: CloudObject, plugin: CloudObject | None, cloud: AwsCloud
) -> bool:
    roles = [properties["nodeRoleArn"]]
    if plugin and plugin.get("serviceAccountRoleArn"):
        roles.append(plugin.get("serviceAccountRoleArn"))
    if addon("eks-pod-identity-agent", cluster, cloud):
        roles += _identity_roles(cluster, plugin, cloud)
    policies = (iam.managed_policies(cloud, role) for role in roles)
    return any(held is None or _NETWORK_POLICY in held for held in policies)


def _identity_roles(
    cluster: CloudObject, plugin: CloudObject | None, cloud: AwsCloud
) -> Iterator[str]:
    for association in (plugin.get("podIdentityAssociations") if plugin else None) or ():
        yield association["roleArn"]
    for item in cloud.all(_ASSOCIATION):
        account = (item.get("namespace"), item.get("serviceAccount"))
        if item.get("clusterName") == cluster.id and account == _NETWORK_ACCOUNT:
            yield item.get("roleArn")


def ami_type(properties: Properties, cloud: AwsCloud) -> str:
    """The image that EKS takes when none is named."""
    found = launch.template(properties["launchTemplate"], cloud)
    return "CUSTOM" if found and found.get("imageId") else _DEFAULT_IMAGE


def disk_size(properties: Properties, cloud: AwsCloud) -> int | None:
    """The root volume of EKS, unless a launch template has its own."""
    return None if properties["launchTemplate"] else _DEFAULT_DISK_GIB


def instance_types(properties: Properties, cloud: AwsCloud) -> list[str]:
    """The machine that EKS takes when neither the group nor its template names one."""
    found = launch.template(properties["launchTemplate"], cloud)
    return [] if found and found.get("instanceType") else [_DEFAULT_TYPE]


def release_version(properties: Properties, cloud: AwsCloud) -> str:
    """The release of the image: of the right shape, its date is invented."""
    return f"{properties['version']}.0-20261101"


def template_id(properties: Properties, cloud: AwsCloud) -> str | None:
    """The id of the launch template that was named otherwise."""
    found = launch.template(properties["launchTemplate"], cloud)
    return found.id if found else None


def template_name(properties: Properties, cloud: AwsCloud) -> str | None:
    """The name of the launch template that was named otherwise."""
    found = launch.template(properties["launchTemplate"], cloud)
    return found.get("name") if found else None
