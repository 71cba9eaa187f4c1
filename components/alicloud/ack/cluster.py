"""The cluster: control plane, machines, autoscaler, controllers and stores, in the order in which
they need each other.

A workload depends on all of it. So on the way down workloads go first, while what clears up after
them still runs; then the machines, then the control plane, then the network.
"""

from __future__ import annotations

import pulumi
from pulumi_alicloud import cs

from components.alicloud import alarm_tables
from components.alicloud.ack.control_plane import ControlPlane
from components.alicloud.ack.nodes import NodeGroup
from components.alicloud.ack.volumes import PROVISIONER, VOLUMES
from components.alicloud.alerts import raise_alarms
from components.alicloud.fixed import METADATA
from components.alicloud.ground import Ground
from components.roles import NodePool, SiteArgs
from components.workloads.cluster import Cluster
from components.workloads.controllers import Controller, install, of_features
from components.workloads.kubeconfig import connect, kubeconfig
from components.workloads.namespaces import workloads_namespace
from components.workloads.servers import GRACE_SECONDS
from components.workloads.storage import StorageClass, storage_classes

SIGN_IN = "ack-ram-tool"
"""The program by which whoever deploys signs in, with the rights that they have by RAM."""


class AckCluster(pulumi.ComponentResource):
    """A Kubernetes cluster that is ready for workloads."""

    name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    id: pulumi.Output[str]
    workloads: Cluster
    """The cluster as workloads see it."""
    namespace: tuple[pulumi.Resource, ...]
    """The namespace of the stack's workloads, closed to the network."""
    base: NodeGroup
    """The pool that is there before all others."""

    def __init__(
        self, name: str, args: SiteArgs, site: Ground, opts: pulumi.ResourceOptions
    ) -> None:
        """`site`: without cluster."""
        if args.kubernetes is None:
            raise ValueError("the site's arguments hold no cluster; the settings refuse this")
        features = args.kubernetes.features
        super().__init__("letta:alicloud:AckCluster", name, {"features": sorted(features)}, opts)
        self._site = site
        child = pulumi.ResourceOptions(parent=self)
        self._control_plane = ControlPlane(name, args.kubernetes.control_plane, site, child)
        self.name, self.id = self._control_plane.name, self._control_plane.id
        pool = args.kubernetes.pool
        nodes = self.base = self.node_group(f"{name}-{pool.role}", pool, child)
        scaler = self._autoscaler(name, nodes)
        provider = self._connect(name)
        inside = pulumi.ResourceOptions(provider=provider)
        classes = storage_classes(self, name, self._classes(), opts=inside)
        self.namespace = workloads_namespace(self, name, opts=inside)
        running = install(
            self,
            name,
            of_features(features),
            _nothing_to_grant,
            pulumi.ResourceOptions(provider=provider, depends_on=[nodes, scaler, *self.namespace]),
        )
        network = site.network
        self.workloads = Cluster(
            provider=provider,
            remote_key=None,
            ready=(*self.namespace, nodes, scaler, *classes, *running),
            callers=network.node_cidrs,
            stores=network.store_cidrs,
            private=(network.cidr, self._control_plane.services, METADATA),
        )
        site.logs.collect(self, self.id)
        raise_alarms(self, name, alarm_tables.cluster(self.id), site.alerts, site.place)
        self.register_outputs({"name": self.name})

    def node_group(self, name: str, pool: NodePool, opts: pulumi.ResourceOptions) -> NodeGroup:
        """Machines of a role's own."""
        return NodeGroup(name, pool, self._control_plane, self._site, opts)

    def _autoscaler(self, name: str, nodes: pulumi.Resource) -> cs.AutoscalingConfig:
        return cs.AutoscalingConfig(
            name,
            cluster_id=self.id,
            scaler_type="cluster-autoscaler",
            expander="least-waste",
            scale_down_enabled=True,
            scale_up_from_zero=True,
            # Every pod of ours has an `emptyDir`, and none keeps anything in it.
            skip_nodes_with_local_storage=False,
            skip_nodes_with_system_pods=False,
            max_graceful_termination_sec=GRACE_SECONDS,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[nodes]),
        )

    def _classes(self) -> dict[str, StorageClass]:
        return {
            name: StorageClass(
                provisioner=PROVISIONER,
                parameters={
                    **volume,
                    "csi.storage.k8s.io/fstype": "ext4",
                    "encrypted": "true",
                    "kmsKeyId": self._site.key.id,
                },
            )
            for name, volume in VOLUMES.items()
        }

    def _connect(self, name: str) -> pulumi.ProviderResource:
        plane = self._control_plane
        server = plane.cluster.connections.apply(lambda found: str(found[0]["api_server_intranet"]))
        text = kubeconfig(
            "ack",
            server=server,
            certificate=plane.certificate(),
            command=SIGN_IN,
            arguments=[
                *("credential-plugin", "get-credential"),
                *("--cluster-id", self.id),
                *("--api-version", "v1"),
                *("--expiration", "3h"),
                *("--log-level", "error"),
            ],
        )
        return connect(
            name,
            self.name,
            text,
            pulumi.ResourceOptions(parent=self, depends_on=list(plane.access)),
        )


def _nothing_to_grant(name: str, controller: Controller[str]) -> pulumi.Resource:
    raise ValueError(f"{name}: {controller.chart.name} has no business in the cloud")
