"""EKS clusters, and what joins their pods to the cloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from policies.facts.aws import types
from policies.facts.aws.compute import health_check
from policies.facts.graph import Graph
from policies.facts.kubernetes import objects
from policies.facts.kubernetes.services import Exposed
from policies.facts.kubernetes.storage import Disk, Performance
from policies.facts.model import ControlPlane, HealthCheck
from policies.facts.resource import Node, Resource
from policies.facts.unknown import derived

Network = IPv4Network | IPv6Network

_EVERYWHERE = ("0.0.0.0/0",)
"""Networks of a public endpoint that names none (EKS API reference, "VpcConfigRequest")."""

VOLUME_TYPE = "gp3"
"""Of a storage class that names none."""
_PERFORMANCE: Mapping[str, Performance] = {"gp3": "fast", "io1": "extreme", "io2": "extreme"}


def control_planes(graph: Graph) -> tuple[ControlPlane, ...]:
    """What steers the clusters."""
    return tuple(_control_plane(resource) for resource in graph.of(types.CLUSTER))


def _control_plane(cluster: Resource) -> ControlPlane:
    root = cluster.root
    network = root.node("vpcConfig")
    return ControlPlane(
        name=cluster.name,
        urn=cluster.urn,
        networks=derived(
            lambda public: _public_networks(network) if public else (),
            network.flag("endpointPublicAccess", default=True),
        ),
        secrets_encrypted=derived(
            lambda kinds: "secrets" in kinds and root.given("encryptionConfig.provider.keyArn"),
            root.texts("encryptionConfig.resources"),
        ),
        version=root.text("version"),
        audited=derived(lambda kinds: "audit" in kinds, root.texts("enabledClusterLogTypes")),
        deletion_protection=root.flag("deletionProtection"),
    )


def _public_networks(network: Node) -> tuple[Network, ...]:
    try:
        return derived(
            lambda texts: _joined([_range(text) for text in texts or _EVERYWHERE]),
            network.texts("publicAccessCidrs"),
        )
    except ValueError:
        return network.unreadable(  # type: ignore[no-any-return]
            "publicAccessCidrs", "list of networks"
        )


def _range(text: str) -> Network:
    return ip_network(str(text), strict=False)


def _joined(ranges: Iterable[Network]) -> tuple[Network, ...]:
    """The same addresses in as few ranges as there can be: both halves of the internet are all
    of it."""
    return (
        *collapse_addresses(each for each in ranges if isinstance(each, IPv4Network)),
        *collapse_addresses(each for each in ranges if isinstance(each, IPv6Network)),
    )


def exposed(graph: Graph) -> Exposed:
    """How the load balancer checks the pods behind a service of the cluster: by the target group
    that a binding registers them with."""

    def checks(service: Resource) -> tuple[HealthCheck, ...]:
        return tuple(
            health_check(group)
            for binding in graph.of(types.TARGET_GROUP_BINDING)
            if binding.root.text("spec.serviceRef.name") == objects.name(service)
            and objects.namespace(binding) == objects.namespace(service)
            for group in graph.referred(binding, "spec", types.TARGET_GROUP)
        )

    return checks


def disk(storage_class: Resource) -> Disk:
    """What the volumes of a storage class are (EBS CSI driver, "Parameters")."""
    parameters = storage_class.root.node("parameters")
    return Disk(
        performance=derived(
            lambda kind: _PERFORMANCE.get(kind, "standard"), parameters.text("type", VOLUME_TYPE)
        ),
        encrypted=parameters.flag("encrypted"),
    )
