"""Buckets and their settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from sandbox.aws.checks import documents
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_BUCKET: Final = "aws:s3/bucket:Bucket"
_MINIMUM_DAYS: Final = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
"""Days in S3 Standard before a move (S3 user guide, "Transitioning objects using Amazon S3
Lifecycle")."""
_DAYS_IN_INFREQUENT_ACCESS: Final = 30
_ORDER: Final = (
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
"""The waterfall of the same page: objects move down it only."""
_DEPRECATED: Final = {
    "acl": "aws:s3/bucketAcl:BucketAcl",
    "corsRules": "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    "grants": "aws:s3/bucketAcl:BucketAcl",
    "lifecycleRules": "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "logging": "aws:s3/bucketLogging:BucketLogging",
    "policy": "aws:s3/bucketPolicy:BucketPolicy",
    "serverSideEncryptionConfiguration": (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ),
    "versioning": "aws:s3/bucketVersioning:BucketVersioning",
}


def split_resources(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Settings inside the bucket are deprecated; the sandbox has their own resources only."""
    for name, kind in _DEPRECATED.items():
        if properties[name]:
            yield Problem(
                name, f"the sandbox does not simulate this deprecated setting: use {kind}"
            )


def encryption(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A key goes with the KMS algorithms only."""
    for rule in properties["rules"] or []:
        default = rule.get("applyServerSideEncryptionByDefault") or {}
        if default.get("kmsMasterKeyId") and default.get("sseAlgorithm") == "AES256":
            yield Problem(
                "rules",
                "InvalidArgument: a KMSMasterKeyID is not applicable if SSEAlgorithm is not "
                "aws:kms or aws:kms:dsse",
            )


def lifecycle_rules(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Rules with ids of their own, days in the order that S3 asks for, and something to do."""
    rules = properties["rules"] or []
    ids = [rule["id"] for rule in rules]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Problem("rules", f"InvalidArgument: Rule ID must be unique: {name!r}")
    for rule in rules:
        for reason in _rule_reasons(rule):
            yield Problem("rules", f"InvalidArgument: rule {rule['id']!r}: {reason}")


def _rule_reasons(rule: Mapping[str, Any]) -> Iterator[str]:
    actions = (
        "abortIncompleteMultipartUpload",
        "expiration",
        "noncurrentVersionExpiration",
        "noncurrentVersionTransitions",
        "transitions",
    )
    if not any(rule.get(action) for action in actions):
        yield "At least one action needs to be specified in a rule"
    moves = [(move["storageClass"], move.get("days")) for move in rule.get("transitions") or []]
    gone = (rule.get("expiration") or {}).get("days")
    yield from _move_reasons(moves, gone, "days")
    moves = [
        (move["storageClass"], move["noncurrentDays"])
        for move in rule.get("noncurrentVersionTransitions") or []
    ]
    gone = (rule.get("noncurrentVersionExpiration") or {}).get("noncurrentDays")
    yield from _move_reasons(moves, gone, "noncurrentDays")


def _move_reasons(
    moves: Sequence[tuple[str, int | None]], gone: int | None, name: str
) -> Iterator[str]:
    dated = [(storage, days) for storage, days in moves if days is not None]
    for storage, days in dated:
        least = _MINIMUM_DAYS.get(storage, 0)
        if days < least:
            yield (
                f"'{name}' in Transition action must be greater than or equal to {least} for "
                f"storageClass '{storage}', it is {days}"
            )
        if gone is not None and gone <= days:
            yield f"'{name}' in the Expiration action must be greater than {days}, it is {gone}"
    by_day = sorted(dated, key=lambda move: move[1])
    for (earlier, first), (later, second) in pairwise(by_day):
        if _ORDER.index(later) < _ORDER.index(earlier):
            yield f"objects cannot move from {earlier} to {later}"
        elif earlier.endswith("_IA") and second - first < _DAYS_IN_INFREQUENT_ACCESS:
            yield (
                f"'{name}' in the Transition action for storageClass '{later}' must be "
                f"{_DAYS_IN_INFREQUENT_ACCESS} days more than for '{earlier}': {second} is not "
                f"{first + _DAYS_IN_INFREQUENT_ACCESS} or more"
            )


def policy_names_its_bucket(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Every resource of a bucket's policy is the bucket or in it."""
    bucket = properties["bucket"]
    arn = f"arn:{cloud.partition}:s3:::{bucket}"
    try:
        statements = documents.parse(properties["policy"])
    except documents.NoDocumentError:
        return
    for statement in statements:
        for resource in statement.values("Resource"):
            if resource != arn and not str(resource).startswith(f"{arn}/"):
                yield Problem(
                    "policy",
                    f"MalformedPolicy: Policy has invalid resource: {resource} is not {arn} or "
                    "inside it",
                )


def policy_is_not_blocked(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A policy that opens the bucket to everyone is refused where that is blocked."""
    block = next(
        (
            item
            for item in cloud.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
            if item.get("bucket") == properties["bucket"]
        ),
        None,
    )
    if block is None or not block.get("blockPublicPolicy"):
        return
    for statement in documents.parse(properties["policy"]):
        public = "*" in [*statement.principals("AWS"), *statement.principals("Service")]
        if statement.allows and public and not list(statement.conditions()):
            yield Problem(
                "policy",
                "AccessDenied: public policies are blocked by the BlockPublicPolicy block public "
                "access setting: name a principal, or add a condition",
            )


def admits_log_delivery(bucket: str, load_balancer_arn: str, cloud: AwsCloud) -> str:
    """Why the load balancer's access log could not be written there; empty when it could."""
    encryption = next(
        (
            item
            for item in cloud.all(
                "aws:s3/bucketServerSideEncryptionConfiguration:"
                "BucketServerSideEncryptionConfiguration"
            )
            if item.get("bucket") == bucket
        ),
        None,
    )
    algorithm = (
        encryption.get("rules[0].applyServerSideEncryptionByDefault.sseAlgorithm")
        if encryption
        else "AES256"
    )
    if algorithm != "AES256":
        return f"it is encrypted with {algorithm}, access logs can be written with SSE-S3 only"
    context = {"aws:SourceAccount": cloud.account, "aws:SourceArn": load_balancer_arn}
    admitted = any(
        item.get("bucket") == bucket
        and documents.admits_service(
            item.get("policy"),
            ["logdelivery.elasticloadbalancing.amazonaws.com"],
            "s3:PutObject",
            context,
        )
        for item in cloud.all("aws:s3/bucketPolicy:BucketPolicy")
    )
    if not admitted:
        return (
            "its policy does not allow s3:PutObject to "
            "logdelivery.elasticloadbalancing.amazonaws.com"
        )
    return ""
