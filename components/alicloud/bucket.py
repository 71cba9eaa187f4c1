"""Bucket: the stack's data on Object Storage Service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
from pulumi_alicloud import oss

from components.alicloud.ram import VERSION
from components.alicloud.site import Site
from components.args import EXPIRED_VERSION_DAYS, BucketArgs

ABORT_MULTIPART_DAYS = 7
"""Age at which the parts of an upload that never ended are deleted."""
TLS_VERSIONS = ("TLSv1.2", "TLSv1.3")


class Bucket(pulumi.ComponentResource):
    """Object storage for backups, exports, attachments and log archives (requirement S1).

    Private, versioned, in several zones, encrypted with the stack's key, by TLS alone; objects grow
    cheaper with age. Objects of the class Archive are restored for hours before they can be read.
    """

    bucket: pulumi.Output[str]
    """The bucket's name, known at preview."""

    def __init__(
        self, name: str, args: BucketArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:alicloud:Bucket",
            name,
            {
                "infrequentAccessDays": args.infrequent_access_days,
                "archiveDays": args.archive_days,
            },
            opts,
        )
        place, child = site.place, pulumi.ResourceOptions(parent=self)
        named = place.unique(name)
        bucket = oss.Bucket(
            name,
            bucket=named,
            storage_class="Standard",
            redundancy_type="ZRS",
            lifecycle_rules=_rules(args),
            # What expires in a folder goes sooner than it does elsewhere.
            lifecycle_rule_allow_same_action_overlap=True,
            force_destroy=False,
            tags=place.tags,
            # What the resources below set. The provider reads it into the bucket too, and would
            # take it away for not being given here.
            opts=pulumi.ResourceOptions(
                parent=self, ignore_changes=["policy", "serverSideEncryptionRule", "versioning"]
            ),
        )
        self.bucket = bucket.bucket.apply(str)
        oss.BucketAcl(name, bucket=self.bucket, acl="private", opts=child)
        oss.BucketPublicAccessBlock(name, bucket=self.bucket, block_public_access=True, opts=child)
        oss.BucketVersioning(name, bucket=self.bucket, status="Enabled", opts=child)
        oss.BucketServerSideEncryption(
            name,
            bucket=self.bucket,
            sse_algorithm="KMS",
            kms_master_key_id=site.key.id,
            opts=child,
        )
        oss.BucketHttpsConfig(
            name, bucket=self.bucket, enable=True, tls_versions=list(TLS_VERSIONS), opts=child
        )
        oss.BucketPolicy(
            name,
            bucket=self.bucket,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": VERSION,
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": ["*"],
                            "Action": ["oss:*"],
                            "Resource": [
                                place.arn("oss", named),
                                place.arn("oss", f"{named}/*"),
                            ],
                            "Condition": {"Bool": {"acs:SecureTransport": ["false"]}},
                        }
                    ],
                }
            ),
            opts=child,
        )
        self.register_outputs({"bucket": self.bucket})


def _rules(args: BucketArgs) -> list[oss.BucketLifecycleRuleArgs]:
    return [
        oss.BucketLifecycleRuleArgs(
            id="ageing",
            enabled=True,
            prefix="",
            transitions=[
                _move("IA", args.infrequent_access_days),
                _move("Archive", args.archive_days),
            ],
            noncurrent_version_expirations=[_forget(args.noncurrent_expiration_days)],
            abort_multipart_uploads=[
                oss.BucketLifecycleRuleAbortMultipartUploadArgs(days=ABORT_MULTIPART_DAYS)
            ],
        ),
        *_expiring(args.expiring_folders),
    ]


def _expiring(folders: Mapping[str, int]) -> Iterator[oss.BucketLifecycleRuleArgs]:
    """Folders whose objects go at an age."""
    for folder, days in sorted(folders.items()):
        yield oss.BucketLifecycleRuleArgs(
            id=folder,
            enabled=True,
            prefix=f"{folder}/",
            expirations=[oss.BucketLifecycleRuleExpirationArgs(days=days)],
            noncurrent_version_expirations=[_forget(EXPIRED_VERSION_DAYS)],
        )


def _move(storage_class: str, days: int) -> oss.BucketLifecycleRuleTransitionArgs:
    return oss.BucketLifecycleRuleTransitionArgs(storage_class=storage_class, days=days)


def _forget(days: int) -> oss.BucketLifecycleRuleNoncurrentVersionExpirationArgs:
    return oss.BucketLifecycleRuleNoncurrentVersionExpirationArgs(days=days)
