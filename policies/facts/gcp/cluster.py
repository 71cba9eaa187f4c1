"""GKE clusters, and what joins their pods to the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, collapse_addresses

from policies.facts.gcp import types
from policies.facts.gcp.machines import device_plugins
from policies.facts.graph import Graph
from policies.facts.kubernetes.contents import Cloud
from policies.facts.kubernetes.services import Exposed
from policies.facts.kubernetes.storage import Disk, Performance
from policies.facts.model import ControlPlane, HealthCheck, Machines
from policies.facts.resource import Node, Resource
from policies.facts.stack import OLDEST_KUBERNETES
from policies.facts.unknown import derived

EVERYWHERE = IPv4Network("0.0.0.0/0")
DEFAULT_DRAIN_SECONDS = 300
"""Of a backend that states none (Compute Engine API, `connectionDraining`)."""
DISK_TYPE = "pd-standard"
"""Of a storage class that names none (driver of persistent disks, "Plugin Features")."""
_PERFORMANCE: Mapping[str, Performance] = {"pd-extreme": "extreme", "pd-ssd": "fast"}


def cloud(graph: Graph, machines: tuple[Machines, ...]) -> Cloud:
    """What Google Cloud tells of the clusters of a stack."""
    planes = control_planes(graph)
    return Cloud(
        machines=machines,
        exposed=_exposed(graph),
        by_node_ports=True,
        disk=_disk,
        version=next((plane.version for plane in planes), OLDEST_KUBERNETES),
        device_plugins=derived(lambda: device_plugins(graph)),
    )


def control_planes(graph: Graph) -> tuple[ControlPlane, ...]:
    """What steers the clusters."""
    return tuple(_control_plane(resource) for resource in graph.of(types.CLUSTER))


def _control_plane(cluster: Resource) -> ControlPlane:
    root = cluster.root
    return ControlPlane(
        name=cluster.name,
        urn=cluster.urn,
        networks=derived(
            lambda private: () if private else _networks(root),
            root.flag("privateClusterConfig.enablePrivateEndpoint"),
        ),
        secrets_encrypted=derived(
            lambda state: bool(state == "ENCRYPTED" and root.given("databaseEncryption.keyName")),
            root.text("databaseEncryption.state"),
        ),
        version=root.text("minMasterVersion", OLDEST_KUBERNETES),
        # Whatever changes something is written down, and nobody can switch that off (Cloud Audit
        # Logs documentation, "Admin Activity audit logs").
        audited=True,
        deletion_protection=root.flag("deletionProtection", default=True),
    )


def _networks(root: Node) -> tuple[IPv4Network, ...]:
    path = "masterAuthorizedNetworksConfig"
    if not root.given(path) or root.flag(f"{path}.gcpPublicCidrsAccessEnabled"):
        return (EVERYWHERE,)
    texts = [one.text("cidrBlock") for one in root.nodes(f"{path}.cidrBlocks")]
    try:
        return tuple(collapse_addresses(IPv4Network(str(text), strict=False) for text in texts))
    except ValueError:
        return root.unreadable(path, "list of networks")  # type: ignore[no-any-return]


def _exposed(graph: Graph) -> Exposed:
    """How the load balancer checks the pods behind a service: by the health check of the port that
    the service has on its nodes."""

    def checks(service: Resource) -> tuple[HealthCheck, ...]:
        ports = [port.integer("nodePort") for port in service.root.nodes("spec.ports")]
        return tuple(
            HealthCheck(
                name=backend.name,
                urn=backend.urn,
                path=check.root.text("httpHealthCheck.requestPath", "/"),
                drain_seconds=backend.root.integer(
                    "connectionDrainingTimeoutSec", DEFAULT_DRAIN_SECONDS
                ),
            )
            for check in graph.of(types.HEALTH_CHECK)
            if check.root.integer("httpHealthCheck.port") in ports
            for backend in graph.referring(check, "healthChecks", types.BACKEND)
        )

    return checks


def _disk(storage_class: Resource) -> Disk:
    """What the volumes of a storage class are; Google encrypts every disk."""
    kind = storage_class.root.node("parameters").text("type", DISK_TYPE)
    return Disk(
        performance=derived(lambda known: _PERFORMANCE.get(known, "standard"), kind),
        encrypted=True,
    )
