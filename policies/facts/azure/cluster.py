"""Clusters of AKS, and what joins their pods to the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, collapse_addresses

from policies.facts.azure import locks, types
from policies.facts.azure.network import addresses, drained, given_address, is_inner
from policies.facts.graph import Graph
from policies.facts.kubernetes.contents import Cloud
from policies.facts.kubernetes.services import Exposed
from policies.facts.kubernetes.storage import Disk, Performance
from policies.facts.model import ControlPlane, HealthCheck, Machines
from policies.facts.resource import Node, Resource
from policies.facts.stack import OLDEST_KUBERNETES
from policies.facts.unknown import derived

EVERYWHERE = IPv4Network("0.0.0.0/0")
AUDIT_LOGS = ("kube-audit", "kube-audit-admin")
"""Categories of a cluster's log in which stands who changed what (AKS documentation, "Monitoring
data reference")."""
DISK_TYPE = "StandardSSD_LRS"
"""Of a storage class that names none (driver of disks, "Driver parameters")."""
_PERFORMANCE: Mapping[str, Performance] = {"PremiumV2_LRS": "fast", "UltraSSD_LRS": "extreme"}


def cloud(graph: Graph, machines: tuple[Machines, ...]) -> Cloud:
    """What Azure tells of the clusters of a stack."""
    planes = control_planes(graph)
    return Cloud(
        machines=machines,
        exposed=_exposed(graph),
        inner=is_inner,
        disk=_disk,
        version=next((plane.version for plane in planes), OLDEST_KUBERNETES),
    )


def control_planes(graph: Graph) -> tuple[ControlPlane, ...]:
    """What steers the clusters."""
    return tuple(_control_plane(graph, resource) for resource in graph.of(types.CLUSTER))


def _control_plane(graph: Graph, cluster: Resource) -> ControlPlane:
    root = cluster.root
    return ControlPlane(
        name=cluster.name,
        urn=cluster.urn,
        networks=derived(
            lambda private: () if private else _networks(root),
            root.flag("apiServerAccessProfile.enablePrivateCluster"),
        ),
        secrets_encrypted=derived(
            lambda enabled, key: bool(enabled and key),
            root.flag("securityProfile.azureKeyVaultKms.enabled"),
            root.given("securityProfile.azureKeyVaultKms.keyId"),
        ),
        version=root.text("kubernetesVersion", OLDEST_KUBERNETES),
        audited=derived(lambda: _audited(graph, cluster)),
        deletion_protection=derived(lambda: locks.locked(graph, cluster)),
    )


def _networks(root: Node) -> tuple[IPv4Network, ...]:
    path = "apiServerAccessProfile.authorizedIPRanges"
    texts = root.texts(path)
    if not len(texts):
        return (EVERYWHERE,)
    try:
        return tuple(collapse_addresses(IPv4Network(str(text), strict=False) for text in texts))
    except ValueError:
        return root.unreadable(path, "list of networks")  # type: ignore[no-any-return]


def _audited(graph: Graph, cluster: Resource) -> bool:
    return any(
        log.text("category") in AUDIT_LOGS and log.flag("enabled")
        for setting in graph.referring(cluster, "resourceUri", types.DIAGNOSTICS)
        for log in setting.root.nodes("logs")
    )


def _exposed(graph: Graph) -> Exposed:
    """How the gateway checks the pods behind a service: by its probes, where one of its pools is
    the service's address in the network."""

    def checks(service: Resource) -> tuple[HealthCheck, ...]:
        given = given_address(service)
        return tuple(
            HealthCheck(
                name=gateway.name,
                urn=gateway.urn,
                path=probe.text("path"),
                drain_seconds=drained(gateway),
            )
            for gateway in graph.of(types.GATEWAY)
            if given and given in addresses(gateway)
            for probe in gateway.root.nodes("probes")
        )

    return checks


def _disk(storage_class: Resource) -> Disk:
    """What the volumes of a storage class are; Azure encrypts every disk."""
    kind = storage_class.root.node("parameters").text("skuName", DISK_TYPE)
    return Disk(
        performance=derived(lambda known: _PERFORMANCE.get(known, "standard"), kind),
        encrypted=True,
    )
