"""The alarms of a stack, evaluated as CloudWatch would on values that were measured here.

How points that are missing count: CloudWatch user guide, "Configuring how CloudWatch alarms treat
missing data". It looks back further than the alarm's own periods, by how much is not promised; here
by as much as in its examples.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.live.spec import LiveError, Objects

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"

MINUTE_SECONDS = 60
"""An alarm with periods of a minute or more is evaluated every minute."""
LOOK_BACK_PERIODS = 2
"""Beside the alarm's own: what the user guide's examples show."""
PERCENT = 100
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": fmean,
    "Sum": math.fsum,
    "Maximum": max,
    "Minimum": min,
}
_FILLS = {"breaching": True, "notBreaching": False}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is measured, by the names that CloudWatch has for it."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @staticmethod
    def of(namespace: str, name: str, **dimensions: str) -> Metric:
        """The metric with those dimensions."""
        return Metric(namespace=namespace, name=name, dimensions=frozenset(dimensions.items()))


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One measured value."""

    at: float
    """In the cloud's seconds, from any one moment."""
    value: float


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm on one metric as the stack declares it."""

    name: str
    metric: Metric
    statistic: str
    """`Average`, `Sum`, `Maximum`, `Minimum`, or a percentile such as `p90`."""
    comparison: str
    """The API's word for it."""
    threshold: float
    period_seconds: int
    periods: int
    datapoints: int
    """How many of the periods must breach."""
    missing_breaches: bool
    """Whether a period without a value counts as one that breaches."""

    def value(self, values: Sequence[float]) -> float | None:
        """The statistic over the values of a period; None where there are none.

        A percentile is the least value that so many per cent do not exceed.
        """
        if not values:
            return None
        if self.statistic in _STATISTICS:
            return _STATISTICS[self.statistic](values)
        rank = math.ceil(float(self.statistic.removeprefix("p")) / PERCENT * len(values))
        return sorted(values)[rank - 1]

    def alarms(self, points: Sequence[float | None]) -> bool:
        """Whether the alarm is on after these periods, the oldest first.

        Where enough periods have values, those without are passed over.
        """
        known = [point for point in points[-self._range :] if point is not None]
        breaches = [self._breaches(point) for point in known[-self.periods :]]
        filled = max(0, self.periods - len(known)) * self.missing_breaches
        return sum(breaches) + filled >= self.datapoints

    def on(self, samples: Sequence[Sample], *, end: float) -> tuple[float, ...]:
        """The minutes up to `end`, in the cloud's seconds, at whose end the alarm is on."""
        last = int(end // MINUTE_SECONDS)
        ends = (minute * MINUTE_SECONDS for minute in range(1, last + 1))
        return tuple(end for end in ends if self.alarms(self._points(samples, end)))

    @property
    def _range(self) -> int:
        return self.periods + LOOK_BACK_PERIODS

    def _points(self, samples: Sequence[Sample], end: float) -> list[float | None]:
        values: list[list[float]] = [[] for _ in range(self._range)]
        for sample in samples:
            age = math.ceil((end - sample.at) / self.period_seconds)
            if 1 <= age <= self._range:
                values[-age].append(sample.value)
        return [self.value(period) for period in values]

    def _breaches(self, value: float) -> bool:
        return _COMPARISONS[self.comparison](value, self.threshold)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the alarms of a stack would have said."""

    on: Mapping[str, tuple[float, ...]]
    """Alarm that was on -> the ends of the minutes in which it was, in the cloud's seconds."""
    quiet: tuple[str, ...]
    """Alarms that were never on."""
    unmeasured: tuple[Alarm, ...]
    """Alarms whose metric nobody measured: nothing is known of them."""


def evaluate(
    alarms: Sequence[Alarm], measured: Mapping[Metric, Sequence[Sample]], *, end: float
) -> Verdict:
    """What each alarm would have said until `end`, in the cloud's seconds.

    A metric that was measured and had nothing to report has an empty sequence.
    """
    known = [alarm for alarm in alarms if alarm.metric in measured]
    on = {alarm.name: alarm.on(measured[alarm.metric], end=end) for alarm in known}
    return Verdict(
        on={name: minutes for name, minutes in on.items() if minutes},
        quiet=tuple(name for name, minutes in on.items() if not minutes),
        unmeasured=tuple(alarm for alarm in alarms if alarm.metric not in measured),
    )


def read(objects: Objects) -> tuple[Alarm, ...]:
    """The alarms of the stack. Raises LiveError for one that cannot be evaluated here."""
    return tuple(_alarm(item) for item in objects.all(ALARM))


def _alarm(item: CloudObject) -> Alarm:
    if item.get("metricQueries"):
        raise LiveError(f"{item.label}: an expression; only alarms on one metric are evaluated")
    periods = int(item.get("evaluationPeriods"))
    return Alarm(
        name=str(item.name),
        metric=Metric.of(item.get("namespace"), item.get("metricName"), **_dimensions(item)),
        statistic=_statistic(item),
        comparison=_known(item, "comparisonOperator", _COMPARISONS),
        threshold=float(item.get("threshold")),
        period_seconds=int(item.get("period")),
        periods=periods,
        datapoints=int(item.get("datapointsToAlarm") or periods),
        missing_breaches=_FILLS[_known(item, "treatMissingData", _FILLS)],
    )


def _dimensions(item: CloudObject) -> dict[str, str]:
    return {str(name): str(value) for name, value in (item.get("dimensions") or {}).items()}


def _statistic(item: CloudObject) -> str:
    percentile = item.get("extendedStatistic")
    return str(percentile) if percentile else _known(item, "statistic", _STATISTICS)


def _known(item: CloudObject, attribute: str, known: Mapping[str, Any]) -> str:
    value = str(item.get(attribute))
    if value not in known:
        raise LiveError(f"{item.label}: {attribute} is {value}; known here: {', '.join(known)}")
    return value
