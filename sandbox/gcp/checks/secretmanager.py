"""Secrets."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms
from sandbox.gcp.checks.links import tail
from sandbox.gcp.cloud import GcpCloud

KEYS = "replication.userManaged.replicas[*].customerManagedEncryption.kmsKeyName"


def one_replication(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A secret is replicated by Google's choice or by the user's."""
    replication = properties["replication"] or {}
    if ("auto" in replication) == ("userManaged" in replication):
        yield Problem("replication", "give exactly one of auto and userManaged")


def key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Secret Manager may use the key."""
    for _, key in properties.find(KEYS):
        yield from kms.usable_by(
            kms.agent("gcp-sa-secretmanager", cloud), key, "replication", cloud
        )


def version(properties: Properties, cloud: GcpCloud) -> str:
    """The number of a version, at the end of its name."""
    return tail(properties["name"])
