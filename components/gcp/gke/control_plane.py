"""Control plane: the GKE cluster itself, who administers it, and its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_gcp import container, projects
from pulumi_kubernetes import meta, rbac

from components.args import ControlPlaneArgs
from components.gcp import catalog
from components.gcp.gke.identity import pool
from components.gcp.gke.zones import ZONES
from components.gcp.network import PODS, SERVICES

if TYPE_CHECKING:
    from components.gcp.site import Site

CHANNEL = "REGULAR"
"""Release channel: versions that have been in the first channel for months."""
LOGGED = (
    "SYSTEM_COMPONENTS",
    "WORKLOADS",
    "APISERVER",
    "CONTROLLER_MANAGER",
    "SCHEDULER",
)
"""Whose lines go to Cloud Logging. Who asked for what is in the audit logs, which are always on."""
MEASURED = ("SYSTEM_COMPONENTS",)
"""What Cloud Monitoring measures: nodes, pods and containers, for nothing; other measures are
billed by the sample."""
MAINTENANCE_START = "04:00"
"""When Google may upgrade, UTC; it takes up to four hours."""
ADMIN = "cluster-admin"
VIEW = "roles/container.clusterViewer"
"""What an administrator needs of Google to get at the cluster."""


class ControlPlane(pulumi.ComponentResource):
    """A GKE cluster without nodes.

    Whoever deploys administers it by rights on the project (`roles/container.admin`). Nodes have
    private addresses alone. The control plane has a public address for the networks that the stack
    file names; without any it has none.
    """

    name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    cluster: container.Cluster
    """The cluster."""
    zones: tuple[str, ...]
    """Zones that nodes stand in."""

    def __init__(
        self, name: str, args: ControlPlaneArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:gcp:ControlPlane",
            name,
            {"version": args.version, "allowedCidrs": list(args.allowed_cidrs)},
            opts,
        )
        place, network = site.place, site.network
        self.zones = catalog.zones(place.region)[:ZONES]
        self.cluster = container.Cluster(
            name,
            location=place.region,
            node_locations=list(self.zones),
            network=network.path,
            subnetwork=network.subnet.apply(
                lambda named: place.path(f"regions/{place.region}/subnetworks/{named}")
            ),
            networking_mode="VPC_NATIVE",
            ip_allocation_policy=container.ClusterIpAllocationPolicyArgs(
                cluster_secondary_range_name=PODS, services_secondary_range_name=SERVICES
            ),
            private_cluster_config=container.ClusterPrivateClusterConfigArgs(
                enable_private_nodes=True,
                enable_private_endpoint=not args.allowed_cidrs,
                master_ipv4_cidr_block=network.control_plane_cidr,
            ),
            master_authorized_networks_config=container.ClusterMasterAuthorizedNetworksConfigArgs(
                cidr_blocks=[
                    container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(cidr_block=cidr)
                    for cidr in args.allowed_cidrs
                ],
                # Else every machine of Google's customers with a public address is let in.
                gcp_public_cidrs_access_enabled=False,
            ),
            # A cluster is never without nodes when it is made; those are taken away at once.
            initial_node_count=1,
            remove_default_node_pool=True,
            release_channel=container.ClusterReleaseChannelArgs(channel=CHANNEL),
            min_master_version=args.version,
            maintenance_policy=container.ClusterMaintenancePolicyArgs(
                daily_maintenance_window=container.ClusterMaintenancePolicyDailyMaintenanceWindowArgs(
                    start_time=MAINTENANCE_START
                )
            ),
            workload_identity_config=container.ClusterWorkloadIdentityConfigArgs(
                workload_pool=pool(place)
            ),
            database_encryption=container.ClusterDatabaseEncryptionArgs(
                state="ENCRYPTED", key_name=site.secrets.key
            ),
            # Dataplane V2, which enforces network policies by itself.
            datapath_provider="ADVANCED_DATAPATH",
            addons_config=container.ClusterAddonsConfigArgs(
                # The load balancer is the stack's own: nothing in the cluster makes another.
                http_load_balancing=container.ClusterAddonsConfigHttpLoadBalancingArgs(
                    disabled=True
                ),
                # A namespace's policies let pods ask the DNS pods, and no cache beside.
                dns_cache_config=container.ClusterAddonsConfigDnsCacheConfigArgs(enabled=False),
                gce_persistent_disk_csi_driver_config=container.ClusterAddonsConfigGcePersistentDiskCsiDriverConfigArgs(
                    enabled=True
                ),
            ),
            logging_config=container.ClusterLoggingConfigArgs(enable_components=list(LOGGED)),
            monitoring_config=container.ClusterMonitoringConfigArgs(
                enable_components=list(MEASURED),
                # It is billed by the sample.
                managed_prometheus=container.ClusterMonitoringConfigManagedPrometheusArgs(
                    enabled=False
                ),
            ),
            deletion_protection=args.deletion_protection,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[network.servers, *site.secrets.ready],
                # The channel moves it on.
                ignore_changes=["nodeVersion"],
            ),
        )
        self.name = self.cluster.name
        self._admins = args.admins
        self._place = place
        self.register_outputs({"name": self.name})

    def administrators(self, name: str, opts: pulumi.ResourceOptions) -> None:
        """Whom the stack file names besides whoever deploys. `opts`: the cluster's provider, and
        what to wait for."""
        for number, member in enumerate(self._admins):
            _, _, email = member.partition(":")
            projects.IAMMember(
                f"{name}-admin-{number + 1}",
                project=self._place.project,
                role=VIEW,
                member=member,
                opts=pulumi.ResourceOptions(parent=self),
            )
            rbac.v1.ClusterRoleBinding(
                f"{name}-admin-{number + 1}",
                metadata=meta.v1.ObjectMetaArgs(name=f"admin-{number + 1}"),
                role_ref=rbac.v1.RoleRefArgs(
                    api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=ADMIN
                ),
                subjects=[
                    rbac.v1.SubjectArgs(
                        api_group="rbac.authorization.k8s.io", kind="User", name=email
                    )
                ],
                opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self), opts),
            )
