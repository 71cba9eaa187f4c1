"""Clusters, and who may enter them."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Iterator
from typing import Final

from sandbox.aws.checks import ec2, iam, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

VERSIONS: Final = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36")
"""Versions that a cluster can be made with, in standard and in extended support: "Amazon EKS
Kubernetes release calendar" of the user guide. That of 1.31 ends on 26 November 2026."""
ENTRY: Final = "aws:eks/accessEntry:AccessEntry"
NODE_GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
_CLUSTER_POLICY: Final = "AmazonEKSClusterPolicy"
_MODES: Final = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
"""A cluster may go to the right, never to the left."""
_OLD_ZONES: Final = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""Zones where EKS has no control plane: "View Amazon EKS networking requirements"."""
_SERVICE_RANGES: Final = ("10.100.0.0/16", "172.20.0.0/16")
"""What EKS takes for services when nothing is given, as the VPC allows."""
_PRIVATE: Final = tuple(
    ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)
_LARGEST_SERVICE_PREFIX: Final = 24
_SMALLEST_SERVICE_PREFIX: Final = 12
_VPC: Final = "aws:ec2/vpc:Vpc"
# fmt: off
_ACCESS_POLICIES: Final = frozenset([
    "AmazonAIOpsAssistantPolicy", "AmazonARCRegionSwitchScalingPolicy", "AmazonEKSACKPolicy",
    "AmazonEKSAdminPolicy", "AmazonEKSAdminViewPolicy", "AmazonEKSArgoCDClusterPolicy",
    "AmazonEKSArgoCDPolicy", "AmazonEKSAutoNodePolicy", "AmazonEKSBlockStorageClusterPolicy",
    "AmazonEKSBlockStoragePolicy", "AmazonEKSClusterAdminPolicy", "AmazonEKSComputeClusterPolicy",
    "AmazonEKSComputePolicy", "AmazonEKSEditPolicy", "AmazonEKSEventPolicy",
    "AmazonEKSHybridPolicy", "AmazonEKSKROPolicy", "AmazonEKSLoadBalancingClusterPolicy",
    "AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingClusterPolicy",
    "AmazonEKSNetworkingPolicy", "AmazonEKSPodIdentityPolicy", "AmazonEKSSecretAdminPolicy",
    "AmazonEKSSecretReaderPolicy", "AmazonEKSViewPolicy", "AmazonEMRJobPolicy",
    "AmazonSagemakerHyperpodClusterPolicy", "AmazonSagemakerHyperpodControllerPolicy",
    "AmazonSagemakerHyperpodSpacePolicy", "AmazonSagemakerHyperpodSpaceTemplatePolicy",
    "AmazonSagemakerHyperpodSystemNamespacePolicy", "AmazonSagemakerHyperpodUserClusterPolicy",
])
# fmt: on
"""As `aws eks list-access-policies` lists them."""


def version_offered(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The version of Kubernetes is one of those that EKS offers."""
    version = properties["version"]
    if version and version not in VERSIONS:
        yield Problem(
            "version",
            f"InvalidParameterException: unsupported Kubernetes version {version}: use one of "
            f"{', '.join(VERSIONS)}",
        )


def newest_version(properties: Properties, cloud: AwsCloud) -> str:
    """What EKS takes when no version is given."""
    return VERSIONS[-1]


