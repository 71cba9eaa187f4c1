"""Queues."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

QUEUE = "alicloud:message/serviceQueue:ServiceQueue"


def dead_letters(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Dead letters go to a queue that is named, after a number of attempts."""
    given = properties["dlqPolicy"]
    if given and given.get("enabled"):
        for name in ("deadLetterTargetQueue", "maxReceiveCount"):
            if not given.get(name):
                yield Problem("dlqPolicy", f"InvalidArgument: it needs {name}")
        if given.get("deadLetterTargetQueue") == properties["queueName"]:
            yield Problem("dlqPolicy", "InvalidArgument: a queue cannot take its own dead letters")


def dead_letters_of_one_kind(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """They go to a queue of the same kind (documentation of the message service, "Dead-letter
    queues")."""
    target = cloud.find(QUEUE, "queueName", properties.get("dlqPolicy.deadLetterTargetQueue"))
    if target is not None and target.get("queueType") != (properties["queueType"] or "normal"):
        yield Problem("dlqPolicy", f"InvalidArgument: {target.label} is of another kind")
