"""ACK clusters, and what joins their pods to the cloud."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from ipaddress import IPv4Network

from policies.facts.alicloud import types
from policies.facts.alicloud.network import server_group
from policies.facts.graph import Graph
from policies.facts.kubernetes.services import Exposed
from policies.facts.kubernetes.storage import Disk, Performance
from policies.facts.model import ControlPlane, DevicePlugin, HealthCheck, Toleration
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

_EVERYWHERE = (IPv4Network("0.0.0.0/0"),)
"""Who reaches a control plane that has an address on the internet: ACK keeps no list of networks
for it (provider documentation, `slb_internet_enabled`)."""
VOLUME_TYPE = "cloud_essd"
"""Of a storage class that names none."""
_PERFORMANCE: Mapping[str, Performance] = {
    "PL0": "standard",
    "PL1": "fast",
    "PL2": "extreme",
    "PL3": "extreme",
}
"""Performance level of an ESSD -> what it gives."""
_PLUG_IN = "terway"
"""How the names of ACK's network plug-in begin."""
DEFAULT_LEVEL = "PL1"
"""Of a disk that names none (ACK user guide, "Disk volume parameters")."""


def control_planes(graph: Graph) -> tuple[ControlPlane, ...]:
    """What steers the clusters."""
    return tuple(_control_plane(cluster) for cluster in graph.of(types.CLUSTER))


def _control_plane(cluster: Resource) -> ControlPlane:
    root = cluster.root
    return ControlPlane(
        name=cluster.name,
        urn=cluster.urn,
        networks=derived(
            lambda public: _EVERYWHERE if public else (),
            root.flag("slbInternetEnabled", default=True),
        ),
        secrets_encrypted=derived(
            lambda off: not off and root.given("encryptionProviderKey"),
            root.flag("disableEncryption", default=True),
        ),
        version=derived(lambda text: ".".join(text.split(".")[:2]), root.text("version")),
        audited=root.flag("auditLogConfig.enabled"),
        deletion_protection=root.flag("deletionProtection"),
    )


def network_policies_hold(graph: Graph) -> bool:
    """Whether the clusters' network plug-in heeds network policies: only where its setting
    `NetworkPolicy` says so (ACK user guide, "Use network policies")."""
    return derived(lambda: all(_heeds(each) for each in graph.of(types.CLUSTER)))


def _heeds(cluster: Resource) -> bool:
    return any(
        derived(partial(_switched_on, addon), addon.text("config", "{}"))
        for addon in cluster.root.nodes("addons")
        if addon.text("name").startswith(_PLUG_IN)
    )


def _switched_on(addon: Node, text: str) -> bool:
    try:
        settings = json.loads(text)
    except ValueError:
        settings = None
    if not isinstance(settings, dict):
        return addon.unreadable("config", "JSON document")  # type: ignore[no-any-return]
    return bool(settings.get("NetworkPolicy") == "true")


def exposed(graph: Graph) -> Exposed:
    """How the load balancer checks the machines on which the pods of a service answer: by the
    server group in which their scaling group has the service's port."""

    def checks(service: Resource) -> tuple[HealthCheck, ...]:
        ports = [port.integer("nodePort") for port in service.root.nodes("spec.ports")]
        return tuple(
            server_group(group)
            for attachment in graph.of(types.ATTACHMENT)
            if attachment.root.integer("port") in ports
            for group in graph.referred(attachment, "albServerGroupId", types.SERVER_GROUP)
        )

    return checks


def disk(storage_class: Resource) -> Disk:
    """What the volumes of a storage class are (ACK user guide, "Disk volume parameters")."""
    parameters = storage_class.root.node("parameters")
    return Disk(
        performance=derived(
            lambda kind, level: (
                _PERFORMANCE.get(level, "standard") if kind == VOLUME_TYPE else "standard"
            ),
            parameters.text("type", VOLUME_TYPE),
            parameters.text("performanceLevel", DEFAULT_LEVEL),
        ),
        encrypted=parameters.flag("encrypted"),
    )


def device_plugins(graph: Graph) -> tuple[DevicePlugin, ...]:
    """What makes GPUs known: ACK runs it on every node that has one, whatever its taints (ACK user
    guide, "Manage the GPU device plugin")."""
    anything = Toleration(key="", value="", effect="")
    return tuple(
        DevicePlugin(name=cluster.name, urn=cluster.urn, tolerations=(anything,))
        for cluster in graph.of(types.CLUSTER)
    )
