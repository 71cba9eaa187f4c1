"""The cluster: control plane, nodes, controllers and stores, in the order in which they need each
other.

A workload depends on all of it. So on the way down workloads go first, while the controllers that
clear up after them still run; then the nodes, then the control plane.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_azure_native import containerservice

from components.azure import alarm_tables, subnets
from components.azure.aks import alarm_tables as cluster_alarms
from components.azure.aks.control_plane import ControlPlane
from components.azure.aks.logs import keep_lines
from components.azure.aks.nodes import node_pool
from components.azure.aks.stores import VaultStore, remote_key
from components.azure.alarms import search, watch
from components.azure.fixed import VOLUMES, WIRE_SERVER
from components.roles import NodePool, SiteArgs
from components.workloads.cluster import BASE_POOL, Cluster
from components.workloads.controllers import (
    Controller,
    device_plugin,
    external_secrets,
    install,
    of_features,
)
from components.workloads.kubeconfig import connect, kubeconfig
from components.workloads.namespaces import workloads_namespace
from components.workloads.storage import StorageClass, storage_classes

if TYPE_CHECKING:
    from components.azure.site import Site

SIGN_IN = "kubelogin"
"""The program by which whoever deploys signs in, with the rights that they have in Azure."""
API_SERVERS = "6dae42f8-4368-4678-94ff-3960e28e3630"
"""Whom its tokens are for: the API servers of all clusters (AKS documentation, "Use kubelogin")."""
DISKS = "disk.csi.azure.com"


class AksCluster(pulumi.ComponentResource):
    """A Kubernetes cluster that is ready for workloads."""

    name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    issuer: pulumi.Output[str]
    """Address of whoever signs the tokens of its service accounts."""
    workloads: Cluster
    """The cluster as workloads see it."""
    base: pulumi.Resource
    """What holds the machines of the API, which are there before any workload."""

    def __init__(self, name: str, args: SiteArgs, site: Site, opts: pulumi.ResourceOptions) -> None:
        """`site`: without cluster."""
        if args.kubernetes is None:
            raise ValueError("the site's arguments hold no cluster")
        features = args.kubernetes.features
        super().__init__("letta:azure:AksCluster", name, {"features": sorted(features)}, opts)
        self._site = site
        child = pulumi.ResourceOptions(parent=self)
        self._control_plane = ControlPlane(name, args.kubernetes.control_plane, site, child)
        self.name, self.issuer = self._control_plane.name, self._control_plane.issuer
        kept = self._watch(name)
        self._below: list[pulumi.Resource] = [kept]
        self._awaited = {BASE_POOL, *args.routes}
        self.base = self.node_group(f"{name}-{args.kubernetes.pool.role}", args.kubernetes.pool)
        provider = self._connect(name)
        inside = pulumi.ResourceOptions(provider=provider)
        classes = storage_classes(self, name, self._classes(), opts=inside)
        namespace = workloads_namespace(self, name, opts=inside)
        gpus: tuple[Controller[str], ...] = (device_plugin(),) if "gpu" in features else ()
        running = install(
            self,
            name,
            (external_secrets(()), *gpus, *of_features(features)),
            _nothing_to_grant,
            pulumi.ResourceOptions(provider=provider, depends_on=[self.base, *namespace]),
        )
        vault = VaultStore(
            f"{name}-secrets",
            site,
            self.issuer,
            child,
            inside=pulumi.ResourceOptions(provider=provider, depends_on=[*namespace, *running]),
        )
        ranges = site.network.ranges
        self.workloads = Cluster(
            provider=provider,
            remote_key=remote_key,
            ready=(*namespace, self.base, kept, *classes, *running, vault.store),
            callers=(ranges.gateway,),
            stores=(ranges.database, ranges.endpoints),
            private=(site.network.cidr, subnets.PODS_CIDR, subnets.SERVICES_CIDR, WIRE_SERVER),
        )
        self.register_outputs({"name": self.name})

    def node_group(
        self, name: str, pool: NodePool, opts: pulumi.ResourceOptions | None = None
    ) -> containerservice.AgentPool:
        """Machines of a role's own."""
        made = node_pool(
            self, name, pool, self._control_plane, self._site, opts or pulumi.ResourceOptions()
        )
        self._below.append(made)
        return made

    def serves(self, role: str) -> None:
        """Tell that a tier has its machines. Those of models are made before: with the last tier
        all machines are known, and the cluster is locked."""
        self._awaited.remove(role)
        if not self._awaited:
            self._control_plane.lock(self._below)

    def _classes(self) -> dict[str, StorageClass]:
        return {
            name: StorageClass(
                provisioner=DISKS,
                parameters={
                    **volume,
                    "csi.storage.k8s.io/fstype": "ext4",
                    "diskEncryptionSetID": self._control_plane.disk_key,
                },
            )
            for name, volume in VOLUMES.items()
        }

    def _watch(self, name: str) -> pulumi.Resource:
        """Keep what pods and the cluster itself print, and tell what goes wrong."""
        site, plane = self._site, self._control_plane
        kept = keep_lines(self, name, plane.id, site)
        watch(self, name, cluster_alarms.cluster(), plane.id, site.place, site.alerts.group)
        search(
            self,
            name,
            alarm_tables.redis_lost(cluster_alarms.LINES),
            site.logs.workspace,
            site.place,
            site.alerts.group,
        )
        return kept

    def _connect(self, name: str) -> pulumi.ProviderResource:
        plane = self._control_plane
        return connect(
            name,
            self.name,
            kubeconfig(
                "aks",
                server=pulumi.Output.concat("https://", plane.cluster.fqdn, ":443"),
                certificate=plane.certificate(),
                command=SIGN_IN,
                arguments=["get-token", "--login", "azurecli", "--server-id", API_SERVERS],
                further={"provideClusterInfo": False},
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[plane.cluster]),
        )


def _nothing_to_grant(name: str, controller: Controller[str]) -> pulumi.Resource:
    raise ValueError(f"{name}: {controller.chart.name} has no business in the cloud")
