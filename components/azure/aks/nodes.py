"""Nodes: groups of machines of a cluster, one for each role."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi_azure_native import containerservice

from components.azure import catalog
from components.azure.sizes import SYSTEM_DISK_GIB, SYSTEM_MACHINE, SYSTEM_MACHINES
from components.roles import NodePool
from components.workloads.cluster import POOL_LABEL, Toleration, taints

if TYPE_CHECKING:
    from components.azure.aks.control_plane import ControlPlane
    from components.azure.site import Site

GPU_PRESENT_LABEL = "nvidia.com/gpu.present"
"""By which the program that tells Kubernetes of GPUs finds its nodes (NVIDIA device plugin, chart
values)."""
SPOT = Toleration(key="kubernetes.azure.com/scalesetpriority", value="spot")
"""Taint that AKS gives to spare machines by itself (AKS documentation, "Add an Azure Spot node
pool")."""
SYSTEM = NodePool(
    role="system",
    instance_type=SYSTEM_MACHINE,
    initial=SYSTEM_MACHINES,
    minimum=SYSTEM_MACHINES,
    maximum=SYSTEM_MACHINES,
    disk_gib=SYSTEM_DISK_GIB,
)
"""What a cluster is made with. Such a pool never gets other machines and is never exchanged, so no
role of the stack's runs there: theirs may change."""
SYSTEM_TAINT = "CriticalAddonsOnly=true:NoSchedule"
"""Keeps all but the cluster's own pods off (AKS documentation, "Manage system node pools")."""
ANY_PRICE = -1
"""As much as other machines cost, and never more."""
ROLE_LETTERS, DIGITS = 6, 6
"""Parts of a pool's name, which has twelve letters and digits at the most."""


def short(name: str, pool: NodePool) -> str:
    """Name of a pool in Azure: the role, and digits by which pools of other machines differ, so
    that new machines are there before the old ones go."""
    seed = (name, pool.instance_type, pool.disk_gib, pool.spot, _zones(pool))
    digest = hashlib.sha256(repr(seed).encode()).hexdigest()
    return f"{pool.role[:ROLE_LETTERS]}{digest[:DIGITS]}"


def machine(pool: NodePool, site: Site) -> dict[str, Any]:
    """What is alike in the pool that a cluster is made with and in all others."""
    return {
        "type": "VirtualMachineScaleSets",
        "os_type": "Linux",
        "os_sku": "AzureLinux",
        "vm_size": pool.instance_type,
        "vnet_subnet_id": site.network.subnet("nodes"),
        "availability_zones": list(_zones(pool)),
        "enable_auto_scaling": True,
        "count": pool.initial,
        "min_count": pool.minimum,
        "max_count": pool.maximum,
        "max_pods": catalog.PODS_PER_NODE,
        "os_disk_type": "Managed",
        "os_disk_size_gb": pool.disk_gib,
        "enable_node_public_ip": False,
        "node_labels": {
            POOL_LABEL: pool.role,
            **({GPU_PRESENT_LABEL: "true"} if pool.gpus else {}),
        },
        "tags": site.place.tags,
        # GPUs for one machine more are rarely to be had.
        "upgrade_settings": containerservice.AgentPoolUpgradeSettingsArgs(
            max_surge="0" if pool.gpus else "1", max_unavailable="1" if pool.gpus else "0"
        ),
    }


def node_pool(
    parent: pulumi.Resource,
    name: str,
    pool: NodePool,
    control_plane: ControlPlane,
    site: Site,
    opts: pulumi.ResourceOptions,
) -> containerservice.AgentPool:
    """Machines of a pool, which AKS adds and takes away as pods need them."""
    return containerservice.AgentPool(
        name,
        agent_pool_name=short(name, pool),
        resource_name_=control_plane.name,
        resource_group_name=site.place.group,
        mode="User",
        node_taints=[f"{each.key}={each.value}:{each.effect}" for each in taints(pool)],
        **machine(pool, site),
        **_spare(pool),
        opts=pulumi.ResourceOptions.merge(
            pulumi.ResourceOptions(
                parent=parent,
                # The autoscaler moves it.
                ignore_changes=["count"],
                # The provider would take the old machines away first.
                delete_before_replace=False,
            ),
            opts,
        ),
    )


def _spare(pool: NodePool) -> dict[str, Any]:
    if not pool.spot:
        return {}
    return {
        "scale_set_priority": "Spot",
        "scale_set_eviction_policy": "Delete",
        "spot_max_price": ANY_PRICE,
    }


def _zones(pool: NodePool) -> tuple[str, ...]:
    return catalog.ZONES[:1] if pool.one_zone or pool.close_together else catalog.ZONES
