"""Azure Monitor: alarms, who is told, where logs go."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import ids, servicebus
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

SINGLE = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
MULTIPLE = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
_OPERATORS = {
    "StaticThresholdCriterion": (
        "Equals",
        "GreaterThan",
        "GreaterThanOrEqual",
        "LessThan",
        "LessThanOrEqual",
    ),
    "DynamicThresholdCriterion": ("GreaterThan", "LessThan", "GreaterOrLessThan"),
}
_AGGREGATIONS = ("Average", "Count", "Minimum", "Maximum", "Total")
MOST_LOOKED_BACK_SECONDS = 172_800
"""Longest time that an alarm on a query looks back: two days (Azure Monitor documentation, "Service
limits")."""
LEAST_FREQUENT = "PT1M"


def receivers(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Whoever is told has a name of his own, and an address if it is by e-mail."""
    names = [name for _, name in properties.find("emailReceivers[*].name")]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("emailReceivers", f"two receivers are called {twice}")
    for _, address in properties.find("emailReceivers[*].emailAddress"):
        if "@" not in str(address):
            yield Problem("emailReceivers", f"{address!r} is no e-mail address")


def metric_criteria(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Conditions have names of their own, and a bound in the way of their kind."""
    several = len(properties["scopes"]) > 1
    kind = properties.get("criteria.odataType")
    if kind not in (SINGLE, MULTIPLE):
        yield Problem("criteria", f"{kind} is not known here: use {SINGLE}, or {MULTIPLE}")
    if several and kind == SINGLE:
        yield Problem("criteria", f"several scopes need {MULTIPLE}")
    conditions = properties.get("criteria.allOf") or []
    names = [one["name"] for one in conditions]
    if len(set(names)) < len(names):
        yield Problem("criteria", "two conditions have the same name")
    for one in conditions:
        static = one["criterionType"] == "StaticThresholdCriterion"
        if static == (one.get("threshold") is None):
            yield Problem(
                "criteria", "threshold goes with StaticThresholdCriterion, which needs it"
            )
        if kind == SINGLE and not static:
            yield Problem("criteria", f"dynamic thresholds need {MULTIPLE}")
        if one["operator"] not in _OPERATORS.get(one["criterionType"], ()):
            yield Problem("criteria", f"{one['operator']} is no operator of {one['criterionType']}")
        if one["timeAggregation"] not in _AGGREGATIONS:
            yield Problem(
                "criteria", f"{one['timeAggregation']} is none of {', '.join(_AGGREGATIONS)}"
            )


def window_holds_the_frequency(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A window is no shorter than the time between two looks at it."""
    window, every = (
        servicebus.seconds(properties[name]) for name in ("windowSize", "evaluationFrequency")
    )
    if window is not None and every is not None and window < every:
        yield Problem(
            "windowSize", f"{properties['windowSize']} is shorter than evaluationFrequency"
        )


def query_times(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A query looks back two days at most, and no less far than it is asked often."""
    window = servicebus.seconds(properties["windowSize"])
    every = servicebus.seconds(properties["evaluationFrequency"])
    over = properties["overrideQueryTimeRange"]
    back = servicebus.seconds(over) if over else window
    for name, found in (("windowSize", window), ("overrideQueryTimeRange", back)):
        if found is None:
            yield Problem(name, f"{properties[name]!r} is no period, such as PT1H")
            return
    if back is not None and back > MOST_LOOKED_BACK_SECONDS:
        yield Problem("windowSize", f"{back} s back are more than {MOST_LOOKED_BACK_SECONDS}")
    if window is not None and every is not None and window < every:
        yield Problem("windowSize", "it is shorter than evaluationFrequency")
    if properties["autoMitigate"] and properties["muteActionsDuration"]:
        yield Problem(
            "muteActionsDuration", "autoMitigate and muteActionsDuration exclude each other"
        )


def query_criteria(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A condition has a query, and a bound; failing periods are no more than those looked at."""
    for one in properties.get("criteria.allOf") or []:
        for name in ("query", "operator", "threshold", "timeAggregation"):
            if one.get(name) is None:
                yield Problem("criteria", f"a condition needs {name}")
        if one.get("timeAggregation") not in (None, "Count") and not one.get("metricMeasureColumn"):
            yield Problem("criteria", "an aggregation other than Count needs metricMeasureColumn")
        periods = one.get("failingPeriods") or {}
        most, least = (
            periods.get("numberOfEvaluationPeriods"),
            periods.get("minFailingPeriodsToAlert"),
        )
        if most is not None and least is not None and least > most:
            yield Problem("criteria", f"{least} failing periods of {most} cannot be")


def scopes_exist(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What is watched is there."""
    for given in properties["scopes"]:
        yield from _there(str(given), "scopes", cloud)


def resource_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What tells its logs is there."""
    yield from _there(str(properties["resourceUri"]), "resourceUri", cloud)


def _there(given: str, where: str, cloud: AzureCloud) -> Iterator[Problem]:
    uri = given.removesuffix("/blobServices/default") if "Microsoft.Storage" in given else given
    whole = "/providers/" not in uri
    found = cloud.find(ids.GROUP, "id", uri) if whole else ids.named(uri, cloud)
    if found is None and ids.tail(uri) != cloud.subscription:
        yield Problem(where, f"ResourceNotFound: there is no {given}")


def flows_join(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What flows comes from a source of the rule, and goes to a destination of it."""
    streams = {name for _, name in properties.find("dataSources.extensions[*].streams[*]")}
    named = {name for _, name in properties.find("destinations.logAnalytics[*].name")}
    for flow in properties["dataFlows"] or []:
        for stream in flow.get("streams") or []:
            if streams and stream not in streams:
                yield Problem("dataFlows", f"no source of the rule has the stream {stream}")
        for one in flow.get("destinations") or []:
            if one not in named:
                yield Problem("dataFlows", f"there is no destination {one}")
