"""Buckets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

BLOCK = "alicloud:oss/bucketPublicAccessBlock:BucketPublicAccessBlock"
_POLICY = "alicloud:oss/bucketPolicy:BucketPolicy"
_ENCRYPTION = "alicloud:oss/bucketServerSideEncryption:BucketServerSideEncryption"
_VERSIONS = "alicloud:oss/bucketVersioning:BucketVersioning"
CLASSES = ("Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive")
"""From the dearest to keep to the cheapest; objects move this way alone."""
OLD_VERSIONS = ("TLSv1.0", "TLSv1.1")


def lifecycle(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Each rule does something, has a name of its own, and moves objects to ever colder classes
    (OSS documentation, "Lifecycle rules based on the last modified time")."""
    rules = properties["lifecycleRules"] or []
    names = Counter(rule["id"] for rule in rules if rule.get("id"))
    for name in sorted(name for name, count in names.items() if count > 1):
        yield Problem("lifecycleRules", f"InvalidArgument: two rules are named {name}")
    for rule in rules:
        yield from _rule(rule)
    if not properties["lifecycleRuleAllowSameActionOverlap"]:
        yield from _overlaps(rules)


def _rule(rule: Mapping[str, Any]) -> Iterator[Problem]:
    label = rule.get("id") or "a rule"
    actions = (
        "expirations",
        "transitions",
        "abortMultipartUploads",
        "noncurrentVersionExpirations",
        "noncurrentVersionTransitions",
    )
    if not any(rule.get(name) for name in actions):
        yield Problem("lifecycleRules", f"MalformedXML: {label} does nothing")
    for name in ("transitions", "noncurrentVersionTransitions"):
        steps = sorted(rule.get(name) or [], key=lambda one: CLASSES.index(one["storageClass"]))
        days = [step.get("days") or 0 for step in steps]
        if any(later <= earlier for earlier, later in pairwise(days)):
            yield Problem(
                "lifecycleRules",
                f"InvalidArgument: {label}: a colder class comes later than a warmer one",
            )
        ends = [one.get("days") or 0 for one in rule.get("expirations") or []]
        if name == "transitions" and ends and ends[0] and days and days[-1] >= ends[0]:
            yield Problem(
                "lifecycleRules", f"InvalidArgument: {label}: objects move after they are deleted"
            )


def _overlaps(rules: list[Mapping[str, Any]]) -> Iterator[Problem]:
    """Two rules that both delete, or both move, objects of one prefix."""
    for kind in ("expirations", "transitions"):
        prefixes = [str(rule.get("prefix") or "") for rule in rules if rule.get(kind)]
        for index, one in enumerate(prefixes):
            for other in prefixes[index + 1 :]:
                if one.startswith(other) or other.startswith(one):
                    yield Problem(
                        "lifecycleRules",
                        f"InvalidArgument: two rules with {kind} are for {one or 'all'} and "
                        f"{other or 'all'}: set lifecycleRuleAllowSameActionOverlap, or join them",
                    )


def archives(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A bucket with copies in several zones takes Standard, IA and Archive (OSS documentation,
    "Redundancy type")."""
    if properties["redundancyType"] != "ZRS":
        return
    moved = {kind for _, kind in properties.find("lifecycleRules[*].transitions[*].storageClass")}
    cold = sorted(moved & {"ColdArchive", "DeepColdArchive"})
    if cold:
        yield Problem("lifecycleRules", f"InvalidArgument: a bucket of ZRS has no {cold[0]}")


def policy_of(properties: Properties, cloud: AlicloudCloud) -> str | None:
    """The bucket's policy, which the provider reads into the bucket, as the two below (Read of
    resource_alicloud_oss_bucket.go)."""
    found = cloud.find(_POLICY, "bucket", properties["bucket"])
    return None if found is None else str(found.get("policy"))


def encryption_of(properties: Properties, cloud: AlicloudCloud) -> Mapping[str, Any] | None:
    """How its objects are encrypted."""
    found = cloud.find(_ENCRYPTION, "bucket", properties["bucket"])
    if found is None:
        return None
    rule = {name: found.get(name) for name in ("sseAlgorithm", "kmsMasterKeyId")}
    return {name: value for name, value in rule.items() if value}


def versions_of(properties: Properties, cloud: AlicloudCloud) -> Mapping[str, Any] | None:
    """Whether replaced objects are kept."""
    found = cloud.find(_VERSIONS, "bucket", properties["bucket"])
    return None if found is None else {"status": found.get("status")}


def key_goes_with_kms(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A key of one's own is for the algorithm KMS."""
    if properties["kmsMasterKeyId"] is not None and properties["sseAlgorithm"] != "KMS":
        yield Problem("kmsMasterKeyId", "InvalidArgument: it goes with the algorithm KMS alone")


def versions_of_tls(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Versions are given where they are held to."""
    if properties["enable"] and not properties["tlsVersions"]:
        yield Problem("tlsVersions", "MalformedXML: name the versions that are allowed")


def policy_well_formed(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A policy is a document of version 1 with statements."""
    try:
        document = json.loads(properties["policy"])
    except ValueError as error:
        yield Problem("policy", f"MalformedPolicy: {error}")
        return
    if document.get("Version") != "1" or not document.get("Statement"):
        yield Problem("policy", 'MalformedPolicy: it has "Version": "1" and a Statement')


def public_only_where_allowed(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A bucket whose public access is blocked takes no public list."""
    if properties["acl"] != "private":
        yield from _blocked(properties, "acl", cloud)


def public_policy_only_where_allowed(
    properties: Properties, cloud: AlicloudCloud
) -> Iterator[Problem]:
    """A bucket whose public access is blocked takes no policy that lets in everybody."""
    for statement in json.loads(properties["policy"]).get("Statement") or []:
        if statement.get("Effect") == "Allow" and "*" in statement.get("Principal", ()):
            yield from _blocked(properties, "policy", cloud)


def _blocked(properties: Properties, where: str, cloud: AlicloudCloud) -> Iterator[Problem]:
    block = cloud.find(BLOCK, "bucket", properties["bucket"])
    if block is not None and block.get("blockPublicAccess"):
        yield Problem(where, "AccessDenied: public access to the bucket is blocked")
