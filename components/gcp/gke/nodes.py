"""Nodes: groups of machines of a cluster, one for each role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_gcp import container, projects, serviceaccount

from components.gcp import catalog
from components.gcp.fixed import NODE_DISK_TYPE, PODS_PER_NODE
from components.gcp.gke.zones import initial_per_zone, zones_of
from components.roles import NodePool
from components.workloads.cluster import GPU_TAINT, POOL_LABEL, taints

if TYPE_CHECKING:
    from components.gcp.gke.control_plane import ControlPlane
    from components.gcp.site import Site

NODE_ROLE = "roles/container.defaultNodeServiceAccount"
"""What the kubelet and its agents do: write logs and measures, pull images (GKE documentation,
"Use a least privilege service account")."""
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
"""Scopes are no bound where rights are given to an account; this is the widest, as Google
advises."""
IMAGE = "COS_CONTAINERD"
DRIVER = "LATEST"
"""Driver of GPUs, which GKE itself installs, with the program that tells Kubernetes of them."""
SHORT = {"-standard-": "s", "-highgpu-": "h", "-ultragpu-": "u", "-megagpu-": "m"}
"""Words of machine types as they stand in names: that of a pool has 40 characters at the most."""


class NodeIdentity(pulumi.ComponentResource):
    """The service account of all nodes: no pod can get at it."""

    email: pulumi.Output[str]
    """The account's address, known at preview."""
    ready: tuple[pulumi.Resource, ...]
    """What has to be there before a node starts."""

    def __init__(self, name: str, site: Site, opts: pulumi.ResourceOptions) -> None:
        super().__init__("letta:gcp:NodeIdentity", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        place = site.place
        account = serviceaccount.Account(
            name,
            account_id=pulumi.Output.concat(name, "-", site.network.suffix),
            display_name=f"Nodes of {name}",
            opts=child,
        )
        self.email = account.account_id.apply(place.account)
        member = projects.IAMMember(
            name,
            project=place.project,
            role=NODE_ROLE,
            member=pulumi.Output.concat("serviceAccount:", self.email),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account]),
        )
        self.ready = (account, member)
        self.register_outputs({"email": self.email})


def short(name: str) -> str:
    """A name in which machine types are shortened."""
    for word, letter in SHORT.items():
        name = name.replace(word, letter)
    return name


def node_pool(
    parent: pulumi.Resource,
    name: str,
    pool: NodePool,
    control_plane: ControlPlane,
    identity: NodeIdentity,
    site: Site,
    opts: pulumi.ResourceOptions,
) -> container.NodePool:
    """Machines of a pool, which GKE adds and takes away as pods need them."""
    return container.NodePool(
        short(name),
        cluster=control_plane.name,
        location=site.place.region,
        node_locations=list(control_plane.zones[: zones_of(pool)]),
        initial_node_count=initial_per_zone(pool),
        max_pods_per_node=PODS_PER_NODE,
        autoscaling=container.NodePoolAutoscalingArgs(
            total_min_node_count=pool.minimum,
            total_max_node_count=pool.maximum,
            # GPUs and spare machines are where there are any.
            location_policy="ANY" if pool.spot or pool.gpus else "BALANCED",
        ),
        management=container.NodePoolManagementArgs(auto_repair=True, auto_upgrade=True),
        upgrade_settings=container.NodePoolUpgradeSettingsArgs(
            strategy="SURGE",
            # GPUs for one machine more are rarely to be had.
            max_surge=0 if pool.gpus else 1,
            max_unavailable=1 if pool.gpus else 0,
        ),
        placement_policy=container.NodePoolPlacementPolicyArgs(type="COMPACT")
        if pool.close_together
        else None,
        node_config=_machine(pool, identity, site),
        opts=pulumi.ResourceOptions.merge(
            pulumi.ResourceOptions(
                parent=parent,
                depends_on=[control_plane.cluster, *identity.ready],
                # Another number of first machines would be another pool.
                ignore_changes=["initialNodeCount"],
            ),
            opts,
        ),
    )


def _machine(
    pool: NodePool, identity: NodeIdentity, site: Site
) -> container.NodePoolNodeConfigArgs:
    kind = catalog.machine_type(pool.instance_type)
    return container.NodePoolNodeConfigArgs(
        machine_type=kind.machine_type,
        image_type=IMAGE,
        disk_size_gb=pool.disk_gib,
        disk_type=NODE_DISK_TYPE,
        boot_disk_kms_key=site.secrets.key,
        service_account=identity.email,
        oauth_scopes=[SCOPE],
        spot=pool.spot,
        labels={POOL_LABEL: pool.role},
        # GKE itself sets the taint of machines with GPUs.
        taints=[
            container.NodePoolNodeConfigTaintArgs(
                key=each.key, value=each.value, effect="NO_SCHEDULE"
            )
            for each in taints(pool)
            if each.key != GPU_TAINT
        ],
        guest_accelerators=[
            container.NodePoolNodeConfigGuestAcceleratorArgs(
                type=kind.accelerator,
                count=kind.gpus,
                gpu_driver_installation_config=container.NodePoolNodeConfigGuestAcceleratorGpuDriverInstallationConfigArgs(
                    gpu_driver_version=DRIVER
                ),
            )
        ]
        if pool.gpus
        else None,
        shielded_instance_config=container.NodePoolNodeConfigShieldedInstanceConfigArgs(
            # The driver of a GPU is not signed.
            enable_secure_boot=not pool.gpus,
            enable_integrity_monitoring=True,
        ),
        # Pods get the rights of their own service account from it, and never the node's.
        workload_metadata_config=container.NodePoolNodeConfigWorkloadMetadataConfigArgs(
            mode="GKE_METADATA"
        ),
        kubelet_config=container.NodePoolNodeConfigKubeletConfigArgs(
            insecure_kubelet_readonly_port_enabled="FALSE"
        ),
        resource_labels=dict(site.place.labels),
    )
