"""Queues."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox import paths
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem


def fifo_name(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The name of a FIFO queue, and of no other, ends in .fifo."""
    name = properties["name"]
    if name and name.endswith(".fifo") != bool(properties["fifoQueue"]):
        yield Problem(
            "name",
            f"invalid queue name: {name}: a name ends in .fifo if and only if fifoQueue is true",
        )
    if properties["contentBasedDeduplication"] and not properties["fifoQueue"]:
        yield Problem(
            "contentBasedDeduplication",
            "content-based deduplication can only be set for a FIFO queue",
        )


def redrive_policy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """It names the queue for dead letters and after how many receives."""
    if not properties["redrivePolicy"]:
        return
    policy = paths.load_json(properties["redrivePolicy"])
    wanted = {"deadLetterTargetArn", "maxReceiveCount"}
    if not isinstance(policy, dict) or policy.keys() != wanted:
        yield Problem(
            "redrivePolicy",
            "InvalidParameterValue: Value for parameter RedrivePolicy is invalid. Reason: it must "
            f"be a JSON object of {' and '.join(sorted(wanted))}",
        )


def redrive_allow_policy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """It names source queues if and only if the permission is by queue."""
    policy = paths.load_json(properties["redriveAllowPolicy"])
    if not isinstance(policy, dict) or "redrivePermission" not in policy:
        yield Problem("redriveAllowPolicy", "InvalidParameterValue: redrivePermission is missing")
    elif (policy["redrivePermission"] == "byQueue") != bool(policy.get("sourceQueueArns")):
        yield Problem(
            "redriveAllowPolicy",
            "InvalidParameterValue: sourceQueueArns goes with redrivePermission byQueue only, "
            "which needs it",
        )
