"""Nodes: one managed node group for each role's pool of machines."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import ec2, eks

from components.aws import catalog
from components.aws.fixed import DISK_TYPE
from components.aws.ground import SITE_TAG
from components.aws.iam import Role, service_role, trust
from components.order import at_once
from components.roles import NodePool
from components.workloads.cluster import POOL_LABEL, taints

if TYPE_CHECKING:
    from components.aws.eks.control_plane import ControlPlane
    from components.aws.ground import Ground

NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
"""AWS's own policies for the kubelet and its image pulls. What the network plug-in may do is its
pods' alone."""
SERVER_ROLES = frozenset({"api", "worker"})
"""Roles whose nodes are in the group `server`; the others are in `model`."""
ROOT_DEVICE = "/dev/xvda"
SPOT_TYPES = 10
"""Most instance types that a pool of spare capacity draws from."""
GPU_PRESENT_LABEL = "nvidia.com/gpu.present"
"""By this label the NVIDIA device plugin's chart finds its nodes."""
ACCELERATOR_LABEL = "k8s.amazonaws.com/accelerator"
"""By this label the cluster autoscaler knows that GPUs will turn up on a new node, and waits
instead of adding another (its documentation on AWS, "Special note on GPU instances")."""
STORAGE_TAG = "k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage"
"""Tells the autoscaler of a group without nodes how much room the pods of a node get. Labels and
taints it reads from the group itself, GPUs from the instance type (cluster autoscaler 1.35,
`cloudprovider/aws/aws_manager.go`)."""

_AMI_TYPES = {
    ("x86_64", False): "AL2023_x86_64_STANDARD",
    ("arm64", False): "AL2023_ARM_64_STANDARD",
    ("x86_64", True): "AL2023_x86_64_NVIDIA",
    ("arm64", True): "AL2023_ARM_64_NVIDIA",
}
_BOUNDARY = "letta-node"
_LOCAL_STORAGE = "\n".join(
    (
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"',
        "",
        f"--{_BOUNDARY}",
        "Content-Type: application/node.eks.aws",
        "",
        "apiVersion: node.eks.aws/v1alpha1",
        "kind: NodeConfig",
        "spec:",
        "  instance:",
        "    localStorage:",
        "      strategy: RAID0",
        "",
        f"--{_BOUNDARY}--",
        "",
    )
)
"""Node configuration that EKS merges with its own: the instance's disks become one, and kubelet
and containerd keep their files there (nodeadm's API reference, "LocalStorageOptions")."""


def node_role(parent: pulumi.Resource, name: str, site: Ground) -> Role:
    """The role of all nodes."""
    return service_role(parent, name, site.place, trust("ec2.amazonaws.com"), NODE_POLICIES)