def version_steps(old: Properties, new: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A control plane goes up one minor version at a time, and never down."""
    before, after = old["version"], new["version"]
    if not after or before not in VERSIONS or after not in VERSIONS:
        return
    steps = VERSIONS.index(after) - VERSIONS.index(before)
    if steps < 0:
        yield Problem(
            "version",
            f"InvalidParameterException: Unsupported Kubernetes minor version update from {before} "
            f"to {after}: a cluster cannot go back",
        )
    elif steps > 1:
        following = VERSIONS[VERSIONS.index(before) + 1]
        yield Problem(
            "version",
            f"InvalidParameterException: Unsupported Kubernetes minor version update from {before} "
            f"to {after}: go to {following} first",
        )


def authentication_mode_steps(
    old: Properties, new: Properties, cloud: AwsCloud
) -> Iterator[Problem]:
    """Access entries cannot be given up once they are in use."""
    before = old.get("accessConfig.authenticationMode")
    after = new.get("accessConfig.authenticationMode")
    if before and after and _MODES.index(after) < _MODES.index(before):
        yield Problem(
            "accessConfig",
            f"InvalidParameterException: Unsupported authentication mode update from {before} to "
            f"{after}",
        )


def endpoint_reachable(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The API server has a private endpoint, a public one, or both."""
    private = properties.get("vpcConfig.endpointPrivateAccess")
    public = properties.get("vpcConfig.endpointPublicAccess")
    if private is False and public is False:
        yield Problem(
            "vpcConfig",
            "InvalidParameterException: Private and public endpoint access cannot both be false",
        )


def public_ranges(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Who may reach the public endpoint is given as public networks."""
    for place, text in properties.find("vpcConfig.publicAccessCidrs[*]"):
        try:
            network = ipaddress.IPv4Network(text)
        except ValueError as error:
            yield Problem("vpcConfig", f"{text!r} is no IPv4 network: {error}", place)
            continue
        if any(network.subnet_of(block) for block in _PRIVATE):
            yield Problem(
                "vpcConfig",
                "InvalidParameterException: The following CIDRs are not allowed in "
                f"publicAccessCidrs: [{text}]: these addresses do not come from the internet",
                place,
            )


def service_range_is_private(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Services get a /24 to a /12 of private addresses."""
    text = properties.get("kubernetesNetworkConfig.serviceIpv4Cidr")
    if not text:
        return
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        yield Problem("kubernetesNetworkConfig", f"{text!r} is no IPv4 network: {error}")
        return
    size_fits = _SMALLEST_SERVICE_PREFIX <= network.prefixlen <= _LARGEST_SERVICE_PREFIX
    if not size_fits or not any(network.subnet_of(block) for block in _PRIVATE):
        yield Problem(
            "kubernetesNetworkConfig",
            f"InvalidParameterException: the service range {text} must be a "
            f"/{_LARGEST_SERVICE_PREFIX} to a /{_SMALLEST_SERVICE_PREFIX} of 10.0.0.0/8, "
            "172.16.0.0/12 or 192.168.0.0/16",
        )


def simulated_kind(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Auto Mode, Outposts and hybrid nodes are other kinds of clusters."""
    asked = {
        "computeConfig": properties.get("computeConfig.enabled"),
        "outpostConfig": properties["outpostConfig"],
        "remoteNetworkConfig": properties["remoteNetworkConfig"],
    }
    for name, value in asked.items():
        if value:
            yield Problem(name, "the sandbox does not simulate it: leave it out")


def vpc(properties: Properties, cloud: AwsCloud) -> str | None:
    """The VPC of the subnets."""
    return min(neighbours.vpcs(properties.get("vpcConfig.subnetIds"), cloud), default=None)


def service_range(properties: Properties, cloud: AwsCloud) -> str:
    """The range of services that EKS picks beside the VPC."""
    taken = _vpc_range(properties, cloud)
    first, second = _SERVICE_RANGES
    return second if taken and taken.overlaps(ipaddress.IPv4Network("10.0.0.0/8")) else first


def _vpc_range(properties: Properties, cloud: AwsCloud) -> ipaddress.IPv4Network | None:
    found = cloud.find(_VPC, "id", vpc(properties, cloud))
    return ipaddress.IPv4Network(found.get("cidrBlock")) if found else None


def service_range_is_free(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Services have addresses that the VPC has not."""
    text = properties.get("kubernetesNetworkConfig.serviceIpv4Cidr")
    taken = _vpc_range(properties, cloud)
    if text and taken and ipaddress.IPv4Network(text).overlaps(taken):
        yield Problem(
            "kubernetesNetworkConfig",
            f"InvalidParameterException: the service range {text} overlaps {taken}, the range of "
            "the VPC",
        )


def cluster_subnets(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A control plane sits in two zones of one VPC, in none of the old ones."""
    ids = properties.get("vpcConfig.subnetIds")
    subnets = neighbours.subnets(ids, cloud)
    if len(neighbours.vpcs(ids, cloud)) > 1:
        yield Problem("vpcConfig", "InvalidParameterException: the subnets are not in one VPC")
    zones = sorted(neighbours.zones(ids, cloud))
    if len(zones) < 2:
        yield Problem(
            "vpcConfig",
            "InvalidParameterException: Subnets specified must be in at least two different AZs, "
            f"not only {', '.join(zones)}",
        )
    for subnet in subnets:
        zone = subnet.get("availabilityZone")
        zone_id = ec2.zone_id(Properties.of({"availabilityZone": zone}), cloud)
        if zone_id in _OLD_ZONES:
            yield Problem(
                "vpcConfig",
                f"UnsupportedAvailabilityZoneException: Cannot create cluster because {zone}, the "
                "targeted availability zone, does not currently have sufficient capacity to "
                f"support the cluster ({zone_id} of {subnet.id}): leave it out",
            )


def cluster_role(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """EKS takes the role on, and the role may do what a control plane needs."""
    arn = properties["roleArn"]
    if not iam.trusts(cloud, arn, "eks"):
        yield Problem(
            "roleArn",
            "InvalidParameterException: Role could not be assumed because the trusted entity is "
            f"not correct: let {arn} allow sts:AssumeRole to eks.amazonaws.com",
        )
    held = iam.managed_policies(cloud, arn)
    if held is not None and _CLUSTER_POLICY not in held:
        yield Problem(
            "roleArn",
            "InvalidParameterException: The provided role doesn't have the Amazon EKS Managed "
            f"Policies associated with it: attach {_CLUSTER_POLICY} to {arn} before the cluster is "
            "made",
        )


def certificate_authority(properties: Properties, cloud: AwsCloud) -> str:
    """A certificate in base64; its content is invented."""
    seed = hashlib.shake_256(f"{cloud.region}/{properties['name']}".encode()).digest(48)
    body = base64.b64encode(seed).decode()
    text = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    return base64.b64encode(text.encode()).decode()


def entries_are_allowed(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Access entries count only where the cluster looks at them."""
    cluster = neighbours.cluster(properties["clusterName"], cloud)
    if cluster and cluster.get("accessConfig.authenticationMode") == "CONFIG_MAP":
        yield Problem(
            "clusterName",
            "InvalidRequestException: The cluster's authentication mode must be set to one of "
            "[API, API_AND_CONFIG_MAP] to perform this operation",
        )


def entry_is_new(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """EKS itself enters who made the cluster, and the roles of managed nodes."""
    name, principal = properties["clusterName"], properties["principalArn"]
    cluster = neighbours.cluster(name, cloud)
    if cluster is None or properties["id"]:
        return
    creator = f"arn:{cloud.partition}:iam::{cloud.account}:user/deployer"
    made: dict[str, str] = {
        group.get("nodeRoleArn"): f"with the node group {group.id}"
        for group in cloud.all(NODE_GROUP)
        if group.get("clusterName") == name
    }
    if cluster.get("accessConfig.bootstrapClusterCreatorAdminPermissions"):
        made[creator] = "with the cluster, for whoever made it"
    if principal in made:
        yield Problem(
            "principalArn",
            "ResourceInUseException: The specified access entry resource is already in use on this "
            f"cluster: EKS made one for {principal} {made[principal]}",
        )


def entry_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A policy is given to a principal that has an entry."""
    cluster, principal = properties["clusterName"], properties["principalArn"]
    if cloud.find(ENTRY, "id", f"{cluster}:{principal}") is None:
        yield Problem(
            "principalArn",
            f"ResourceNotFoundException: The specified principalArn {principal} could not be found "
            f"among the access entries of {cluster}: create its entry first",
        )


def access_policy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The policy is one of those that EKS publishes; they are not those of IAM."""
    arn = properties["policyArn"]
    prefix, _, name = arn.rpartition("/")
    if prefix != f"arn:{cloud.partition}:eks::aws:cluster-access-policy":
        yield Problem(
            "policyArn",
            f"InvalidParameterException: The policyArn {arn} is no access policy of EKS: it begins "
            f"with arn:{cloud.partition}:eks::aws:cluster-access-policy/",
        )
    elif name not in _ACCESS_POLICIES:
        yield Problem(
            "policyArn",
            f"InvalidParameterException: there is no access policy {name}: use one of "
            f"{', '.join(sorted(_ACCESS_POLICIES))}",
        )


def access_scope(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Namespaces go with the scope `namespace`."""
    scope = properties["accessScope"]
    if (scope["type"] == "namespace") != bool(scope.get("namespaces")):
        yield Problem(
            "accessScope",
            "InvalidParameterException: the type namespace needs namespaces, and the type cluster "
            "has none",
        )
