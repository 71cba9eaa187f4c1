"""Services: ports, addresses and the pods behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.kubernetes import workloads
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, items, mapping

_NO_ADDRESS: Final = "None"
_DEFAULT_RANGE: Final = "172.20"


def cluster_ip(properties: Properties, cloud: KubernetesCloud) -> str | None:
    """An address of the default range of EKS; none for an ExternalName."""
    given, metadata = properties["spec"], properties["metadata"]
    if given.get("type") == "ExternalName":
        return None
    named = f"{metadata.get('namespace')}/{metadata['name']}"
    digest = hashlib.sha256(named.encode()).digest()
    return f"{_DEFAULT_RANGE}.{digest[0]}.{1 + digest[1] % 254}"


def _is_headless(object_: Mapping[str, Any]) -> bool:
    return bool(get(object_, "spec.clusterIP") == _NO_ADDRESS)


def ports(object_: Mapping[str, Any]) -> Iterator[Problem]:
    """Ports need distinct names when there are several, and numbers that exist."""
    found = items(object_, "spec.ports")
    bare = get(object_, "spec.type") == "ExternalName" or _is_headless(object_)
    if not found and not bare:
        yield Problem("spec", "spec.ports: at least one port is needed")
    names = [get(port, "name") for port in found]
    if len(found) > 1 and (None in names or len(set(names)) < len(names)):
        yield Problem("spec", "spec.ports: several ports need names, each another one")
    for index, port in enumerate(found):
        number = get(port, "port")
        if not 1 <= number <= 65535:
            yield Problem("spec", f"spec.ports[{index}].port: {number} is not in 1 to 65535")


def endpoints(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """pulumi-kubernetes waits until a Service with an address has a pod behind each port."""
    selector = mapping(object_, "spec.selector")
    if not selector or _is_headless(object_):
        return
    namespace = get(object_, "metadata.namespace")
    behind = [
        pods
        for pods in workloads.templates_in(cloud, namespace)
        if selector.items() <= pods.labels.items()
    ]
    if not any(pods.count for pods in behind):
        why = "they are scaled to none" if behind else "no pod template has these labels"
        yield Problem(
            "spec",
            f"spec.selector {selector}: Service does not target any Pods, {why}. Correct the "
            "selector; let no workload that it selects wait for this Service; or, where it shall "
            'have no pods yet, annotate it with pulumi.com/skipAwait: "true"',
        )
        return
    named = {
        get(port, "name")
        for pods in behind
        for container in items(pods.template, "spec.containers")
        for port in items(container, "ports")
    }
    for index, port in enumerate(items(object_, "spec.ports")):
        target = get(port, "targetPort")
        if isinstance(target, str) and target not in named:
            known = ", ".join(sorted(filter(None, named))) or "none"
            yield Problem(
                "spec",
                f"spec.ports[{index}].targetPort: no container behind it has a port named "
                f"{target!r}; there are {known}",
            )
