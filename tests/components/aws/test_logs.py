"""Logs: retention, encryption, and the one line that must not go unread."""

from __future__ import annotations

import re

import pytest

from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ACCOUNT, run


@pytest.mark.parametrize(
    ("kind", "streams"),
    [("load_balancer", {"api", "worker", "bootstrap"}), ("proxy", {"api", "proxy", "bootstrap"})],
)
def test_whoever_logs_has_a_group_and_nobody_else(
    make_site: MakeSite, kind: str, streams: set[str]
) -> None:
    result = run(lambda: make_site(kind))
    assert set(result.result.logs.group_names) == streams
    assert len(result.all(":LogGroup")) == len(streams)


def test_every_group_has_retention_and_the_stacks_key(make_site: MakeSite) -> None:
    result = run(make_site)
    key = result.value(result.result.secrets.key_arn)
    for group in result.all(":LogGroup"):
        assert group.inputs["retentionInDays"] == 30
        assert group.inputs["kmsKeyId"] == key
        assert group.parent == "letta-test-logs"


def test_names_and_arns_of_groups_are_known_at_preview(make_site: MakeSite) -> None:
    result = run(make_site, preview=True)
    logs = result.result.logs
    name = result.value(logs.group_names["api"])
    assert re.fullmatch(r"letta-test-logs-api-[0-9a-f]{7}", name)
    assert (
        result.value(logs.group_arns["api"]) == f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}"
    )


def test_a_server_without_redis_is_noticed_by_its_one_warning(make_site: MakeSite) -> None:
    result = run(make_site)
    filters = {each.name: each.inputs for each in result.all(":LogMetricFilter")}
    assert set(filters) == {"letta-test-logs-api-redis", "letta-test-logs-worker-redis"}
    api = filters["letta-test-logs-api-redis"]
    assert api["pattern"] == '"Failed to initialize Redis"'
    assert api["logGroupName"] == result.value(result.result.logs.group_names["api"])
    alarm = result.one(":MetricAlarm", "letta-test-logs-api-redis").inputs
    counted = api["metricTransformation"]
    assert (alarm["namespace"], alarm["metricName"]) == (counted["namespace"], counted["name"])
    assert (alarm["threshold"], alarm["evaluationPeriods"]) == (1, 1)
    assert alarm["alarmActions"] == [result.value(result.result.alerts.topic_arn)]


def test_api_and_worker_are_counted_apart(make_site: MakeSite) -> None:
    namespaces = {
        each.inputs["metricTransformation"]["namespace"]
        for each in run(make_site).all(":LogMetricFilter")
    }
    assert len(namespaces) == 2
