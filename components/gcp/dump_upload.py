"""Upload of dumps into the stack's bucket, and the right to do so."""

from __future__ import annotations

import pulumi
from pulumi_gcp import storage

from components.letta import dump as job

IMAGE = "gcr.io/google.com/cloudsdktool/google-cloud-cli:525.0.0-slim"
CREATE = "roles/storage.objectCreator"
BUCKET = "DUMP_BUCKET"
"""Variable that names the bucket."""
COPY = (
    "printf 'Authorization: Bearer %s' \"$(gcloud auth print-access-token)\" | "
    "curl --fail --silent --show-error --output /dev/null --retry 3 --header @- "
    "--header 'Content-Type: application/octet-stream' --request POST --upload-file \"$file\" "
    f'"https://storage.googleapis.com/upload/storage/v1/b/${BUCKET}/o'
    f'?uploadType=media&name={job.FOLDER}%2F${{file##*/}}"'
)
"""One call, for which the right to create objects is enough: Google's copy commands take the right
to list them too (Cloud Storage documentation, "IAM permissions for gsutil commands"). The token is
in no command line."""


def may_add(
    parent: pulumi.Resource,
    name: str,
    bucket: pulumi.Output[str],
    member: pulumi.Input[str],
    opts: pulumi.ResourceOptions | None = None,
) -> storage.BucketIAMMember:
    """Let a member add to the folder of dumps, and do nothing else."""
    return storage.BucketIAMMember(
        name,
        bucket=bucket,
        role=CREATE,
        member=member,
        condition=storage.BucketIAMMemberConditionArgs(
            title="dumps",
            expression=bucket.apply(
                lambda named: (
                    f'resource.name.startsWith("projects/_/buckets/{named}/objects/{job.FOLDER}/")'
                )
            ),
        ),
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )
