"""Topics and subscriptions."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms
from sandbox.gcp.cloud import GcpCloud

RETENTION_SECONDS = (600, 31 * 86_400)


def key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Pub/Sub may use the key."""
    member = kms.agent("gcp-sa-pubsub", cloud)
    yield from kms.usable_by(member, properties["kmsKeyName"], "kmsKeyName", cloud)


def retention(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Messages are kept for ten minutes to 31 days."""
    text = properties["messageRetentionDuration"]
    low, high = RETENTION_SECONDS
    if not text.endswith("s") or not low <= float(text[:-1]) <= high:
        yield Problem("messageRetentionDuration", f"{text} must be between {low}s and {high}s")
