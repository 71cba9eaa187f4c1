"""What the scheduled dump needs of AWS, wherever its containers run: a way into the bucket."""

from __future__ import annotations

import pulumi

from components import s3
from components.aws.alarm_tables import dump_missing
from components.aws.alarms import raise_alarms
from components.aws.ground import Ground
from components.aws.iam import Statement
from components.aws.logs import count_lines
from components.letta import dump as job
from components.roles import DumpJobArgs

IMAGE = s3.IMAGE
BUCKET = "DUMP_BUCKET"
"""Variable in which the uploading container gets the bucket's name."""


def command() -> tuple[str, ...]:
    """What the uploading container executes."""
    return s3.upload_command(f"s3://${BUCKET}/{job.FOLDER}/")


def may_upload(site: Ground, bucket: pulumi.Output[str]) -> list[Statement]:
    """The right to add to the folder of dumps: not to read there, and not to delete.

    A large file goes up in parts, and S3 reads parts that it has encrypted (S3 user guide,
    "Protecting data using server-side encryption with AWS KMS keys").
    """
    place = site.place
    return [
        Statement(
            actions=("s3:PutObject", "s3:AbortMultipartUpload"),
            resources=(
                bucket.apply(lambda name: f"arn:{place.partition}:s3:::{name}/{job.FOLDER}/*"),
            ),
        ),
        Statement(
            actions=("kms:GenerateDataKey", "kms:Decrypt"),
            # The key's id is not known at preview, its alias is.
            resources=(place.arn("kms", "key/*"),),
            condition={
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": site.secrets.key_alias},
                "StringEquals": {"kms:ViaService": f"s3.{place.region}.amazonaws.com"},
            },
        ),
    ]


def watch(
    parent: pulumi.Resource,
    name: str,
    args: DumpJobArgs,
    site: Ground,
    log_group: pulumi.Input[str],
    opts: pulumi.ResourceOptions | None = None,
) -> None:
    """Tell of a newest dump that is older than promised. `log_group`: what the uploading container
    prints to."""
    namespace, metric = f"Letta/{name}", "DumpsStored"
    count_lines(
        name,
        log_group,
        job.STORED,
        (namespace, metric),
        pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )
    raise_alarms(
        parent, name, [dump_missing(namespace, metric, args.schedule)], site.alerts.topic_arn
    )
