"""Clusters: where containers run, without machines or with machines of their own."""

from __future__ import annotations

import pulumi
from pulumi_aws import ecs

from components.aws.place import Place


class Cluster(pulumi.ComponentResource):
    """An ECS cluster with Container Insights, which counts running tasks for the alarms.

    The site's cluster runs what needs no machines. A tier with machines has a cluster of its
    own: the list of a cluster's capacity providers is one resource, which tiers that know
    nothing of each other cannot share.
    """

    cluster_name: pulumi.Output[str]
    """Name of the cluster, known at preview."""
    arn: pulumi.Output[str]
    """ARN of the cluster, unknown until it exists."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("letta:aws:Cluster", name, {}, opts)
        cluster = ecs.Cluster(
            name,
            settings=[ecs.ClusterSettingArgs(name="containerInsights", value="enabled")],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.cluster_name = cluster.name
        self.arn = cluster.arn
        self.register_outputs({"clusterName": self.cluster_name})

    def planned_arn(self, place: Place) -> pulumi.Output[str]:
        """The ARN as it follows from the name, known at preview."""
        return self.cluster_name.apply(lambda name: place.arn("ecs", f"cluster/{name}"))
