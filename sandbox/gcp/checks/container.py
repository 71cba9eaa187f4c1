"""Kubernetes Engine: clusters and their nodes."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from collections.abc import Iterator
from typing import Final

from components.gcp import catalog
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms, labels
from sandbox.gcp.checks.links import tail
from sandbox.gcp.checks.network import SUBNET
from sandbox.gcp.cloud import GcpCloud
from sandbox.values import Value

CLUSTER: Final = "gcp:container/cluster:Cluster"
NODE_POOL: Final = "gcp:container/nodePool:NodePool"
VERSIONS: Final = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36")
"""Versions that a cluster can be made with, by recollection of the release channels."""
_CONTROL_PLANE_PREFIX: Final = 28
_MOST_NETWORKS: Final = 100
"""Ranges of authorized networks (Kubernetes Engine documentation, "Limits")."""
_BOUNDS: Final = (
    ("minNodeCount", "maxNodeCount"),
    ("totalMinNodeCount", "totalMaxNodeCount"),
)
_NODE_BITS: Final = 24
"""Each node has a /24 for its pods, at 110 pods (Kubernetes Engine documentation, "VPC-native
clusters")."""


def network_policies_hold(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Dataplane V2 enforces policies itself, and refuses the other way to."""
    if properties["datapathProvider"] == "ADVANCED_DATAPATH" and properties.get(
        "networkPolicy.enabled"
    ):
        yield Problem(
            "networkPolicy",
            "Error 400: Enabling NetworkPolicy for clusters with "
            "DatapathProvider=ADVANCED_DATAPATH is not allowed: it is built in, leave it out",
        )


def control_plane_range(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The control plane of a private cluster has a /28."""
    text = properties.get("privateClusterConfig.masterIpv4CidrBlock")
    if text and ipaddress.IPv4Network(text).prefixlen != _CONTROL_PLANE_PREFIX:
        yield Problem(
            "privateClusterConfig",
            f"Error 400: Invalid master CIDR {text}: it must be a /{_CONTROL_PLANE_PREFIX}",
        )


def admitted_networks(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Authorized networks are ranges, and not too many."""
    found = list(properties.find("masterAuthorizedNetworksConfig.cidrBlocks[*].cidrBlock"))
    if len(found) > _MOST_NETWORKS:
        yield Problem(
            "masterAuthorizedNetworksConfig",
            f"there are {len(found)} networks; at most {_MOST_NETWORKS} are allowed",
        )
    for place, text in found:
        try:
            ipaddress.IPv4Network(text)
        except ValueError as error:
            yield Problem(
                "masterAuthorizedNetworksConfig", f"{text!r} is no network: {error}", place
            )


def _subnet(properties: Properties, cloud: GcpCloud) -> CloudObject | None:
    return cloud.find(SUBNET, "name", tail(str(properties["subnetwork"])))


def _secondary(properties: Properties, cloud: GcpCloud, name: str) -> str | None:
    subnet = _subnet(properties, cloud)
    for range_ in (subnet.get("secondaryIpRanges") if subnet else None) or []:
        if range_["rangeName"] == name:
            return str(range_["ipCidrRange"])
    return None


_RANGES: Final = ("clusterSecondaryRangeName", "servicesSecondaryRangeName")


def ranges_exist(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Pods and services have ranges of the subnet."""
    for field in _RANGES:
        name = properties.get(f"ipAllocationPolicy.{field}")
        if name and _secondary(properties, cloud, name) is None:
            yield Problem(
                "ipAllocationPolicy",
                f"Error 400: Pod or service secondary range not found in subnet: there is no "
                f"{name!r}: add it to secondaryIpRanges of the subnet",
            )


def pods_range(properties: Properties, cloud: GcpCloud) -> str | None:
    """The range of pods."""
    name = properties.get(f"ipAllocationPolicy.{_RANGES[0]}")
    return _secondary(properties, cloud, name) if name else None


def services_range(properties: Properties, cloud: GcpCloud) -> str | None:
    """The range of services."""
    name = properties.get(f"ipAllocationPolicy.{_RANGES[1]}")
    return _secondary(properties, cloud, name) if name else None


def control_plane_range_is_free(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The control plane has addresses that no subnet has."""
    text = properties.get("privateClusterConfig.masterIpv4CidrBlock")
    if not text:
        return
    own = ipaddress.IPv4Network(text)
    for subnet in cloud.all(SUBNET):
        ranges = [subnet.get("ipCidrRange")]
        ranges += [one["ipCidrRange"] for one in subnet.get("secondaryIpRanges") or []]
        for taken in ranges:
            if own.overlaps(ipaddress.IPv4Network(taken)):
                yield Problem(
                    "privateClusterConfig",
                    f"Error 400: master_ipv4_cidr_block {own} overlaps with {taken} of "
                    f"{subnet.label}",
                )


def _minor(version: Value) -> str:
    return ".".join(str(version).split(".")[:2])


def version_offered(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The version of Kubernetes is one of those that there are."""
    wanted = properties["minMasterVersion"]
    if wanted and _minor(wanted) not in VERSIONS:
        yield Problem(
            "minMasterVersion",
            f'Error 400: Master version "{wanted}" is unsupported: use one of '
            f"{', '.join(VERSIONS)}",
        )


def version(properties: Properties, cloud: GcpCloud) -> str:
    """The version that a cluster gets: the newest patch of the one that is asked for."""
    return f"{_minor(properties['minMasterVersion'] or VERSIONS[-2])}.1-gke.1000"


def still_new_enough(old: str, new: str) -> bool:
    """Whether a least version is met already, as one below it is."""
    if _minor(old) not in VERSIONS or _minor(new) not in VERSIONS:
        return False
    return VERSIONS.index(_minor(new)) <= VERSIONS.index(_minor(old))


def version_steps(old: Properties, new: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A control plane goes up one minor version at a time."""
    before, after = _minor(old["masterVersion"]), _minor(new["minMasterVersion"])
    if before not in VERSIONS or after not in VERSIONS:
        return
    if VERSIONS.index(after) - VERSIONS.index(before) > 1:
        following = VERSIONS[VERSIONS.index(before) + 1]
        yield Problem(
            "minMasterVersion",
            f"Error 400: Master cannot be upgraded to {after}: cannot upgrade the master more "
            f"than a minor version at a time: go to {following} first",
        )


def key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Kubernetes Engine may use the key."""
    key = properties.get("databaseEncryption.keyName")
    member = kms.agent("container-engine-robot", cloud)
    yield from kms.usable_by(member, key, "databaseEncryption", cloud)


def pool_is_the_projects(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The workload identity pool is that of the project."""
    given = properties.get("workloadIdentityConfig.workloadPool")
    own = f"{cloud.project}.svc.id.goog"
    if given and given != own:
        yield Problem(
            "workloadIdentityConfig",
            f"Error 400: workload pool {given} does not belong to the project: use {own}",
        )


def endpoint(properties: Properties, cloud: GcpCloud) -> str:
    """The address of the API server; that of the private range where it is the only one."""
    private = properties.get("privateClusterConfig.masterIpv4CidrBlock")
    if private and properties.get("privateClusterConfig.enablePrivateEndpoint"):
        return str(ipaddress.IPv4Network(private)[2])
    digest = hashlib.sha256(f"{cloud.region}/{properties['name']}".encode()).digest()
    return f"198.51.100.{digest[0]}"


def authority(properties: Properties, cloud: GcpCloud) -> str:
    """A certificate in base64; its content is invented."""
    seed = hashlib.shake_256(f"{cloud.region}/{properties['name']}".encode()).digest(48)
    body = base64.b64encode(seed).decode()
    text = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    return base64.b64encode(text.encode()).decode()


def _labelled(properties: Properties) -> Properties:
    return Properties.of({"labels": properties["resourceLabels"]})


def pulumi_labels(properties: Properties, cloud: GcpCloud) -> dict[str, str]:
    """The labels of the program and those of the provider."""
    return labels.pulumi(_labelled(properties), cloud)


def effective_labels(properties: Properties, cloud: GcpCloud) -> dict[str, str]:
    """All labels that the cluster has."""
    return labels.effective(_labelled(properties), cloud)


def zones(properties: Properties, cloud: GcpCloud) -> list[str]:
    """Three zones of the region."""
    return list(cloud.zones[:3])


def _cluster(properties: Properties, cloud: GcpCloud) -> CloudObject | None:
    return cloud.find(CLUSTER, "name", tail(str(properties["cluster"])))


def pool_zones(properties: Properties, cloud: GcpCloud) -> list[str]:
    """The zones of the cluster."""
    cluster = _cluster(properties, cloud)
    return list((cluster.get("nodeLocations") if cluster else None) or cloud.zones[:3])


def first_nodes(properties: Properties, cloud: GcpCloud) -> int:
    """Nodes in each zone where none are stated."""
    return int(properties["nodeCount"] or 0)


def _groups(properties: Properties, cloud: GcpCloud, kind: str) -> list[str]:
    cluster, name = tail(str(properties["cluster"])), properties["name"]
    found = []
    for zone in sorted(properties["nodeLocations"] or pool_zones(properties, cloud)):
        digits = hashlib.sha256(f"{cluster}/{name}/{zone}".encode()).hexdigest()[:8]
        found.append(
            f"https://www.googleapis.com/compute/v1/projects/{cloud.project}/zones/{zone}/{kind}/"
            f"gke-{cluster[:16]}-{name[:16]}-{digits}-grp"
        )
    return found


def groups(properties: Properties, cloud: GcpCloud) -> list[str]:
    """The groups of machines, one in each zone."""
    return _groups(properties, cloud, "instanceGroups")


def group_managers(properties: Properties, cloud: GcpCloud) -> list[str]:
    """What keeps them."""
    return _groups(properties, cloud, "instanceGroupManagers")


def machine(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The machine type is one that there is."""
    name = properties.get("nodeConfig.machineType")
    if name is None:
        return
    try:
        catalog.machine_type(name)
    except catalog.CatalogError as error:
        yield Problem("nodeConfig", f"Error 400: Machine type {name} not found: {error}")


def accelerators(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """GPUs are attached to N1 machines, and belong to G2 and A2, where they are stated too
    (Kubernetes Engine documentation, "Run GPUs in Standard node pools")."""
    name = properties.get("nodeConfig.machineType") or "e2-medium"
    kinds = [kind for _, kind in properties.find("nodeConfig.guestAccelerators[*].type")]
    family = str(name).partition("-")[0]
    if family in ("a2", "g2") and not kinds:
        yield Problem(
            "nodeConfig",
            f"Error 400: {name} has GPUs: state them in guestAccelerators, and the driver that is "
            "to be installed",
        )
    if kinds and family not in ("a2", "g2", "n1"):
        yield Problem("nodeConfig", f"Error 400: {name} can have no accelerators; n1 machines can")


def bounds(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Bounds are for each zone or in all, and the least is not above the most."""
    given = {name: properties.get(f"autoscaling.{name}") for pair in _BOUNDS for name in pair}
    stated = {name for name, count in given.items() if count is not None}
    total = {name for name in stated if name.startswith("total")}
    if total and stated - total:
        yield Problem(
            "autoscaling",
            "Error 400: bounds for each zone and in all cannot stand together: give either",
        )
    for least, most in (
        ("minNodeCount", "maxNodeCount"),
        ("totalMinNodeCount", "totalMaxNodeCount"),
    ):
        if (given[least] or 0) > (given[most] or 0) and most in stated:
            yield Problem(
                "autoscaling", f"Error 400: {least} {given[least]} is above {most} {given[most]}"
            )


def machine_offered(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The region has machines of the type."""
    name = properties.get("nodeConfig.machineType")
    if name and not catalog.machine_offered(name, cloud.region):
        yield Problem(
            "nodeConfig", f"Error 400: Machine type {name} is not available in {cloud.region}"
        )


def zones_of_the_region(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Nodes stand in zones of the cluster's region."""
    for zone in properties["nodeLocations"] or []:
        if zone not in cloud.zones:
            yield Problem(
                "nodeLocations",
                f"Error 400: {zone} is no zone of {cloud.region}: use {', '.join(cloud.zones)}",
            )


def disk_key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Compute Engine may use the key of the disks."""
    key = properties.get("nodeConfig.bootDiskKmsKey")
    yield from kms.usable_by(kms.agent("compute-system", cloud), key, "nodeConfig", cloud)


def room_for_pods(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The range of pods has a part for every node."""
    cluster = _cluster(properties, cloud)
    text = cluster.get("clusterIpv4Cidr") if cluster else None
    if not text:
        return
    room = 1 << max(_NODE_BITS - ipaddress.IPv4Network(text).prefixlen, 0)
    most = properties.get("autoscaling.totalMaxNodeCount") or 0
    if most > room:
        yield Problem(
            "autoscaling",
            f"Error 400: the range of pods, {text}, has addresses for {room} nodes, not for {most}",
        )
