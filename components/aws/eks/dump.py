"""Dump on EKS: the CronJob, on the nodes that are there before any server, and its way into the
bucket."""

from __future__ import annotations

import pulumi

from components.aws import dump_upload
from components.aws.eks.identity import pod_identity
from components.aws.log_groups import APPLICATION
from components.aws.site import Site
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
            command=dump_upload.command(),
            environment={dump_upload.BUCKET: args.bucket, "AWS_REGION": site.region},
            egress=[
                network_policies.allow_to(
                    network_policies.internet(cluster.workloads), _HTTPS_PORT
                ),
                network_policies.identity_agent("eks"),
            ],
        )
        super().__init__(name, args, upload, cluster.workloads, BASE_PLACEMENT, opts)
        pod_identity(
            self,
            name,
            site.place,
            cluster.name,
            NAMESPACE,
            name,
            dump_upload.may_upload(site, args.bucket),
        )
        dump_upload.watch(
            self,
            name,
            args,
            site,
            pulumi.Output.concat("/aws/containerinsights/", cluster.name, f"/{APPLICATION}"),
            # The group is there once the cluster's add-ons are.
            pulumi.ResourceOptions(depends_on=cluster.workloads.ready),
        )
