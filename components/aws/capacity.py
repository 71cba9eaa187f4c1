"""Machines: a cluster of EC2 instances that grows and shrinks with its tasks."""

from __future__ import annotations

import base64

import pulumi
from pulumi_aws import autoscaling, ec2, ecs, iam

from components.args import TierArgs
from components.aws import alarm_tables, catalog
from components.aws.alarms import raise_alarms
from components.aws.cluster import Cluster
from components.aws.fixed import DISK_TYPE
from components.aws.ground import SITE_TAG
from components.aws.iam import Statement, role, trust
from components.aws.proxy import InstanceProxy
from components.aws.site import Site
from components.sizing import chosen

IMAGES = {
    "x86_64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    "arm64": "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id",
}
"""Architecture -> public parameter that names the newest image (ECS developer guide, "Retrieving
Amazon ECS-optimized Linux AMI metadata"). EC2 resolves it whenever it launches an instance."""
ROOT_DEVICE = "/dev/xvda"
WARMUP_SECONDS = 180
"""Time from launch until an instance is counted on: boot, agent, first pull of the image."""
TARGET_CAPACITY_PERCENT = 100
"""No machine is kept without tasks: a new copy waits the minutes that a machine takes."""

_REPORT = (
    "ecs:RegisterContainerInstance",
    "ecs:DeregisterContainerInstance",
    "ecs:SubmitAttachmentStateChanges",
    "ecs:SubmitContainerStateChange",
    "ecs:SubmitTaskStateChange",
)
"""What the agent asks of its cluster."""
_LISTEN = ("ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState")
"""What the agent asks of its own entry in the cluster."""