class NodeGroup(pulumi.ComponentResource):
    """A managed node group with its launch template.

    The cluster autoscaler moves its size between the pool's bounds; nodes that fail are replaced,
    and new images and versions are rolled out node by node, as disruption budgets allow.
    """

    group: eks.NodeGroup
    """The node group."""

    def __init__(
        self,
        name: str,
        pool: NodePool,
        control_plane: ControlPlane,
        role: Role,
        site: Ground,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """The group's nodes start after `opts.depends_on`: without network plug-in they would
        never be ready."""
        super().__init__(
            "letta:aws:NodeGroup",
            name,
            {"role": pool.role, "instanceType": pool.instance_type, "spot": pool.spot},
            at_once(opts),
        )
        self._name, self._pool, self._site = name, pool, site
        self._child = pulumi.ResourceOptions(parent=self)
        machine = catalog.instance_type(pool.instance_type)
        types, subnet_ids = self._places()
        template = self._template(control_plane)
        self.group = eks.NodeGroup(
            name,
            cluster_name=control_plane.cluster.name,
            version=control_plane.cluster.version,
            node_role_arn=role.arn,
            subnet_ids=list(subnet_ids),
            ami_type=_AMI_TYPES[machine.architecture, bool(pool.gpus)],
            capacity_type="SPOT" if pool.spot else "ON_DEMAND",
            instance_types=list(types),
            launch_template=eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=eks.NodeGroupScalingConfigArgs(
                desired_size=pool.initial, min_size=pool.minimum, max_size=pool.maximum
            ),
            update_config=eks.NodeGroupUpdateConfigArgs(
                max_unavailable=1,
                # A second set of GPUs is rarely to be had: the old node goes first.
                update_strategy="MINIMAL" if pool.gpus else "DEFAULT",
            ),
            node_repair_config=eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            labels=_labels(pool, machine),
            taints=[
                eks.NodeGroupTaintArgs(key=each.key, value=each.value, effect="NO_SCHEDULE")
                for each in taints(pool)
            ],
            tags={STORAGE_TAG: f"{_pod_storage_gib(pool, machine)}Gi"},
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["scalingConfig.desiredSize"],
                depends_on=opts.depends_on,
            ),
        )
        self.register_outputs({"name": self.group.node_group_name})

    def _places(self) -> tuple[tuple[str, ...], tuple[pulumi.Output[str], ...]]:
        """Instance types to draw from, and the private subnets of the zones that offer them."""
        pool, network = self._pool, self._site.network
        wanted = (
            catalog.alike(pool.instance_type, self._site.region)
            if pool.spot
            else (pool.instance_type,)
        )
        offered = self._offered(wanted)
        subnets = {
            zone: subnet
            for zone, subnet in zip(network.zones, network.private_subnet_ids, strict=False)
            if zone in offered[pool.instance_type]
        }
        if not subnets:
            raise pulumi.RunError(
                f"{pool.role}: {pool.instance_type} is not offered in the stack's zones "
                f"({', '.join(network.zones[: len(network.private_subnet_ids)])}), but in "
                f"{', '.join(sorted(offered[pool.instance_type])) or 'none of this region'}: "
                f"choose another instance_type for {pool.role}, more ingress.zones or another "
                "region"
            )
        if pool.one_zone or pool.close_together:
            subnets = dict([next(iter(subnets.items()))])
        types = [each for each in wanted if offered[each] >= set(subnets)]
        return tuple(types[:SPOT_TYPES]), tuple(subnets.values())

    def _offered(self, types: tuple[str, ...]) -> Mapping[str, set[str]]:
        """Instance type -> zones of this account that offer it."""
        found = ec2.get_instance_type_offerings(
            location_type="availability-zone",
            filters=[
                ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=list(types))
            ],
            opts=pulumi.InvokeOptions(parent=self),
        )
        zones: dict[str, set[str]] = {each: set() for each in types}
        for instance_type, zone in zip(found.instance_types, found.locations, strict=True):
            zones[instance_type].add(zone)
        return zones

    def _template(self, control_plane: ControlPlane) -> ec2.LaunchTemplate:
        pool = self._pool
        groups = self._site.network.security_groups
        own = groups["server" if pool.role in SERVER_ROLES else "model"]
        close = (
            ec2.PlacementGroup(self._name, strategy="cluster", opts=self._child)
            if pool.close_together
            else None
        )
        return ec2.LaunchTemplate(
            self._name,
            update_default_version=True,
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                # One hop: the metadata, and with it the node's rights, are out of pods' reach.
                http_endpoint="enabled",
                http_tokens="required",
                http_put_response_hop_limit=1,
            ),
            vpc_security_group_ids=[control_plane.security_group_id, own],
            placement=ec2.LaunchTemplatePlacementArgs(group_name=close.name) if close else None,
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=ROOT_DEVICE,
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        # By the account's key for volumes: the stack's own would need a grant
                        # for Auto Scaling's role, which a fresh account does not have yet.
                        encrypted="true",
                        volume_type=DISK_TYPE,
                        volume_size=pool.disk_gib,
                        delete_on_termination="true",
                    ),
                )
            ],
            user_data=(
                base64.b64encode(_LOCAL_STORAGE.encode()).decode() if pool.local_storage else None
            ),
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(
                    resource_type=kind,
                    tags={"Name": self._name, SITE_TAG: control_plane.name},
                )
                for kind in ("instance", "volume", "network-interface")
            ],
            opts=self._child,
        )


def _labels(pool: NodePool, machine: catalog.InstanceType) -> dict[str, str]:
    labels = {POOL_LABEL: pool.role}
    if pool.gpus:
        labels[GPU_PRESENT_LABEL] = "true"
        labels[ACCELERATOR_LABEL] = machine.gpu_model.lower().replace(" ", "-")
    return labels


def _pod_storage_gib(pool: NodePool, machine: catalog.InstanceType) -> int:
    return int(machine.local_nvme_gib) if pool.local_storage else pool.disk_gib
