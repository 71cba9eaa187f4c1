"""Services of a cluster: names for pods, and who outside the cluster sends requests to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.kubernetes.live import gateway
from sandbox.live.reader import readers
from sandbox.live.spec import LiveError, Objects

SERVICE = "kubernetes:core/v1:Service"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"

_Spec = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A port of a Service to which a load balancer leads."""

    service: CloudObject
    port: int | str
    """Number or name."""
    group: str
    """What the load balancer calls the pods behind it."""


def hosts(objects: Objects) -> tuple[str, ...]:
    """The names of the stack's services inside its cluster."""
    return tuple(_host(item) for item in objects.all(SERVICE))


def host_of(objects: Objects, namespace: str, labels: Mapping[str, str]) -> str:
    """The name of the one service that selects pods with these labels; empty for another number."""
    found = [
        _host(item)
        for item in objects.all(SERVICE)
        if item.get("metadata")["namespace"] == namespace and selects(item, labels)
    ]
    return found[0] if len(found) == 1 else ""


def selects(service: CloudObject, labels: Mapping[str, str]) -> bool:
    """Whether pods with these labels are behind a service; one without a selector has none."""
    selector: Mapping[str, str] = service.get("spec").get("selector") or {}
    return bool(selector) and selector.items() <= labels.items()


def entries(objects: Objects) -> Iterator[Entry]:
    """Where load balancers lead to. Raises LiveError for a service that is not there."""
    for binding in objects.all(BINDING):
        spec: _Spec = binding.get("spec")
        name, port = spec["serviceRef"]["name"], spec["serviceRef"]["port"]
        yield Entry(
            service=_service(objects, binding, name), port=port, group=spec["targetGroupARN"]
        )
    for route, backend in gateway.backends(objects):
        name, port = backend["name"], backend["port"]
        yield Entry(
            service=_service(objects, route, name), port=port, group=gateway.group(route, backend)
        )
    groups = [each for reader in readers(objects) for each in reader.node_ports(objects)]
    for item in objects.all(SERVICE):
        for port in item.get("spec").get("ports") or ():
            for number, group in groups:
                if port.get("nodePort") == number:
                    yield Entry(service=item, port=port["port"], group=group)
    called = [each for reader in readers(objects) for each in reader.addresses(objects)]
    for item in objects.all(SERVICE):
        for address, number, group in called:
            if address in _fixed(item):
                yield Entry(service=item, port=number, group=group)


def target(template: _Spec, service: CloudObject, wanted: int | str) -> tuple[str, int]:
    """The container and its port behind a port of a service. Raises LiveError.

    `template`: of the pods.
    """
    for port in service.get("spec")["ports"]:
        if wanted not in (port["port"], port.get("name")):
            continue
        behind = port.get("targetPort", port["port"])
        for container in template["spec"]["containers"]:
            for offered in container.get("ports", ()):
                if behind in (offered["containerPort"], offered.get("name")):
                    return container["name"], offered["containerPort"]
    raise LiveError(f"{service.label}: no container has the port that {wanted} stands for")


def _fixed(item: CloudObject) -> tuple[str, ...]:
    """The addresses that a Service asks its cloud for: by its specification, or by an annotation
    of that cloud's own."""
    spec: _Spec = item.get("spec")
    if spec.get("type") != "LoadBalancer":
        return ()
    annotations: Mapping[str, str] = item.get("metadata").get("annotations") or {}
    return (spec.get("loadBalancerIP") or "", *annotations.values())


def _host(item: CloudObject) -> str:
    metadata: _Spec = item.get("metadata")
    return f"{metadata['name']}.{metadata['namespace']}.svc.cluster.local"


def _service(objects: Objects, item: CloudObject, name: str) -> CloudObject:
    """The service that an object names, in its own namespace."""
    wanted = (item.get("metadata")["namespace"], name)
    for service in objects.all(SERVICE):
        metadata: _Spec = service.get("metadata")
        if (metadata["namespace"], metadata["name"]) == wanted:
            return service
    raise LiveError(f"{item.label} names the service {'/'.join(wanted)}, which is not there")
