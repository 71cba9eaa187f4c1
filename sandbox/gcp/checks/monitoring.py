"""Alert policies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.cloud import GcpCloud

_LABELS = {"email": "email_address", "pubsub": "topic", "webhook_tokenauth": "url"}
_SECONDS = re.compile(r"(\d+)s")
_MINUTE = 60
_MOST_PERIOD = 90_000
"""Longest period of a condition (Cloud Monitoring API, Aggregation.alignmentPeriod)."""


def filters(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A condition says of which metric and of which kind of resource."""
    for _, text in properties.find("conditions[*].conditionThreshold.filter"):
        if "metric.type" not in text or "resource.type" not in text:
            yield Problem("conditions", f"{text!r} must name metric.type and resource.type")


def durations(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Times are whole minutes, and periods a minute at least."""
    for path in ("duration", "aggregations[*].alignmentPeriod"):
        for _, text in properties.find(f"conditions[*].conditionThreshold.{path}"):
            match = _SECONDS.fullmatch(text or "0s")
            if not match or int(match[1]) % _MINUTE or (path != "duration" and int(match[1]) < 60):
                yield Problem("conditions", f"{path} {text!r} must be a multiple of 60s")
            elif path != "duration" and int(match[1]) > _MOST_PERIOD:
                yield Problem("conditions", f"{path} {text!r} must be {_MOST_PERIOD}s at most")


def channel_labels(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A channel has the label that its type asks for."""
    wanted = _LABELS.get(properties["type"])
    if wanted is None:
        yield Problem("type", f"{properties['type']} is not known here: {', '.join(_LABELS)}")
    elif wanted not in (properties["labels"] or {}):
        yield Problem("labels", f"a channel of type {properties['type']} needs {wanted}")
