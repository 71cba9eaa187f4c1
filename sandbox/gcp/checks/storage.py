"""Buckets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms
from sandbox.gcp.cloud import GcpCloud

SOFT_DELETE_SECONDS = (604_800, 7_776_000)


def lifecycle(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A rule has a condition, and a class if and only if it sets one."""
    for rule in properties["lifecycleRules"] or []:
        action, condition = rule["action"], rule["condition"]
        if (action["type"] == "SetStorageClass") != bool(action.get("storageClass")):
            yield Problem(
                "lifecycleRules", "storageClass goes with SetStorageClass, which needs it"
            )
        if not any(value is not None for value in condition.values()):
            yield Problem("lifecycleRules", "a rule without a condition holds for every object")
        if action["type"] == "AbortIncompleteMultipartUpload" and set(condition) - {
            "age",
            "matchesPrefixes",
            "matchesSuffixes",
        }:
            yield Problem("lifecycleRules", "uploads are aborted by age, prefix and suffix alone")


def soft_delete(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Deleted objects are kept for 7 to 90 days, or not at all."""
    seconds = properties.get("softDeletePolicy.retentionDurationSeconds")
    low, high = SOFT_DELETE_SECONDS
    if seconds and not low <= seconds <= high:
        yield Problem("softDeletePolicy", f"{seconds} s must be 0 or between {low} and {high}")


def condition_allowed(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A grant to everybody bears no condition (IAM documentation, "Overview of IAM Conditions")."""
    if properties["condition"] and properties["member"] in ("allUsers", "allAuthenticatedUsers"):
        yield Problem("condition", "Error 400: a grant to everybody cannot have a condition")


def key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Cloud Storage may use the key."""
    key = properties.get("encryption.defaultKmsKeyName")
    yield from kms.usable_by(kms.storage_agent(cloud), key, "encryption", cloud)


def service_account(arguments: Properties, cloud: GcpCloud) -> dict[str, Any]:
    """The result of getProjectServiceAccount."""
    email = kms.storage_agent(cloud).removeprefix("serviceAccount:")
    return {
        "id": email,
        "emailAddress": email,
        "member": f"serviceAccount:{email}",
        "project": cloud.project,
    }
