"""Dump: the CronJob, and its way into the bucket.

It has the key of a user of its own, who may add to the folder of dumps and do nothing else. A role
of its service account would be better still, but the document that admits it names the cluster by
an id that nobody knows at preview, and rules must be able to read who is admitted.
"""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import core

from components.alicloud.alarm_tables import dump_missing
from components.alicloud.ram import Statement, may_use_key, user_key
from components.alicloud.site import Site
from components.letta import dump as job
from components.roles import DumpJobArgs
from components.workloads import kept, network_policies, secrets
from components.workloads.cluster import BASE_PLACEMENT
from components.workloads.dump import DumpJob, Upload

IMAGE = "rclone/rclone:1.71.2"
"""A client of object storage that knows OSS by name."""
_BUCKET = "DUMP_BUCKET"
_KEY = "DUMP_KEY"
"""Variable that holds id and secret of the key, with a colon between."""
_HTTPS_PORT = 443
_COPY = (
    f'RCLONE_CONFIG_OSS_ACCESS_KEY_ID="${{{_KEY}%%:*}}" '
    f'RCLONE_CONFIG_OSS_SECRET_ACCESS_KEY="${{{_KEY}#*:}}" '
    'rclone copyto --s3-no-check-bucket --s3-no-head "$file" '
    f'"OSS:${_BUCKET}/{job.FOLDER}/${{file##*/}}"'
)
"""The right to put objects is enough: nothing is listed or read."""


class UploadKey(pulumi.ComponentResource):
    """A key of a user of its own, kept in a Secret of the cluster."""

    secret: core.v1.Secret
    ready: pulumi.Resource
    """There once the key has its rights."""

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:alicloud:UploadKey", name, {}, opts)
        place = site.place
        folder = args.bucket.apply(lambda named: place.arn("oss", f"{named}/{job.FOLDER}/*"))
        key, self.ready = user_key(
            self,
            name,
            place,
            (
                Statement(
                    actions=("oss:PutObject", "oss:AbortMultipartUpload"), resources=(folder,)
                ),
                may_use_key(place, ("kms:GenerateDataKey", "kms:Decrypt")),
            ),
        )
        self.secret = kept.keep(
            self, name, {_KEY: pulumi.Output.concat(key.id, ":", key.secret)}, opts=site.kept
        )
        self.register_outputs({})


class Dump(DumpJob):
    """The dump, on the machines that are there before any server."""

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        workloads = site.cluster.workloads
        key = UploadKey(f"{name}-key", args, site, opts)
        upload = Upload(
            image=IMAGE,
            command=job.upload_command(_COPY),
            environment={
                _BUCKET: args.bucket,
                "RCLONE_CONFIG_OSS_TYPE": "s3",
                "RCLONE_CONFIG_OSS_PROVIDER": "Alibaba",
                "RCLONE_CONFIG_OSS_ENDPOINT": f"oss-{site.place.region}-internal.aliyuncs.com",
                "HOME": job.SCRATCH,
            },
            egress=[network_policies.allow_to(network_policies.internet(workloads), _HTTPS_PORT)],
            secrets=[secrets.kept(_KEY, kept.reference(key.secret, _KEY))],
        )
        super().__init__(name, args, upload, workloads, BASE_PLACEMENT, opts)
        site.logs.watch(self, name, dump_missing(args.schedule))
