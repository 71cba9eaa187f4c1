"""Log groups, alarms and dashboards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sandbox import paths
from sandbox.aws.checks import documents, kms, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_DAY_SECONDS: Final = 86400
_KEY_ACTIONS: Final = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")
_METRIC_VALUE: Final = re.compile(r"-?\d+(\.\d+)?|\$.+")
_COLUMNS: Final = 24
_CLUSTER_LOG: Final = re.compile(r"/aws/eks/([^/]+)/cluster")


def key_admits_logs(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The key's policy lets CloudWatch Logs of this region use it for this group."""
    key = cloud.find(kms.KEY, "arn", properties["kmsKeyId"]) if properties["kmsKeyId"] else None
    if key is None:
        return
    arn = (
        f"arn:{cloud.partition}:logs:{cloud.region}:{cloud.account}:log-group:{properties['name']}"
    )
    service = f"logs.{cloud.region}.amazonaws.com"
    missing = [
        action
        for action in _KEY_ACTIONS
        if not documents.admits_service(
            key.get("policy"), [service], action, {"kms:EncryptionContext:aws:logs:arn": arn}
        )
    ]
    if missing:
        yield Problem(
            "kmsKeyId",
            "AccessDeniedException: The specified KMS key does not exist or is not allowed to be "
            f"used with Arn '{arn}': let its policy allow {', '.join(missing)} to {service}",
        )


def not_made_by_a_cluster(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """EKS makes the log group of a cluster that logs, when there is none."""
    match = _CLUSTER_LOG.fullmatch(properties["name"])
    cluster = neighbours.cluster(match[1], cloud) if match and not properties["id"] else None
    if cluster and cluster.get("enabledClusterLogTypes"):
        yield Problem(
            "name",
            "ResourceAlreadyExistsException: The specified log group already exists: EKS made it, "
            f"without a retention, when {cluster.label} began to log; make the log group before "
            "the cluster",
        )


def alarm_metric(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An alarm watches one metric, with everything that needs, or a list of queries."""
    if properties["evaluationCriteria"]:
        return
    if bool(properties["metricName"]) == bool(properties["metricQueries"]):
        yield Problem(
            "metricName", "ValidationError: give metricName or metricQueries, and only one of them"
        )
    needed = ["comparisonOperator", "evaluationPeriods"]
    if properties["metricName"]:
        needed += ["namespace", "period"]
        if not properties["statistic"] and not properties["extendedStatistic"]:
            yield Problem(
                "statistic", "ValidationError: statistic or extendedStatistic is required"
            )
    for name in needed:
        if properties[name] is None:
            yield Problem(name, "ValidationError: it is required")
    if properties["threshold"] is None and not properties["thresholdMetricId"]:
        yield Problem("threshold", "ValidationError: threshold or thresholdMetricId is required")


def alarm_period(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Periods that CloudWatch has, and a span that it looks back over."""
    period, count = properties["period"], properties["evaluationPeriods"]
    if period is not None and period not in (10, 20, 30) and (period < 60 or period % 60):
        yield Problem(
            "period",
            f"ValidationError: {period} is no period: use 10, 20, 30 or a multiple of 60 seconds",
        )
    elif period and count:
        most = 7 * _DAY_SECONDS if period >= 3600 else _DAY_SECONDS
        if period * count > most:
            yield Problem(
                "evaluationPeriods",
                f"ValidationError: Metrics cannot be checked across more than {most} seconds "
                f"(evaluationPeriods * period): it is {period * count}",
            )
    if count and (properties["datapointsToAlarm"] or 0) > count:
        yield Problem(
            "datapointsToAlarm",
            f"ValidationError: DatapointsToAlarm {properties['datapointsToAlarm']} is greater than "
            f"EvaluationPeriods {count}",
        )


def metric_value(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """What is counted is a number or a field; a default goes without dimensions."""
    transformation = properties["metricTransformation"]
    if not _METRIC_VALUE.fullmatch(str(transformation["value"])):
        yield Problem(
            "metricTransformation",
            f"InvalidParameterException: the value {transformation['value']!r} is neither a number "
            "nor a field such as $.size",
        )
    if transformation.get("dimensions") and transformation.get("defaultValue") is not None:
        yield Problem(
            "metricTransformation",
            "InvalidParameterException: Invalid metric transformation: dimensions and default "
            "value are mutually exclusive properties",
        )


def dashboard_widgets(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A dashboard is a list of widgets, each with a type and properties, on 24 columns."""
    body = paths.load_json(properties["dashboardBody"])
    widgets = body.get("widgets") if isinstance(body, dict) else None
    if not isinstance(widgets, list):
        yield Problem(
            "dashboardBody", "InvalidParameterInput: The dashboard body is invalid: no widgets"
        )
        return
    for index, widget in enumerate(widgets):
        if not widget.get("type") or not widget.get("properties"):
            yield Problem(
                "dashboardBody",
                f"InvalidParameterInput: /widgets/{index} should have type and properties",
            )
        if widget.get("x", 0) + widget.get("width", 6) > _COLUMNS:
            yield Problem(
                "dashboardBody",
                f"InvalidParameterInput: /widgets/{index} reaches over the {_COLUMNS} columns",
            )
