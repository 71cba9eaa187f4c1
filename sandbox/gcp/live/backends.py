"""What stands behind the load balancer: services of Cloud Run, or machines of a cluster."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import CloudObject
from sandbox.gcp.checks.links import tail
from sandbox.gcp.live.links import linked
from sandbox.live.spec import Objects

BACKEND = "gcp:compute/backendService:BackendService"
NEG = "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup"
NAMED_PORT = "gcp:compute/instanceGroupNamedPort:InstanceGroupNamedPort"
HEALTH_CHECK = "gcp:compute/healthCheck:HealthCheck"
SERVICE = "gcp:cloudrunv2/service:Service"

REQUEST_SECONDS = 300.0
"""Cloud Run API v2, RevisionTemplate, `timeout`: five minutes (recollection)."""
BACKEND_SECONDS = 30.0
"""Backend services, `timeoutSec`; it means nothing where Cloud Run is behind, which has its own."""


def service_of(objects: Objects, backend: CloudObject) -> str | None:
    """The service of Cloud Run behind a backend; None for machines."""
    for group in objects.all(NEG):
        if any(each["group"] in (group.id, group.get("selfLink")) for each in _groups(backend)):
            return str(group.get("cloudRun.service"))
    return None


def timeout_seconds(objects: Objects, way_in: CloudObject) -> float:
    """How long a request may take by way of a backend or a mapped domain."""
    name = way_in.get("spec.routeName") or service_of(objects, way_in)
    if name is None:
        return float(way_in.get("timeoutSec") or BACKEND_SECONDS)
    limit = linked(objects, SERVICE, name).get("template.timeout")
    return float(str(limit).removesuffix("s")) if limit else REQUEST_SECONDS


def node_ports(objects: Objects) -> tuple[tuple[int, str], ...]:
    """The port of a cluster's machines that a backend calls, and the backend."""
    return tuple(dict.fromkeys(_node_ports(objects)))


def _node_ports(objects: Objects) -> Iterator[tuple[int, str]]:
    for backend in objects.all(BACKEND):
        called = {tail(str(each["group"])) for each in _groups(backend)}
        for port in objects.all(NAMED_PORT):
            if (
                port.get("name") == backend.get("portName")
                and tail(str(port.get("group"))) in called
            ):
                yield int(port.get("port")), backend.id


def _groups(backend: CloudObject) -> tuple[dict[str, str], ...]:
    return tuple(backend.get("backends") or ())
