"""Buckets: the stack's data, and the access logs of its load balancer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi_aws import s3

from components.args import EXPIRED_VERSION_DAYS, BucketArgs
from components.aws.fixed import ACCESS_LOG_EXPIRATION_DAYS
from components.aws.place import Place
from components.aws.site import Site

ABORT_MULTIPART_DAYS = 7
"""Age at which the parts of an upload that never ended are deleted."""
ACCESS_LOG_PREFIX = "load-balancer"


class Bucket(pulumi.ComponentResource):
    """Object storage for backups, exports, attachments and log archives (requirement S1).

    Private, versioned, encrypted with the stack's key; objects grow cheaper with age. Archived
    objects have to be restored before they can be read.
    """

    bucket: pulumi.Output[str]
    """The bucket's name, known at preview."""
    arn: pulumi.Output[str]
    """The bucket's ARN, known at preview."""

    def __init__(
        self, name: str, args: BucketArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:aws:Bucket",
            name,
            {
                "infrequentAccessDays": args.infrequent_access_days,
                "archiveDays": args.archive_days,
            },
            opts,
        )
        store = _Store(
            self,
            name,
            site.place,
            key_arn=site.secrets.key_arn,
            rules=[*_ageing(args), *_tidying(args), *_expiring(args.expiring_folders)],
        )
        store.protect()
        self.bucket = store.bucket
        self.arn = store.arn
        self.register_outputs({"bucket": self.bucket})


class LogBucket(pulumi.ComponentResource):
    """Access logs of a load balancer. Encrypted with keys of S3, the only ones that load
    balancers can write with (ELB user guide, "Access logs for your Application Load Balancer").
    """

    bucket: pulumi.Output[str]
    """The bucket's name, known at preview; resolves once a load balancer may write to it."""
    prefix: str
    """Prefix that the load balancer has to write under."""

    def __init__(self, name: str, site: Site, opts: pulumi.ResourceOptions) -> None:
        super().__init__("letta:aws:LogBucket", name, {}, opts)
        ageing = BucketArgs()
        store = _Store(
            self,
            name,
            site.place,
            key_arn=None,
            rules=[
                *_ageing(ageing, expiration_days=ACCESS_LOG_EXPIRATION_DAYS),
                *_tidying(ageing),
            ],
        )
        self.prefix = ACCESS_LOG_PREFIX
        policy = store.protect(lambda arn: [_load_balancers_write(arn, site.place)])
        self.bucket = policy.bucket
        self.register_outputs({"bucket": self.bucket})


class _Store:
    """A private, versioned, encrypted bucket, as children of a component."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        place: Place,
        *,
        key_arn: pulumi.Output[str] | None,
        rules: list[s3.BucketLifecycleConfigurationRuleArgs],
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        bucket = s3.Bucket(name, opts=self._opts)
        self.bucket: pulumi.Output[str] = bucket.bucket
        self.arn = bucket.bucket.apply(lambda named: f"arn:{place.partition}:s3:::{named}")
        versioning = s3.BucketVersioning(
            name,
            bucket=bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=self._opts,
        )
        s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=_encryption(key_arn),
                    # One call of the key for many objects, instead of one for each.
                    bucket_key_enabled=key_arn is not None,
                )
            ],
            opts=self._opts,
        )
        s3.BucketOwnershipControls(
            name,
            bucket=bucket.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._opts,
        )
        self._public_block = s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._opts,
        )
        s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.bucket,
            rules=rules,
            # Without this, S3 leaves objects under 128 KiB where they are.
            transition_default_minimum_object_size="varies_by_storage_class",
            # Rules for replaced versions are refused while versioning is off.
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[versioning]),
        )

    def protect(
        self, admit: Callable[[str], list[dict[str, Any]]] = lambda _arn: []
    ) -> s3.BucketPolicy:
        """Refuse plain HTTP; let in whom the statements of `admit` name."""

        def policy(arn: str) -> str:
            return json.dumps(
                {"Version": "2012-10-17", "Statement": [_refuse_plain_http(arn), *admit(arn)]}
            )

        # S3 refuses two changes of a bucket's access at the same time.
        return s3.BucketPolicy(
            self._name,
            bucket=self.bucket,
            policy=self.arn.apply(policy),
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[self._public_block])
            ),
        )


_Encryption = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
_Rule = s3.BucketLifecycleConfigurationRuleArgs


def _encryption(key_arn: pulumi.Output[str] | None) -> _Encryption:
    if key_arn is None:
        return _Encryption(sse_algorithm="AES256")
    return _Encryption(sse_algorithm="aws:kms", kms_master_key_id=key_arn)


def _ageing(args: BucketArgs, expiration_days: int | None = None) -> list[_Rule]:
    """Cheaper classes with age, for every object."""
    return [
        _Rule(
            id="ageing",
            status="Enabled",
            filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            transitions=[
                s3.BucketLifecycleConfigurationRuleTransitionArgs(
                    days=args.infrequent_access_days, storage_class="STANDARD_IA"
                ),
                s3.BucketLifecycleConfigurationRuleTransitionArgs(
                    days=args.archive_days, storage_class="GLACIER"
                ),
            ],
            expiration=(
                s3.BucketLifecycleConfigurationRuleExpirationArgs(days=expiration_days)
                if expiration_days
                else None
            ),
        )
    ]


def _tidying(args: BucketArgs) -> list[_Rule]:
    """What nobody sees but everybody pays for: replaced versions, abandoned uploads, and the
    markers that are left when all versions of a deleted object are gone."""
    return [
        _Rule(
            id="tidying",
            status="Enabled",
            filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            noncurrent_version_expiration=(
                s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=args.noncurrent_expiration_days
                )
            ),
            abort_incomplete_multipart_upload=(
                s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=ABORT_MULTIPART_DAYS
                )
            ),
            expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(
                expired_object_delete_marker=True
            ),
        )
    ]


def _expiring(folders: Mapping[str, int]) -> list[_Rule]:
    """Folders whose objects go at an age. Where rules differ, the earlier end wins (S3 user guide,
    "Lifecycle configuration: conflicting actions")."""
    return [
        _Rule(
            id=f"expiring-{folder}",
            status="Enabled",
            filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=f"{folder}/"),
            expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
            noncurrent_version_expiration=(
                s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=EXPIRED_VERSION_DAYS
                )
            ),
        )
        for folder, days in sorted(folders.items())
    ]


def _refuse_plain_http(arn: str) -> dict[str, Any]:
    return {
        "Sid": "RefusePlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _load_balancers_write(arn: str, place: Place) -> dict[str, Any]:
    """Load balancers of this account and region may write their logs, and nothing else (ELB
    user guide, "Enable access logs for your Application Load Balancer")."""
    return {
        "Sid": "LoadBalancersWrite",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{arn}/{ACCESS_LOG_PREFIX}/AWSLogs/{place.account}/*",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": place.account},
            "ArnLike": {"aws:SourceArn": place.arn("elasticloadbalancing", "loadbalancer/*")},
        },
    }
