"""Alert policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.cloud import GcpCloud

METRIC = "gcp:logging/metric:Metric"
_LABELS = {"email": "email_address", "pubsub": "topic", "webhook_tokenauth": "url"}
_SECONDS = re.compile(r"(\d+)s")
_MINUTE = 60
_MOST_PERIOD = 90_000
"""Longest period of a condition (Cloud Monitoring API, Aggregation.alignmentPeriod)."""

_METRIC = re.compile(r'metric\.type\s*=\s*"([^"]+)"')
_OWN_METRIC = "logging.googleapis.com/user/"
_MEASURED = {"ALIGN_MEAN", "ALIGN_MAX", "ALIGN_MIN"}
_COUNTED = {"ALIGN_DELTA", "ALIGN_RATE"}
_SPREAD = {f"ALIGN_PERCENTILE_{share}" for share in ("99", "95", "90", "50", "05")}
_GAUGE = ("GAUGE of numbers", _MEASURED)
_DELTA = ("DELTA of numbers", _MEASURED | _COUNTED)
_DISTRIBUTION = ("DELTA of distributions", _SPREAD | {"ALIGN_DELTA"})
KINDS: Mapping[str, tuple[str, set[str]]] = {
    "cloudsql.googleapis.com/database/cpu/utilization": _GAUGE,
    "cloudsql.googleapis.com/database/disk/utilization": _GAUGE,
    "cloudsql.googleapis.com/database/memory/utilization": _GAUGE,
    "cloudsql.googleapis.com/database/postgresql/num_backends": _GAUGE,
    "cloudsql.googleapis.com/database/replication/replica_lag": _GAUGE,
    "kubernetes.io/container/cpu/limit_utilization": _GAUGE,
    "kubernetes.io/container/memory/limit_utilization": _GAUGE,
    "kubernetes.io/container/restart_count": _DELTA,
    "kubernetes.io/container/uptime": _GAUGE,
    "kubernetes.io/node/cpu/allocatable_utilization": _GAUGE,
    "kubernetes.io/node/memory/allocatable_utilization": _GAUGE,
    "kubernetes.io/node/pid_used": _GAUGE,
    "loadbalancing.googleapis.com/https/request_count": _DELTA,
    "pubsub.googleapis.com/subscription/num_undelivered_messages": _GAUGE,
    "pubsub.googleapis.com/subscription/oldest_unacked_message_age": _GAUGE,
    "redis.googleapis.com/stats/cpu_utilization_main_thread": _DELTA,
    "redis.googleapis.com/stats/evicted_keys": _DELTA,
    "redis.googleapis.com/stats/memory/usage_ratio": _GAUGE,
    "run.googleapis.com/container/cpu/utilizations": _DISTRIBUTION,
    "run.googleapis.com/container/instance_count": _GAUGE,
    "run.googleapis.com/container/memory/utilizations": _DISTRIBUTION,
    "run.googleapis.com/job/completed_execution_count": _DELTA,
    "run.googleapis.com/request_count": _DELTA,
    "run.googleapis.com/request_latencies": _DISTRIBUTION,
}
"""Metric -> its kind, and the aligners for it (Cloud Monitoring documentation, "Google Cloud
metrics" and "Kinds of aligners")."""
_IN_SECONDS = {"redis.googleapis.com/stats/cpu_utilization_main_thread"}
"""Counted seconds of CPU: a share of a core is what comes in a second."""


def aligners(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A metric is aligned as its kind allows, and one that counts seconds as a rate."""
    for _, threshold in properties.find("conditions[*].conditionThreshold"):
        found = _METRIC.search(str(threshold.get("filter")))
        if found is None or found[1] not in KINDS:
            continue
        kind, allowed = KINDS[found[1]]
        for aggregation in threshold.get("aggregations") or []:
            aligner = aggregation.get("perSeriesAligner")
            if aligner is not None and aligner not in allowed:
                yield Problem(
                    "conditions",
                    f"Error 400: {aligner} does not go with {found[1]}, a {kind}: use one of "
                    f"{', '.join(sorted(allowed))}",
                )
            elif found[1] in _IN_SECONDS and aligner != "ALIGN_RATE":
                yield Problem("conditions", f"{found[1]} counts seconds: use ALIGN_RATE")


def own_metrics(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A metric of log lines is there before an alarm on it."""
    there = {metric.get("name") for metric in cloud.all(METRIC)}
    for _, text in properties.find("conditions[*].conditionThreshold.filter"):
        found = _METRIC.search(str(text))
        if found and found[1].startswith(_OWN_METRIC):
            name = found[1].removeprefix(_OWN_METRIC)
            if name not in there:
                yield Problem("conditions", f"Error 404: Cannot find metric(s) that match {name}")


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
