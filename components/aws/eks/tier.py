"""Tier on Kubernetes: copies of the server behind the stack's own load balancer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pulumi
from pulumi_aws import lb
from pulumi_kubernetes import apiextensions

from components.args import TierArgs
from components.aws.alarms import raise_alarms
from components.aws.eks.alarm_tables import servers
from components.aws.eks.cluster import EksCluster
from components.aws.load_balancer import LoadBalancer
from components.aws.site import Site
from components.letta.environment import PORT
from components.order import at_once
from components.roles import ServerArgs
from components.workloads.cluster import BASE_POOL, placement, required, tier_pool
from components.workloads.labels import metadata
from components.workloads.servers import Servers

API_VERSION = "elbv2.k8s.aws/v1beta1"


class KubernetesTier(pulumi.ComponentResource):
    """Pods that the AWS Load Balancer Controller registers with a target group.

    The load balancer, its listeners and its rules are the stack's, as they are without
    Kubernetes; the controller only tells it which pods there are. A pod counts as ready once
    the load balancer finds it healthy.
    """

    service: pulumi.Output[str]
    """Name of the Service, known at preview."""

    def __init__(
        self,
        name: str,
        args: TierArgs,
        server: ServerArgs,
        site: Site,
        ingress: LoadBalancer,
        opts: pulumi.ResourceOptions,
        *,
        role: Literal["api", "worker"],
        paths: Sequence[str] = (),
    ) -> None:
        """`role`: whose nodes the pods run on. `paths`: what alone is routed here; without any,
        whatever no other tier takes. The pods start after `opts.depends_on`."""
        cluster = required(name, site.kubernetes)
        super().__init__(
            "letta:aws:KubernetesTier",
            name,
            {"role": role, "replicas": args.replicas, "paths": list(paths)},
            at_once(opts),
        )
        child = pulumi.ResourceOptions(parent=self)
        pool = tier_pool(role, args)
        nodes = [] if role == BASE_POOL else [cluster.node_group(name, pool, child)]
        targets: lb.TargetGroup = ingress.target_group
        route: pulumi.Resource = ingress.listener
        if paths:
            targets, route = ingress.route(name, paths)
        tier = Servers(
            name,
            args,
            server,
            cluster.workloads,
            placement(pool),
            pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(parent=self, depends_on=nodes),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
            # Targets are only checked once a listener uses the group.
            register=lambda service: self._binding(name, cluster, targets, [service, route]),
        )
        self.service = pulumi.Output.from_input(tier.service)
        raise_alarms(
            self,
            name,
            servers(cluster.name, tier.service, min_replicas=args.min_replicas),
            site.alerts.topic_arn,
        )
        self.register_outputs({"service": self.service})

    def _binding(
        self,
        name: str,
        cluster: EksCluster,
        targets: lb.TargetGroup,
        after: Sequence[pulumi.Resource],
    ) -> pulumi.Resource:
        return apiextensions.CustomResource(
            name,
            api_version=API_VERSION,
            kind="TargetGroupBinding",
            metadata=metadata(name, "server"),
            spec={
                "targetGroupARN": targets.arn,
                "targetType": "ip",
                "ipAddressType": "ipv4",
                "vpcID": targets.vpc_id,
                "serviceRef": {"name": name, "port": PORT},
                # Without this the controller takes away every target that is no pod of its own:
                # the copies outside the cluster that serve until these do, when a stack moves.
                "multiClusterTargetGroup": True,
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=cluster.workloads.provider,
                depends_on=[*cluster.workloads.ready, *after],
                # The controller lets a binding's group not be changed.
                replace_on_changes=["spec.targetGroupARN"],
                delete_before_replace=True,
            ),
        )
