"""Logs: the log groups that containers write to, and what is watched in them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_aws import cloudwatch

from components.aws import alarm_tables
from components.aws.alarms import raise_alarms
from components.aws.flows import Kind
from components.aws.log_groups import SERVERS, STREAMS
from components.aws.place import Place
from components.roles import SiteArgs


class Logs(pulumi.ComponentResource):
    """Encrypted log groups with a limited retention (requirement O2)."""

    group_names: Mapping[str, pulumi.Output[str]]
    """`api`, `bootstrap`, and `worker` or `proxy` -> the group's name, known at preview. Empty
    on Kubernetes."""
    group_arns: Mapping[str, pulumi.Output[str]]
    """The same -> the group's ARN, known at preview, without the `:*` of its streams."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        key_arn: pulumi.Output[str],
        topic_arn: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        retention_days = args.monitoring.log_retention_days
        super().__init__("letta:aws:Logs", name, {"retentionDays": retention_days}, opts)
        self._retention_days = retention_days
        self._key_arn = key_arn
        self._topic_arn = topic_arn
        kind: Kind = "kubernetes" if args.kubernetes else args.ingress.kind
        groups = {stream: self.group(self, f"{name}-{stream}") for stream in STREAMS[kind]}
        self.group_names = {stream: group.name for stream, group in groups.items()}
        self.group_arns = {
            stream: group.name.apply(lambda named: place.arn("logs", f"log-group:{named}"))
            for stream, group in groups.items()
        }
        for stream in SERVERS:
            if stream in groups:
                self.watch_redis(self, f"{name}-{stream}", self.group_names[stream])
        self.register_outputs({"groupNames": self.group_names})

    def group(
        self,
        parent: pulumi.Resource,
        name: str,
        physical_name: pulumi.Input[str] | None = None,
    ) -> cloudwatch.LogGroup:
        """A log group with the stack's retention and key. `physical_name` is for services that
        choose the name themselves and would else make the group without either."""
        return cloudwatch.LogGroup(
            name,
            name=physical_name,
            retention_in_days=self._retention_days,
            kms_key_id=self._key_arn,
            opts=pulumi.ResourceOptions(parent=parent),
        )

    def watch_redis(
        self, parent: pulumi.Resource, name: str, group_name: pulumi.Output[str]
    ) -> None:
        """Tell of every server that logs to the group and started without Redis."""
        namespace, metric = f"Letta/{name}", "RedisUnavailable"
        count_lines(
            f"{name}-redis",
            group_name,
            alarm_tables.REDIS_WARNING,
            (namespace, metric),
            pulumi.ResourceOptions(parent=parent),
        )
        raise_alarms(parent, name, [alarm_tables.redis_lost(namespace, metric)], self._topic_arn)


def count_lines(
    name: str,
    group_name: pulumi.Input[str],
    words: str,
    metric: tuple[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Count the lines of a log group that hold some words. `metric`: namespace and name."""
    namespace, named = metric
    cloudwatch.LogMetricFilter(
        name,
        log_group_name=group_name,
        pattern=f'"{words}"',
        metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
            name=named, namespace=namespace, value="1"
        ),
        opts=opts,
    )
