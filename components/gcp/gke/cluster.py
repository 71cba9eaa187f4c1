"""The cluster: control plane, nodes, controllers and stores, in the order in which they need each
other.

A workload depends on all of it. So on the way down workloads go first, while the controllers that
clear up after them still run; then the controllers, then the nodes, then the control plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi
from pulumi_gcp import compute, container

from components.gcp import alarm_tables
from components.gcp.alarms import raise_alarms
from components.gcp.gke import alarm_tables as cluster_alarms
from components.gcp.gke.control_plane import ControlPlane
from components.gcp.gke.identity import pod_member
from components.gcp.gke.logs import lines_of_pods, lines_of_system
from components.gcp.gke.nodes import NodeIdentity, node_pool
from components.gcp.gke.storage import disk_classes
from components.gcp.gke.stores import google_store, remote_keys
from components.gcp.load_balancer import CALLERS
from components.gcp.log_streams import APPLICATION, SYSTEM
from components.gcp.logs import count_lines
from components.offer import Feature
from components.roles import NodePool, SiteArgs
from components.workloads.cluster import Cluster
from components.workloads.controllers import Controller, external_secrets, install, of_features
from components.workloads.kubeconfig import connect, kubeconfig
from components.workloads.namespaces import workloads_namespace
from components.workloads.storage import storage_classes

if TYPE_CHECKING:
    from components.gcp.site import Site


CALLED_PORTS: Mapping[Feature, tuple[int, ...]] = {
    "queue_scaling": (6443, 9443),
    "multi_node": (9443,),
}
"""Feature -> ports at which the control plane calls its controller: of metrics and of webhooks
(charts `keda` and `lws`). Without a rule it reaches 443 and 10250 of nodes and pods alone (GKE
documentation, "Add firewall rules for specific use cases")."""


class GkeCluster(pulumi.ComponentResource):
    """A Kubernetes cluster that is ready for workloads."""

    name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    workloads: Cluster
    """The cluster as workloads see it."""
    zones: tuple[str, ...]
    """Zones that its machines stand in."""
    base: container.NodePool
    """The machines of the API, which are there before any workload."""

    def __init__(
        self, name: str, args: SiteArgs, site: Site, base: str, opts: pulumi.ResourceOptions
    ) -> None:
        """`site`: without cluster. `base`: beginning of the names of all of the stack."""
        if args.kubernetes is None:
            raise ValueError("the site's arguments hold no cluster")
        super().__init__(
            "letta:gcp:GkeCluster", name, {"features": sorted(args.kubernetes.features)}, opts
        )
        self._site = site
        child = pulumi.ResourceOptions(parent=self)
        self._control_plane = ControlPlane(name, args.kubernetes.control_plane, site, child)
        self.name = self._control_plane.name
        self.zones = self._control_plane.zones
        self._identity = NodeIdentity(f"{base}-node", site, child)
        self.base = self.node_group(f"{name}-{args.kubernetes.pool.role}", args.kubernetes.pool)
        self._watch(name)
        provider = self._connect(name)
        inside = pulumi.ResourceOptions(provider=provider)
        settled = pulumi.ResourceOptions(
            provider=provider,
            depends_on=[self.base, *self._admit_control_plane(name, args.kubernetes.features)],
        )
        self._control_plane.administrators(name, settled)
        classes = storage_classes(self, name, disk_classes(site.secrets.key), opts=inside)
        namespace = workloads_namespace(self, name, opts=inside)
        account = f"external-secrets-{base}"
        operator: Controller[str] = external_secrets((), account=account)
        rights = site.secrets.read_by(
            self,
            name,
            pod_member(site.place, operator.namespace, account),
            # Its pool is the project's, and comes with the first cluster.
            [self._control_plane.cluster],
        )
        running = install(
            self,
            name,
            (operator, *of_features(args.kubernetes.features)),
            lambda _label, controller: _no_rights(controller),
            pulumi.ResourceOptions.merge(
                settled, pulumi.ResourceOptions(depends_on=[*namespace, *rights])
            ),
        )
        store = google_store(
            self,
            name,
            site.place,
            pulumi.ResourceOptions(provider=provider, depends_on=running),
        )
        network = site.network
        self.workloads = Cluster(
            provider=provider,
            remote_key=remote_keys(site.place),
            ready=(*namespace, self.base, *classes, *running, store),
            callers=CALLERS,
            stores=(network.peered_cidr,),
            private=(*network.private_ranges(), network.control_plane_cidr),
        )
        raise_alarms(self, name, cluster_alarms.nodes(self.name), site.alerts.channels)
        self.register_outputs({"name": self.name})

    def node_group(
        self, name: str, pool: NodePool, opts: pulumi.ResourceOptions | None = None
    ) -> container.NodePool:
        """Machines of a role's own."""
        return node_pool(
            self,
            name,
            pool,
            self._control_plane,
            self._identity,
            self._site,
            opts or pulumi.ResourceOptions(),
        )

    def _admit_control_plane(
        self, name: str, features: frozenset[Feature]
    ) -> list[pulumi.Resource]:
        ports = sorted({port for feature in features for port in CALLED_PORTS.get(feature, ())})
        if not ports:
            return []
        network = self._site.network
        return [
            compute.Firewall(
                f"{name}-calls",
                network=network.path,
                direction="INGRESS",
                source_ranges=[network.control_plane_cidr],
                destination_ranges=[network.cluster.pods],
                allows=[
                    compute.FirewallAllowArgs(protocol="tcp", ports=[str(port) for port in ports])
                ],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[network.servers]),
            )
        ]

    def _watch(self, name: str) -> None:
        """Keep what pods and the cluster itself print (requirement O2)."""
        logs = self._site.logs
        pods = lines_of_pods(self.name)
        logs.stream(self, f"{name}-{APPLICATION}", pods)
        logs.stream(self, f"{name}-{SYSTEM}", lines_of_system(self.name))
        metric = count_lines(self, f"{name}-redis", pods, alarm_tables.REDIS_WARNING)
        raise_alarms(
            self,
            f"{name}-{APPLICATION}",
            [cluster_alarms.redis_lost(metric)],
            self._site.alerts.channels,
            after=[self.base],
        )

    def _connect(self, name: str) -> pulumi.ProviderResource:
        cluster = self._control_plane.cluster
        return connect(
            name,
            self.name,
            kubeconfig(
                "gke",
                server=pulumi.Output.concat("https://", cluster.endpoint),
                certificate=cluster.master_auth.cluster_ca_certificate.apply(str),
                command="gke-gcloud-auth-plugin",
                further={"provideClusterInfo": True},
            ),
            pulumi.ResourceOptions(parent=self, depends_on=[cluster]),
        )


def _no_rights(controller: Controller[str]) -> pulumi.Resource:
    raise ValueError(f"{controller.chart.name}: rights on Google Cloud are given by member")