class Machines(pulumi.ComponentResource):
    """Auto Scaling group, capacity provider and cluster of one tier.

    The instances have the rights of the container agent and no others, and containers cannot
    reach them: metadata answers to one hop only. Images come from a public registry, logs are
    written with the rights of the task.
    """

    cluster_name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    capacity_provider: pulumi.Output[str]
    """Name of the capacity provider, known at preview."""
    ready: pulumi.Resource
    """What a service waits for before it can name the capacity provider."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        site: Site,
        opts: pulumi.ResourceOptions,
        *,
        proxy: InstanceProxy | None = None,
    ) -> None:
        """`proxy`: its fixed address goes to the instance, and the one instance is replaced in
        place: the new one takes the address over."""
        instance_type = chosen(args.instance_type)
        super().__init__(
            "letta:aws:Machines",
            name,
            {
                "instanceType": instance_type,
                "minMachines": args.min_replicas,
                "maxMachines": args.max_replicas,
            },
            opts,
        )
        self._name = name
        self._site = site
        self._proxy = proxy
        self._child = pulumi.ResourceOptions(parent=self)
        cluster = Cluster(name, self._child)
        self.cluster_name = cluster.cluster_name
        template = self._template(args, instance_type, self._profile(cluster))
        self._group = self._instances(args, template)
        provider = ecs.CapacityProvider(
            name,
            auto_scaling_group_provider=ecs.CapacityProviderAutoScalingGroupProviderArgs(
                auto_scaling_group_arn=self._group.arn,
                managed_draining="ENABLED",
                managed_termination_protection="DISABLED" if proxy else "ENABLED",
                managed_scaling=ecs.CapacityProviderAutoScalingGroupProviderManagedScalingArgs(
                    status="DISABLED" if proxy else "ENABLED",
                    target_capacity=TARGET_CAPACITY_PERCENT,
                    instance_warmup_period=WARMUP_SECONDS,
                ),
            ),
            opts=self._child,
        )
        self.capacity_provider = provider.name
        self.ready = ecs.ClusterCapacityProviders(
            name,
            cluster_name=cluster.cluster_name,
            capacity_providers=[provider.name],
            opts=self._child,
        )
        raise_alarms(
            self,
            name,
            alarm_tables.machines(self._group.name, instance_type=instance_type),
            site.alerts.topic_arn,
        )
        self.register_outputs({"clusterName": self.cluster_name})

    def _profile(self, cluster: Cluster) -> iam.InstanceProfile:
        place = self._site.place
        statements = [
            Statement(actions=_REPORT, resources=(cluster.planned_arn(place),)),
            Statement(
                actions=_LISTEN,
                resources=(
                    cluster.cluster_name.apply(
                        lambda named: place.arn("ecs", f"container-instance/{named}/*")
                    ),
                ),
            ),
            Statement(actions=("ecs:DiscoverPollEndpoint",), resources=("*",)),
        ]
        if self._proxy:
            statements += [
                Statement(actions=("ec2:DescribeAddresses",), resources=("*",)),
                # Ids are not known at preview, the tag is.
                Statement(
                    actions=("ec2:AssociateAddress",),
                    resources=tuple(
                        place.arn("ec2", f"{kind}/*")
                        for kind in ("elastic-ip", "instance", "network-interface")
                    ),
                    condition={
                        "StringEquals": {f"ec2:ResourceTag/{SITE_TAG}": self._proxy.site_tag}
                    },
                ),
            ]
        return iam.InstanceProfile(
            self._name,
            role=role(
                self, f"{self._name}-machine", place, trust("ec2.amazonaws.com"), statements
            ).name,
            opts=self._child,
        )

    def _template(
        self, args: TierArgs, instance_type: str, profile: iam.InstanceProfile
    ) -> ec2.LaunchTemplate:
        image = IMAGES[catalog.instance_type(instance_type).architecture]
        network = self._site.network
        return ec2.LaunchTemplate(
            self._name,
            image_id=f"resolve:ssm:{image}",
            instance_type=instance_type,
            iam_instance_profile=ec2.LaunchTemplateIamInstanceProfileArgs(name=profile.name),
            update_default_version=True,
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            network_interfaces=[
                ec2.LaunchTemplateNetworkInterfaceArgs(
                    device_index=0,
                    # An instance without NAT needs an address to fetch its fixed one with.
                    associate_public_ip_address=str(network.assigns_public_ip).lower(),
                    # Behind a load balancer each copy has an interface and a group of its own.
                    security_groups=[
                        network.security_groups["server" if self._proxy else "machine"]
                    ],
                    delete_on_termination="true",
                )
            ],
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=ROOT_DEVICE,
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        # By the account's key for volumes: the stack's own would need a grant
                        # for Auto Scaling's role, which a fresh account does not have yet.
                        encrypted="true",
                        volume_type=DISK_TYPE,
                        volume_size=args.root_volume_gib,
                        delete_on_termination="true",
                    ),
                )
            ],
            user_data=self._user_data(),
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(
                    resource_type=kind,
                    tags={"Name": self._name, SITE_TAG: self._site.cluster.cluster_name},
                )
                for kind in ("instance", "volume", "network-interface")
            ],
            opts=self._child,
        )

    def _user_data(self) -> pulumi.Output[str]:
        site_tag, region = self._site.cluster.cluster_name, self._site.region

        def script(names: list[str]) -> str:
            lines = [
                "#!/bin/bash",
                "set -euo pipefail",
                "cat >> /etc/ecs/ecs.config <<'END'",
                f"ECS_CLUSTER={names[0]}",
                "ECS_AWSVPC_BLOCK_IMDS=true",
                "ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE=true",
                # Tasks leave a spot machine within the two minutes of its notice.
                "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
                "END",
                *(_take_address(region, names[1]) if self._proxy else ()),
                "",
            ]
            return base64.b64encode("\n".join(lines).encode()).decode()

        return pulumi.Output.all(self.cluster_name, site_tag).apply(script)

    def _spot(
        self, args: TierArgs, template: ec2.LaunchTemplate
    ) -> autoscaling.GroupMixedInstancesPolicyArgs:
        """Spare capacity of any type that is as large, so that one type's shortage does not end
        the tier (EC2 user guide, "Best practices for Amazon EC2 Spot")."""
        return autoscaling.GroupMixedInstancesPolicyArgs(
            instances_distribution=autoscaling.GroupMixedInstancesPolicyInstancesDistributionArgs(
                on_demand_base_capacity=0,
                on_demand_percentage_above_base_capacity=0,
                spot_allocation_strategy="price-capacity-optimized",
            ),
            launch_template=autoscaling.GroupMixedInstancesPolicyLaunchTemplateArgs(
                launch_template_specification=autoscaling.GroupMixedInstancesPolicyLaunchTemplateLaunchTemplateSpecificationArgs(
                    launch_template_id=template.id,
                    version=template.latest_version.apply(str),
                ),
                overrides=[
                    autoscaling.GroupMixedInstancesPolicyLaunchTemplateOverrideArgs(
                        instance_type=name
                    )
                    for name in catalog.alike(str(args.instance_type), self._site.region)
                ],
            ),
        )

    def _instances(self, args: TierArgs, template: ec2.LaunchTemplate) -> autoscaling.Group:
        single = self._proxy is not None
        return autoscaling.Group(
            self._name,
            min_size=args.min_replicas,
            max_size=args.max_replicas,
            desired_capacity=args.replicas,
            vpc_zone_identifiers=list(self._site.network.server_subnet_ids),
            launch_template=None if args.spot else _launch(template),
            mixed_instances_policy=self._spot(args, template) if args.spot else None,
            health_check_type="EC2",
            # ECS protects the instances that run tasks and takes the others away.
            protect_from_scale_in=not single,
            instance_refresh=autoscaling.GroupInstanceRefreshArgs(
                strategy="Rolling",
                preferences=autoscaling.GroupInstanceRefreshPreferencesArgs(
                    min_healthy_percentage=0 if single else 100,
                    max_healthy_percentage=100 if single else 200,
                    instance_warmup=str(WARMUP_SECONDS),
                    scale_in_protected_instances="Refresh",
                ),
            ),
            tags=[
                autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=True)
                # The second is what ECS itself adds to a group that it manages.
                for key, value in (("Name", self._name), ("AmazonECSManaged", "true"))
            ],
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["desiredCapacity"],
                depends_on=[self._proxy] if self._proxy else None,
            ),
        )


def _launch(template: ec2.LaunchTemplate) -> autoscaling.GroupLaunchTemplateArgs:
    return autoscaling.GroupLaunchTemplateArgs(
        id=template.id, version=template.latest_version.apply(str)
    )


def _take_address(region: str, site_tag: str) -> list[str]:
    """Shell lines by which an instance gives itself the fixed address of its stack. The
    container agent starts after them."""
    metadata = "http://169.254.169.254/latest"
    return [
        "dnf --quiet --assumeyes install awscli-2",
        f"token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "
        f"{metadata}/api/token)",
        f'instance=$(curl -sSf -H "X-aws-ec2-metadata-token: $token" '
        f"{metadata}/meta-data/instance-id)",
        f"export AWS_DEFAULT_REGION={region}",
        f"address=$(aws ec2 describe-addresses --filters 'Name=tag:{SITE_TAG},Values={site_tag}' "
        "--query 'Addresses[0].AllocationId' --output text)",
        'aws ec2 associate-address --allocation-id "$address" --instance-id "$instance" '
        "--allow-reassociation",
    ]
