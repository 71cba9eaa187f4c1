"""Dump in a cluster of one's own: the CronJob, and its way into the owner's object storage.

The bucket's ageing is its owner's, and other things may be in it: the run that stored a dump
deletes those of its own folder that are too old.
"""

from __future__ import annotations

import pulumi

from components import s3
from components.kubernetes import object_storage
from components.kubernetes.secrets import existing
from components.kubernetes.site import ANYWHERE_IN_CLUSTER, Site
from components.letta import dump as job
from components.roles import DumpJobArgs
from components.workloads.dump import DumpJob, Upload
from components.workloads.secrets import kept

_BUCKET = "DUMP_BUCKET"


class Dump(DumpJob):
    """The dump, into the folder of its name in the bucket that the stack file names."""

    def __init__(
        self, name: str, args: DumpJobArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        storage = site.options.object_storage
        folder = f"s3://${_BUCKET}/{site.folder(name)}/{job.FOLDER}/"
        keys = {
            "AWS_ACCESS_KEY_ID": storage.access_key_id,
            "AWS_SECRET_ACCESS_KEY": storage.secret_access_key,
        }
        upload = Upload(
            image=s3.IMAGE,
            command=s3.upload_command(folder, s3.deletion(folder)),
            environment={
                "AWS_ENDPOINT_URL": storage.endpoint,
                _BUCKET: args.bucket,
                job.KEPT_DAYS: str(args.schedule.retention_days),
                **object_storage.OLDER_SERVICES,
            },
            egress=[object_storage.egress(storage, site.cluster)],
            secrets=[kept(variable, existing(named)) for variable, named in keys.items()],
        )
        super().__init__(name, args, upload, site.cluster, ANYWHERE_IN_CLUSTER, opts)
