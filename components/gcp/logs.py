"""Logs: the buckets that containers' lines go to, and what is watched in them."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_gcp import logging

from components.gcp import alarm_tables
from components.gcp.alarms import raise_alarms
from components.gcp.log_streams import RESOURCES, SERVERS, STREAMS, Kind
from components.gcp.place import Place
from components.gcp.secrets import Secrets
from components.roles import SiteArgs


class Logs(pulumi.ComponentResource):
    """Encrypted log buckets with a limited retention (requirement O2).

    A sink takes the lines of each role there, and an exclusion keeps them out of the project's own
    bucket, where they would be billed a second time.
    """

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        secrets: Secrets,
        suffix: pulumi.Output[str],
        channels: Sequence[pulumi.Input[str]],
        opts: pulumi.ResourceOptions,
        *,
        base: str,
    ) -> None:
        """`base`: beginning of the names of all services of the stack."""
        retention_days = args.monitoring.log_retention_days
        super().__init__("letta:gcp:Logs", name, {"retentionDays": retention_days}, opts)
        kind: Kind = "kubernetes" if args.kubernetes else args.ingress.kind
        for stream in STREAMS[kind]:
            source = _source(base, stream, suffix)
            self._stream(f"{name}-{stream}", place, secrets, suffix, source, retention_days)
            if stream in SERVERS:
                self._watch_redis(f"{name}-{stream}", source, channels)
        self.register_outputs({})

    def _stream(
        self,
        name: str,
        place: Place,
        secrets: Secrets,
        suffix: pulumi.Output[str],
        source: pulumi.Output[str],
        retention_days: int,
    ) -> None:
        child = pulumi.ResourceOptions(parent=self)
        bucket = logging.ProjectBucketConfig(
            name,
            project=place.project,
            location=place.region,
            bucket_id=pulumi.Output.concat(name, "-", suffix),
            retention_days=retention_days,
            cmek_settings=logging.ProjectBucketConfigCmekSettingsArgs(kms_key_name=secrets.key),
            opts=pulumi.ResourceOptions(parent=self, depends_on=secrets.ready),
        )
        logging.ProjectSink(
            name,
            destination=bucket.bucket_id.apply(
                lambda named: f"logging.googleapis.com/{place.located(f'buckets/{named}')}"
            ),
            filter=source,
            unique_writer_identity=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bucket]),
        )
        logging.ProjectExclusion(name, filter=source, opts=child)

    def _watch_redis(
        self, name: str, source: pulumi.Output[str], channels: Sequence[pulumi.Input[str]]
    ) -> None:
        """Tell of every server of the stream that started without Redis."""
        metric = logging.Metric(
            f"{name}-redis",
            filter=pulumi.Output.concat(source, f' AND "{alarm_tables.REDIS_WARNING}"'),
            metric_descriptor=logging.MetricMetricDescriptorArgs(
                metric_kind="DELTA", value_type="INT64", unit="1"
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        raise_alarms(self, name, [alarm_tables.redis_lost(metric.name)], channels)


def _source(base: str, stream: str, suffix: pulumi.Output[str]) -> pulumi.Output[str]:
    kind, label, end = RESOURCES[stream]
    return suffix.apply(
        lambda digits: (
            f'resource.type = "{kind}" AND resource.labels.{label} = "{base}-{end}-{digits}"'
        )
    )
