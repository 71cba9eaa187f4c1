"""Conditions that somebody has to be told of, as the tables state them.

Apart from what makes alert rules of them, so that the tables can be counted without an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Aggregation = Literal["Average", "Maximum", "Minimum", "Total"]
Operator = Literal["GreaterThan", "LessThan"]


@dataclass(frozen=True, kw_only=True)
class MetricSpec:
    """A condition on a metric of one resource."""

    name: str
    """Last part of the alert rule's name."""
    reason: str
    """What the condition means and what to do; the rule's description."""
    metric: str
    namespace: str
    """Kind of the resource, such as `Microsoft.App/containerApps`."""
    aggregation: Aggregation
    """How values of a window become one."""
    operator: Operator
    threshold: float
    """In the metric's unit."""
    window: str = "PT15M"
    """Stretch of time that is looked at; one of those that Azure has (Azure Monitor documentation,
    "Metric alerts")."""
    dimensions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Dimension of the metric -> the values of it that count."""


@dataclass(frozen=True, kw_only=True)
class QuerySpec:
    """A condition on lines of the log."""

    name: str
    reason: str
    query: str
    """Finds the lines that count, in the query language of Log Analytics."""
    operator: Operator
    threshold: float
    """Lines."""
    window: str
    """Stretch of time that is looked at; the query may look at less."""
    frequency: str
    """Time from one look to the next."""
    mute: str
    """Time for which nobody is told again."""
