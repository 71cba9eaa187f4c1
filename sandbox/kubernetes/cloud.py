"""A cluster as the check functions see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sandbox.cloud import Cloud, CloudObject
from sandbox.kubernetes import managed
from sandbox.kubernetes.managed import Managed

RELEASE: Final = "kubernetes:helm.sh/v3:Release"
BUILT_IN_NAMESPACES: Final = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


@dataclass(frozen=True, kw_only=True)
class KubernetesCloud(Cloud):
    """The objects of one cluster, whose address is the region, and the cloud it stands in."""

    # Not kept: in Python 3.11 `cached_property` holds a lock of its own, for all instances at once,
    # and who holds the store's waits for it while its owner waits for the store.
    @property
    def found(self) -> tuple[Managed, CloudObject] | None:
        """The cluster and what its cloud tells of it; None when no cluster has that address, or
        none is known yet."""
        for kind in managed.clouds():
            address = kind.of_server(self.region)
            for cluster in self.all(kind.cluster):
                paths = filter(None, (kind.address, kind.inner_address))
                if address in map(cluster.get, paths):
                    return kind, cluster
        return None

    @property
    def managed(self) -> Managed | None:
        """What its cloud tells of the cluster; None for one that no cloud here has made."""
        found = self.found
        return found[0] if found else None

    @property
    def cluster(self) -> CloudObject | None:
        """The cluster; None as with `found`."""
        found = self.found
        return found[1] if found else None

    @property
    def stands(self) -> bool:
        """Whether the cluster is there: made as an object, or nobody's resource."""
        return "version" in self.variables or self.cluster is not None

    @property
    def version(self) -> str | None:
        """The cluster's version of Kubernetes, when it is known."""
        if "version" in self.variables:
            return self.variables["version"]
        found = self.found
        return found[0].version(found[1]) if found else None

    @property
    def default_namespace(self) -> str:
        """The namespace of objects that name none."""
        return self.variables["namespace"]

    def named(self, kind: str, namespace: str, name: str) -> CloudObject | None:
        """An object of a kind (`core/v1:Secret`); of no namespace when that is empty."""
        identity = f"{namespace}/{name}" if namespace else name
        return self.find(f"kubernetes:{kind}", "id", identity)

    def inside(self, kind: str, namespace: str) -> Iterator[CloudObject]:
        """The objects of a kind in a namespace."""
        for item in self.all(f"kubernetes:{kind}"):
            if item.get("metadata.namespace") == namespace:
                yield item

    def everything(self) -> list[CloudObject]:
        """Every object of the cluster, Helm releases among them."""
        return self.find_everything()

    def has_namespace(self, name: str) -> bool:
        """Whether the namespace exists: always, made as an object, or made by a Helm release."""
        if name in BUILT_IN_NAMESPACES or self.named("core/v1:Namespace", "", name):
            return True
        return any(
            release.get("createNamespace") is True and release.get("namespace") == name
            for release in self.releases
        )

    @property
    def releases(self) -> list[CloudObject]:
        """The Helm releases of the cluster."""
        return self.all(RELEASE)

    @property
    def nodes(self) -> list[CloudObject]:
        """The nodes of a cluster that is nobody's resource."""
        return self.all("kubernetes:core/v1:Node")

    def defines(self, group: str, kind: str) -> bool:
        """Whether somebody has installed the definition of a custom resource beforehand."""
        return any(
            one.get("spec.group") == group and one.get("spec.names.kind") == kind
            for one in self.all("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition")
        )

    def serves(self, api: str) -> bool:
        """Whether an aggregated API, `v1beta1.metrics.k8s.io`, was there beforehand."""
        return self.named("apiregistration.k8s.io/v1:APIService", "", api) is not None

    def made_secret(self, namespace: str, name: str) -> CloudObject | None:
        """The ExternalSecret that makes a Secret of that name."""
        for item in self.inside("external-secrets.io/v1:ExternalSecret", namespace):
            if (item.get("spec.target.name") or item.get("metadata.name")) == name:
                return item
        return None
