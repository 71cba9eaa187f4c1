"""Logs: the buckets that containers' lines go to, and what is watched in them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_gcp import logging

from components.gcp import alarm_tables
from components.gcp.log_streams import BOOTSTRAP, RESOURCES, SERVERS, STREAMS, Kind
from components.gcp.place import Place
from components.gcp.secrets import Secrets
from components.roles import SiteArgs


class Logs(pulumi.ComponentResource):
    """Encrypted log buckets with a limited retention (requirement O2).

    A sink takes the lines of each role there, and an exclusion keeps them out of the project's own
    bucket, where they would be billed a second time.
    """

    lost_redis: Mapping[str, pulumi.Output[str]]
    """Tier -> type of the metric that counts its servers that started without Redis."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        secrets: Secrets,
        suffix: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
        *,
        base: str,
    ) -> None:
        """`base`: beginning of the names of all services of the stack."""
        self._retention_days = args.monitoring.log_retention_days
        super().__init__("letta:gcp:Logs", name, {"retentionDays": self._retention_days}, opts)
        self._place = place
        self._secrets = secrets
        self._suffix = suffix
        kind: Kind = "kubernetes" if args.kubernetes else args.ingress.kind
        sources = {stream: _source(base, stream, suffix) for stream in STREAMS[kind]}
        for stream, source in sources.items():
            self.stream(self, f"{name}-{stream}", source)
        self.lost_redis = {
            stream: count_lines(self, f"{name}-{stream}-redis", source, alarm_tables.REDIS_WARNING)
            for stream, source in sources.items()
            if stream in SERVERS
        }
        self.register_outputs({})

    def stream(self, parent: pulumi.Resource, name: str, source: pulumi.Output[str]) -> None:
        """Keep the lines that the filter `source` finds, with the stack's retention and key."""
        place, secrets = self._place, self._secrets
        bucket = logging.ProjectBucketConfig(
            name,
            project=place.project,
            location=place.region,
            bucket_id=pulumi.Output.concat(name, "-", self._suffix),
            retention_days=self._retention_days,
            cmek_settings=logging.ProjectBucketConfigCmekSettingsArgs(kms_key_name=secrets.key),
            opts=pulumi.ResourceOptions(parent=parent, depends_on=secrets.ready),
        )
        logging.ProjectSink(
            name,
            destination=bucket.bucket_id.apply(
                lambda named: f"logging.googleapis.com/{place.located(f'buckets/{named}')}"
            ),
            filter=source,
            unique_writer_identity=True,
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[bucket]),
        )
        logging.ProjectExclusion(name, filter=source, opts=pulumi.ResourceOptions(parent=parent))


def count_lines(
    parent: pulumi.Resource, name: str, source: pulumi.Output[str], words: str
) -> pulumi.Output[str]:
    """Count the lines of `source` that hold some words; the type of the metric that does, as
    conditions name it."""
    metric = logging.Metric(
        name,
        filter=pulumi.Output.concat(source, f' AND "{words}"'),
        metric_descriptor=logging.MetricMetricDescriptorArgs(
            metric_kind="DELTA", value_type="INT64", unit="1"
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return metric.name.apply(lambda named: f"logging.googleapis.com/user/{named}")


def lines_of_job(job: pulumi.Output[str]) -> pulumi.Output[str]:
    """The filter for what the containers of a job print."""
    kind, label, _ = RESOURCES[BOOTSTRAP]
    return pulumi.Output.concat(
        f'resource.type = "{kind}" AND resource.labels.{label} = "', job, '"'
    )


def _source(base: str, stream: str, suffix: pulumi.Output[str]) -> pulumi.Output[str]:
    kind, label, end = RESOURCES[stream]
    return suffix.apply(
        lambda digits: (
            f'resource.type = "{kind}" AND resource.labels.{label} = "{base}-{end}-{digits}"'
        )
    )
