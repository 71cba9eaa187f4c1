"""What goes with a namespace."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import CloudObject, Properties
from sandbox.kubernetes.cloud import RELEASE, KubernetesCloud


def contents(properties: Properties, cloud: KubernetesCloud) -> Iterator[CloudObject]:
    """Everything in it: Kubernetes deletes it all, and with the records of its releases Helm
    forgets them."""
    name = properties["metadata"]["name"]
    for item in cloud.everything():
        path = "namespace" if item.type == RELEASE else "metadata.namespace"
        if item.get(path) == name:
            yield item
