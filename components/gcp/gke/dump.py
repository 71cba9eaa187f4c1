"""Dump on GKE: the CronJob, on the nodes that are there before any server, and its way into the
bucket."""

from __future__ import annotations

import pulumi

from components.gcp import alarm_tables, dump_upload
from components.gcp.alarms import raise_alarms
from components.gcp.gke import alarm_tables as cluster_alarms
from components.gcp.gke.identity import pod_member
from components.gcp.gke.logs import lines_of_pods
from components.gcp.logs import count_lines
from components.gcp.site import Site
from components.letta import dump as job
from components.roles import DumpJobArgs
from components.workloads import network_policies
from components.workloads.cluster import BASE_PLACEMENT, NAMESPACE, required
from components.workloads.dump import DumpJob, Upload

_HTTPS_PORT = 443


class KubernetesDump(DumpJob):
    """The dump, in the site's cluster."""

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        cluster = required(name, site.kubernetes)
        upload = Upload(
            image=dump_upload.IMAGE,
            command=job.upload_command(dump_upload.COPY),
            environment={dump_upload.BUCKET: args.bucket, "HOME": job.SCRATCH},
            egress=[
                network_policies.allow_to(
                    network_policies.internet(cluster.workloads), _HTTPS_PORT
                ),
                network_policies.identity_agent("gke"),
            ],
        )
        super().__init__(name, args, upload, cluster.workloads, BASE_PLACEMENT, opts)
        dump_upload.may_add(
            self,
            name,
            args.bucket,
            pod_member(site.place, NAMESPACE, name),
            pulumi.ResourceOptions(depends_on=cluster.workloads.ready),
        )
        metric = count_lines(self, f"{name}-stored", lines_of_pods(cluster.name), job.STORED)
        alarm = cluster_alarms.dump_missing(alarm_tables.dump_missing(metric, args.schedule))
        raise_alarms(self, name, [alarm], site.alerts.channels, after=cluster.workloads.ready)
