"""The cluster: control plane, nodes, add-ons, controllers and stores, in the order in which they
need each other.

A workload depends on all of it. So on the way down workloads go first, while the controllers that
clear up after them still run; then the controllers, then the nodes, then the network plug-in, then
the control plane: no network interface or volume is left behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.aws.alarms import raise_alarms
from components.aws.eks import alarm_tables
from components.aws.eks.addons import cluster_addons, node_addons
from components.aws.eks.control_plane import ControlPlane
from components.aws.eks.controllers import Readable, controllers, install
from components.aws.eks.nodes import NodeGroup, node_role
from components.aws.eks.storage import ebs_classes
from components.aws.eks.stores import remote_keys, secret_stores
from components.roles import NodePool, SiteArgs
from components.workloads.cluster import Cluster
from components.workloads.kubeconfig import connect, kubeconfig
from components.workloads.namespaces import workloads_namespace
from components.workloads.storage import storage_classes

if TYPE_CHECKING:
    from components.aws.ground import Ground

READINESS_GATES = {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"}
"""A new pod counts as ready once the load balancer finds it healthy, so an update waits for that
(AWS Load Balancer Controller, "Pod readiness gate")."""


class EksCluster(pulumi.ComponentResource):
    """A Kubernetes cluster that is ready for workloads."""

    name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    workloads: Cluster
    """The cluster as workloads see it."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        site: Ground,
        opts: pulumi.ResourceOptions,
        *,
        secret_prefix: str,
    ) -> None:
        """`site`: without cluster. `secret_prefix`: what the names of the stack's secrets and
        parameters begin with."""
        if args.kubernetes is None:
            raise ValueError("the site's arguments hold no cluster")
        super().__init__(
            "letta:aws:EksCluster", name, {"features": sorted(args.kubernetes.features)}, opts
        )
        self._site = site
        child = pulumi.ResourceOptions(parent=self)
        self._control_plane = ControlPlane(name, args.kubernetes.control_plane, site, child)
        self.name = self._control_plane.name
        self._role = node_role(self, f"{name}-node", site)
        self._before_nodes = node_addons(self, name, self._control_plane, site)
        nodes = self.node_group(f"{name}-{args.kubernetes.pool.role}", args.kubernetes.pool, child)
        addons = cluster_addons(self, name, self._control_plane, site, nodes)
        self._provider = self._connect(name)
        inside = pulumi.ResourceOptions(provider=self._provider)
        settled = pulumi.ResourceOptions(provider=self._provider, depends_on=[nodes, *addons])
        classes = storage_classes(self, name, ebs_classes(site), opts=inside)
        namespace = workloads_namespace(self, name, extra_labels=READINESS_GATES, opts=inside)
        readable = Readable(
            prefix=secret_prefix,
            existing=tuple(
                site.references[variable].readable for variable in sorted(args.existing_secrets)
            ),
        )
        running = install(
            self,
            name,
            controllers(self._control_plane, site, readable, args.kubernetes.features),
            self._control_plane,
            site,
            pulumi.ResourceOptions.merge(
                settled, pulumi.ResourceOptions(depends_on=list(namespace))
            ),
        )
        stores = secret_stores(
            self,
            name,
            site.place,
            pulumi.ResourceOptions(provider=self._provider, depends_on=running),
        )
        network = site.network
        self.workloads = Cluster(
            provider=self._provider,
            remote_key=remote_keys(site.place),
            ready=(*namespace, nodes, *addons, *classes, *running, *stores),
            callers=network.public_cidrs,
            stores=network.database_cidrs,
            private=(network.cidr, self._control_plane.services),
        )
        raise_alarms(self, name, alarm_tables.nodes(self.name), site.alerts.topic_arn)
        self.register_outputs({"name": self.name})

    def node_group(
        self, name: str, pool: NodePool, opts: pulumi.ResourceOptions
    ) -> pulumi.Resource:
        """Machines of a role's own. They wait for the control plane and for what runs on every
        node, and for no workload."""
        return NodeGroup(
            name,
            pool,
            self._control_plane,
            self._role,
            self._site,
            pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(depends_on=self._before_nodes)
            ),
        )

    def _connect(self, name: str) -> pulumi.ProviderResource:
        cluster = self._control_plane.cluster
        return connect(
            name,
            self.name,
            kubeconfig(
                "eks",
                server=cluster.endpoint,
                certificate=cluster.certificate_authority.data,
                command="aws",
                arguments=[
                    *("eks", "get-token"),
                    *("--cluster-name", self.name),
                    *("--region", self._site.region),
                    *("--output", "json"),
                ],
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(self._control_plane.access)),
        )
