"""Alarms on Google Cloud: that each can ring, and that none rings all the time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.components.gcp.deployment import deployed


def _aggregation(alarm: str) -> dict[str, Any]:
    [condition] = deployed("medium").one(":AlertPolicy", alarm).inputs["conditions"]
    [found] = condition["conditionThreshold"]["aggregations"]
    aggregation: dict[str, Any] = found
    return aggregation


def test_connections_to_all_databases_are_added_up() -> None:
    found = _aggregation("letta-test-db-primary-connections")
    assert found["perSeriesAligner"] == "ALIGN_MEAN"
    assert found["crossSeriesReducer"] == "REDUCE_SUM"


def test_seconds_of_cpu_of_redis_are_read_as_a_share_of_a_core_of_each_node() -> None:
    found = _aggregation("letta-test-cache-cpu")
    assert found["perSeriesAligner"] == "ALIGN_RATE"
    assert found["crossSeriesReducer"] == "REDUCE_SUM"
    assert found["groupByFields"] == ["resource.labels.node_id"]


@pytest.mark.parametrize(("tier", "alarms"), [("small", 0), ("medium", 2)])
def test_copies_are_watched_where_there_may_be_more_of_them(tier: str, alarms: int) -> None:
    result = deployed(tier)
    found = [one for one in result.resources if one.name.endswith("-copies")]
    assert len(found) == alarms


@pytest.mark.parametrize(
    ("alarm", "waits_for"),
    [
        ("letta-test-api-redis-lost", "Service letta-test-api"),
        ("letta-test-work-redis-lost", "Service letta-test-work"),
        ("letta-test-dump-missing", "Job letta-test-dump"),
    ],
)
def test_an_alarm_on_counted_lines_comes_long_after_their_metric(
    alarm: str, waits_for: str
) -> None:
    result = deployed("medium")
    found = result.one(":AlertPolicy", alarm)
    assert waits_for in found.depends_on
    [counted] = [one for one in found.depends_on if one.startswith("Metric ")]
    metric = result.one(":Metric", counted.removeprefix("Metric "))
    assert not [one for one in metric.depends_on if one.startswith("DatabaseInstance")]


def test_a_budget_is_in_the_currency_of_whoever_pays() -> None:
    budget = deployed("medium").one("billing/budget:Budget")
    assert set(budget.inputs["amount"]["specifiedAmount"]) == {"units"}
