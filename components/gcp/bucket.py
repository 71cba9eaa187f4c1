"""Bucket: the stack's data on Cloud Storage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
from pulumi_gcp import storage

from components.args import EXPIRED_VERSION_DAYS, BucketArgs
from components.gcp.site import Site

ABORT_MULTIPART_DAYS = 7
"""Age at which the parts of an upload that never ended are deleted."""


class Bucket(pulumi.ComponentResource):
    """Object storage for backups, exports, attachments and log archives (requirement S1).

    Private, versioned, encrypted with the stack's key; objects grow cheaper with age. Coldline
    objects can be read at once, at a price.
    """

    bucket: pulumi.Output[str]
    """The bucket's name, known at preview."""

    def __init__(
        self, name: str, args: BucketArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:gcp:Bucket",
            name,
            {
                "infrequentAccessDays": args.infrequent_access_days,
                "archiveDays": args.archive_days,
            },
            opts,
        )
        bucket = storage.Bucket(
            name,
            location=site.place.region.upper(),
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=storage.BucketVersioningArgs(enabled=True),
            encryption=storage.BucketEncryptionArgs(default_kms_key_name=site.secrets.key),
            lifecycle_rules=_rules(args),
            # Replaced versions are what restores an object; Google would bill for both.
            soft_delete_policy=storage.BucketSoftDeletePolicyArgs(retention_duration_seconds=0),
            force_destroy=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=site.secrets.ready),
        )
        self.bucket = bucket.name
        self.register_outputs({"bucket": self.bucket})


def _rules(args: BucketArgs) -> list[storage.BucketLifecycleRuleArgs]:
    return [
        _move("NEARLINE", args.infrequent_access_days),
        _move("COLDLINE", args.archive_days),
        storage.BucketLifecycleRuleArgs(
            action=storage.BucketLifecycleRuleActionArgs(type="Delete"),
            condition=storage.BucketLifecycleRuleConditionArgs(
                days_since_noncurrent_time=args.noncurrent_expiration_days, with_state="ARCHIVED"
            ),
        ),
        storage.BucketLifecycleRuleArgs(
            action=storage.BucketLifecycleRuleActionArgs(type="AbortIncompleteMultipartUpload"),
            condition=storage.BucketLifecycleRuleConditionArgs(age=ABORT_MULTIPART_DAYS),
        ),
        *_expiring(args.expiring_folders),
    ]


def _expiring(folders: Mapping[str, int]) -> Iterator[storage.BucketLifecycleRuleArgs]:
    """Folders whose objects go at an age. Deletion comes before a cheaper class (Cloud Storage
    documentation, "Object Lifecycle Management")."""
    for folder, days in sorted(folders.items()):
        for condition in (
            storage.BucketLifecycleRuleConditionArgs(
                age=days, matches_prefixes=[f"{folder}/"], with_state="LIVE"
            ),
            storage.BucketLifecycleRuleConditionArgs(
                days_since_noncurrent_time=EXPIRED_VERSION_DAYS,
                matches_prefixes=[f"{folder}/"],
                with_state="ARCHIVED",
            ),
        ):
            yield storage.BucketLifecycleRuleArgs(
                action=storage.BucketLifecycleRuleActionArgs(type="Delete"), condition=condition
            )


def _move(storage_class: str, days: int) -> storage.BucketLifecycleRuleArgs:
    return storage.BucketLifecycleRuleArgs(
        action=storage.BucketLifecycleRuleActionArgs(
            type="SetStorageClass", storage_class=storage_class
        ),
        condition=storage.BucketLifecycleRuleConditionArgs(age=days),
    )
