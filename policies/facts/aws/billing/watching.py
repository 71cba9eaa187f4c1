"""What watches: logs, measures, alarms, and functions that run once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.facts.aws import types
from policies.facts.billing import NotPriced, require_own
from policies.facts.graph import Graph
from policies.facts.resource import Resource
from pricing.inventory import (
    Alarms,
    CustomMetrics,
    Dashboards,
    DnsZones,
    Functions,
    Holds,
    LogGroups,
    Thing,
)

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
ZONE = "aws:route53/zone:Zone"

_CONTAINER_INSIGHTS = "/aws/containerinsights/"
_APPLICATION = "/application"
"""Beginning and end of the name of the group that takes what containers of a cluster print
(CloudWatch user guide, "Container Insights logs")."""
_CONTROL_PLANE = "/aws/eks/"
_FIREWALL = "aws-waf-logs-"
_STANDARD = "STANDARD"
"""Class of log groups that the prices are those of."""
_STANDARD_PERIOD_SECONDS = 60
_MEMORY_MIB = 128
"""Of a function that states none (Lambda API reference, "CreateFunction")."""


def log_group(graph: Graph, group: Resource) -> Iterator[Thing]:
    """Where logs are kept."""
    root = group.root
    require_own(graph, group, "how much is written to it")
    if root.stated("logGroupClass") and root.text("logGroupClass") != _STANDARD:
        raise NotPriced("prices are those of the standard class of log groups")
    yield LogGroups(
        component="monitoring",
        name=group.name,
        urn=group.urn,
        holds=_holds(graph, group),
        count=1,
        retention_days=root.integer("retentionInDays"),
    )


def _holds(graph: Graph, group: Resource) -> Holds:
    """Who writes there: services that choose the name themselves, or what is told to."""
    named = group.root.text("name")
    if named.startswith(_CONTAINER_INSIGHTS) and named.endswith(_APPLICATION):
        return "servers"
    if named.startswith(_CONTROL_PLANE):
        return "control_plane"
    if named.startswith(_FIREWALL):
        return "firewall"
    if graph.referring(group, "logDestination", FLOW_LOG):
        return "flows"
    written = graph.referring(group, "containerDefinitions", types.TASK)
    if any(graph.referring(task, "taskDefinition", types.SERVICE) for task in written):
        return "servers"
    if written or graph.referring(group, "loggingConfig", types.FUNCTION):
        return "bootstrap"
    return "other"


def flow_log(graph: Graph, resource: Resource) -> Iterable[Thing]:
    """A record of connections, billed with the log group that it is written to."""
    if not graph.referred(resource, "logDestination", types.LOG_GROUP):
        raise NotPriced("only what goes to a log group of the stack is priced")
    return ()


def alarm(resource: Resource) -> Iterator[Thing]:
    """A condition that is watched, billed by each measure that it looks at."""
    root = resource.root
    queries = root.nodes("metricQueries")
    if any(query.text("expression").startswith("SELECT") for query in queries):
        raise NotPriced("an alarm on a query is billed by what the query finds")
    measured = [query.node("metric") for query in queries if query.given("metric")] or [root]
    periods = [metric.integer("period", _STANDARD_PERIOD_SECONDS) for metric in measured]
    yield Alarms(
        component="monitoring",
        name=resource.name,
        urn=resource.urn,
        count=len(measured),
        high_resolution=min(periods) < _STANDARD_PERIOD_SECONDS,
    )


def metric_filter(resource: Resource) -> Iterator[Thing]:
    """A measure taken from logs."""
    if resource.root.given("metricTransformation.dimensions"):
        raise NotPriced("how many values its dimensions take is not known")
    yield CustomMetrics(component="monitoring", name=resource.name, urn=resource.urn, count=1)


def dashboard(resource: Resource) -> Iterator[Thing]:
    """A page of measures."""
    yield Dashboards(component="monitoring", name=resource.name, urn=resource.urn, count=1)


def function(graph: Graph, resource: Resource) -> Iterator[Thing]:
    """Code that runs once a deployment."""
    require_own(graph, resource, "how often it runs")
    yield Functions(
        component="bootstrap",
        name=resource.name,
        urn=resource.urn,
        memory_mib=resource.root.integer("memorySize", _MEMORY_MIB),
        count=1,
    )


def zone(resource: Resource) -> Iterator[Thing]:
    """A zone of domain names."""
    yield DnsZones(component="network", name=resource.name, urn=resource.urn, count=1)
