"""Alarms of the live sandbox say what CloudWatch would."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.aws.live.alarms import Alarm, Metric, Sample, evaluate, read
from sandbox.live.spec import LiveError, Objects
from tests.live.objects import made

MINUTE = 60
ERRORS = Metric.of("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", LoadBalancer="app/a/1")


def declared(**changes: Any) -> Objects:  # noqa: ANN401 - properties of any kind
    """A stack with one alarm: three minutes with ten errors each."""
    values = {
        "arn": "errors",
        "namespace": ERRORS.namespace,
        "metricName": ERRORS.name,
        "dimensions": dict(ERRORS.dimensions),
        "statistic": "Sum",
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
        "threshold": 10,
        "period": MINUTE,
        "evaluationPeriods": 3,
        "treatMissingData": "notBreaching",
    }
    return Objects([made("cloudwatch/metricAlarm:MetricAlarm", **{**values, **changes})])


def alarm(**changes: Any) -> Alarm:  # noqa: ANN401 - as above
    """The alarm of that stack."""
    [found] = read(declared(**changes))
    return found


def points(text: str) -> list[float | None]:
    """Periods, the oldest first: `0` is within the threshold of ten, `X` is not, `-` is missing."""
    return [{"0": 9.0, "X": 10.0, "-": None}[sign] for sign in text.split()]


@pytest.mark.parametrize(
    ("periods", "breaching", "not_breaching"),
    [
        ("0 - X - X", False, False),
        ("0 - - - -", False, False),
        ("- - - - -", True, False),
        ("0 X X - X", True, True),
        ("- - X - -", True, False),
    ],
)
def test_three_of_three_are_as_in_the_user_guide(
    periods: str, breaching: bool, not_breaching: bool
) -> None:
    assert alarm(treatMissingData="breaching").alarms(points(periods)) is breaching
    assert alarm(treatMissingData="notBreaching").alarms(points(periods)) is not_breaching


@pytest.mark.parametrize(
    ("periods", "breaching", "not_breaching"),
    [
        ("0 - X - X", True, True),
        ("0 0 X 0 X", True, True),
        ("0 - X - -", True, False),
        ("- - - - 0", True, False),
        ("- - - X -", True, False),
    ],
)
def test_two_of_three_are_as_in_the_user_guide(
    periods: str, breaching: bool, not_breaching: bool
) -> None:
    for missing, expected in (("breaching", breaching), ("notBreaching", not_breaching)):
        rule = alarm(treatMissingData=missing, datapointsToAlarm=2)
        assert rule.alarms(points(periods)) is expected


def test_without_a_number_of_datapoints_every_period_must_breach() -> None:
    assert alarm().alarms(points("0 0 X X X"))
    assert not alarm().alarms(points("0 X X 0 X"))


def test_older_periods_than_the_range_say_nothing() -> None:
    assert alarm(datapointsToAlarm=1).alarms(points("X - - - -"))
    assert not alarm(datapointsToAlarm=1).alarms(points("X - - - - -"))


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("GreaterThanThreshold", False, False, True),
        ("GreaterThanOrEqualToThreshold", False, True, True),
        ("LessThanThreshold", True, False, False),
        ("LessThanOrEqualToThreshold", True, True, False),
    ],
)
def test_the_threshold_itself_belongs_to_the_side_that_the_operator_says(
    operator: str, below: bool, at: bool, above: bool
) -> None:
    rule = alarm(comparisonOperator=operator, evaluationPeriods=1)
    assert [rule.alarms([value]) for value in (9.9, 10.0, 10.1)] == [below, at, above]


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Average", 2.5), ("Sum", 10), ("Maximum", 4), ("Minimum", 1), ("p90", 4), ("p50", 2)],
)
def test_a_period_has_one_value_by_the_statistic(statistic: str, value: float) -> None:
    names = {"statistic": statistic} if statistic[0].isupper() else {"extendedStatistic": statistic}
    rule = alarm(**names)
    assert rule.value([4, 1, 3, 2]) == value
    assert rule.value([]) is None


def errors(*minutes: int, each: int = 10) -> list[Sample]:
    """So many errors in the middle of each of those minutes, the first being 1."""
    return [
        Sample(at=minute * MINUTE - MINUTE / 2, value=1) for minute in minutes for _ in range(each)
    ]


def test_an_alarm_is_on_from_the_end_of_the_last_period_it_needs_until_it_is_over() -> None:
    assert alarm().on(errors(2, 3, 4), end=12 * MINUTE) == tuple(
        minute * MINUTE for minute in (4, 5, 6)
    )
    assert alarm().on(errors(2, 3, 4), end=4 * MINUTE) == (4 * MINUTE,)


def test_periods_of_five_minutes_slide_with_the_minutes() -> None:
    rule = alarm(period=300, evaluationPeriods=1)
    assert rule.on(errors(2), end=7 * MINUTE)[0] == 2 * MINUTE


def test_a_value_at_the_edge_of_two_periods_belongs_to_the_later_one() -> None:
    edge = [Sample(at=MINUTE, value=10)]
    assert alarm(evaluationPeriods=1).on(edge, end=9 * MINUTE)[0] == 2 * MINUTE
    assert alarm(datapointsToAlarm=2).on(edge, end=9 * MINUTE) == ()


def test_errors_below_the_threshold_or_for_too_short_a_time_are_quiet() -> None:
    verdict = evaluate(read(declared()), {ERRORS: errors(2, 3, 4, each=9)}, end=900)
    assert (verdict.on, verdict.quiet) == ({}, ("errors",))
    assert evaluate(read(declared()), {ERRORS: errors(2, 3)}, end=900).quiet == ("errors",)


def test_a_metric_with_nothing_to_report_is_not_one_that_was_not_measured() -> None:
    alarms = read(declared())
    assert evaluate(alarms, {ERRORS: []}, end=900).unmeasured == ()
    verdict = evaluate(alarms, {}, end=900)
    assert verdict.unmeasured == alarms
    assert verdict.quiet == ()


def test_silence_is_an_alarm_where_the_stack_says_so() -> None:
    silent = read(declared(treatMissingData="breaching"))
    healthy = [Sample(at=MINUTE / 2, value=1)]
    verdict = evaluate(silent, {ERRORS: healthy}, end=600)
    # As long as the one good value is in the range, it speaks for the metric.
    assert verdict.on["errors"][0] == 6 * MINUTE


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metricQueries": [{"id": "e1"}]}, "only alarms on one metric"),
        ({"treatMissingData": "ignore"}, "treatMissingData is ignore; known here: breaching"),
        ({"statistic": "SampleCount"}, "statistic is SampleCount"),
        ({"comparisonOperator": "GreaterThanUpperThreshold"}, "GreaterThanUpperThreshold"),
    ],
)
def test_an_alarm_that_cannot_be_evaluated_here_is_refused_by_name(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(LiveError, match=words):
        read(declared(**changes))
