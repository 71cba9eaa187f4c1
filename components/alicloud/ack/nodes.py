"""Nodes: one node pool for each role's machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_alicloud import cs

from components.alicloud.fixed import DISK_LEVEL, DISK_TYPE
from components.alicloud.ground import Ground
from components.order import at_once
from components.roles import NodePool
from components.workloads.cluster import POOL_LABEL, taints

if TYPE_CHECKING:
    from components.alicloud.ack.control_plane import ControlPlane

IMAGE = "AliyunLinux3"
SPOT_STRATEGY = "SpotAsPriceGo"
"""Spare machines at whatever they cost at the moment, never above the price of others."""


class NodeGroup(pulumi.ComponentResource):
    """A managed node pool of ACK.

    The cluster autoscaler moves its size between the pool's bounds; machines that fail are
    repaired. Their metadata asks for a token, and pods cannot reach it at all.
    """

    scaling_group_id: pulumi.Output[str]
    """The group of machines, as Auto Scaling has it."""

    def __init__(
        self,
        name: str,
        pool: NodePool,
        control_plane: ControlPlane,
        site: Ground,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            "letta:alicloud:NodeGroup",
            name,
            {"role": pool.role, "instanceType": pool.instance_type, "spot": pool.spot},
            at_once(opts),
        )
        network = site.network
        switches = list(network.node_switches)
        group = cs.NodePool(
            name,
            node_pool_name=name,
            cluster_id=control_plane.id,
            vswitch_ids=switches[:1] if pool.one_zone or pool.close_together else switches,
            instance_types=[pool.instance_type],
            instance_charge_type="PostPaid",
            image_type=IMAGE,
            scaling_config=cs.NodePoolScalingConfigArgs(
                enable=True,
                min_size=pool.minimum,
                max_size=pool.maximum,
                type="gpu" if pool.gpus else "spot" if pool.spot else "cpu",
            ),
            scaling_policy="release",
            multi_az_policy="BALANCE",
            spot_strategy=SPOT_STRATEGY if pool.spot else "NoSpot",
            management=cs.NodePoolManagementArgs(
                enable=True,
                auto_repair=True,
                auto_repair_policy=cs.NodePoolManagementAutoRepairPolicyArgs(restart_node=True),
                auto_upgrade=False,
                auto_vul_fix=False,
                max_unavailable=1,
            ),
            system_disk_category=DISK_TYPE,
            system_disk_performance_level=DISK_LEVEL,
            system_disk_size=pool.disk_gib,
            system_disk_encrypted=True,
            system_disk_encrypt_algorithm="aes-256",
            system_disk_kms_key=site.key.id,
            security_group_ids=[network.security_group_id],
            instance_metadata_options=cs.NodePoolInstanceMetadataOptionsArgs(
                http_tokens="required"
            ),
            install_cloud_monitor=True,
            labels=[cs.NodePoolLabelArgs(key=POOL_LABEL, value=pool.role)],
            taints=[
                cs.NodePoolTaintArgs(key=each.key, value=each.value, effect=each.effect)
                for each in taints(pool)
            ],
            tags=site.place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on),
        )
        self.scaling_group_id = group.scaling_group_id
        self.register_outputs({"scalingGroupId": self.scaling_group_id})
