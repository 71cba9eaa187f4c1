"""EKS clusters, and what joins their pods to the cloud."""

from __future__ import annotations

from collections.abc import Mapping

from policies.facts.aws import types
from policies.facts.aws.compute import health_check
from policies.facts.graph import Graph
from policies.facts.kubernetes import objects
from policies.facts.kubernetes.services import Exposed
from policies.facts.kubernetes.storage import Disk, Performance
from policies.facts.model import ControlPlane, HealthCheck
from policies.facts.resource import Resource
from policies.facts.unknown import derived

_EVERYWHERE = ("0.0.0.0/0",)
"""Networks of a public endpoint that names none (EKS API reference, "VpcConfigRequest")."""

_VOLUME_TYPE = "gp3"
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
            lambda public, ranges: (ranges or _EVERYWHERE) if public else (),
            network.flag("endpointPublicAccess", default=True),
            network.texts("publicAccessCidrs"),
        ),
        secrets_encrypted=derived(
            lambda kinds: "secrets" in kinds and root.given("encryptionConfig.provider.keyArn"),
            root.texts("encryptionConfig.resources"),
        ),
        version=root.text("version"),
        audited=derived(lambda kinds: "audit" in kinds, root.texts("enabledClusterLogTypes")),
        deletion_protection=root.flag("deletionProtection"),
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
            lambda kind: _PERFORMANCE.get(kind, "standard"), parameters.text("type", _VOLUME_TYPE)
        ),
        encrypted=parameters.flag("encrypted"),
    )
