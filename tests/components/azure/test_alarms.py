"""Alarms on Azure: how often they ring, and what they wait for."""

from __future__ import annotations

import re

import pytest

from tests.components.azure.deployment import deployed

every_tier = pytest.mark.parametrize("tier", ["small", "medium"])
_MINUTES = {"M": 1, "H": 60, "D": 24 * 60}


def _minutes(period: str) -> int:
    match = re.fullmatch(r"PT?(\d+)([MHD])", period)
    assert match, period
    return int(match[1]) * _MINUTES[match[2]]


@every_tier
def test_one_line_of_the_log_is_told_once(tier: str) -> None:
    for rule in deployed(tier).all(":ScheduledQueryRule"):
        assert rule.inputs["autoMitigate"] is False
        muted = _minutes(rule.inputs["muteActionsDuration"])
        if not rule.name.endswith("-missing"):
            assert muted >= _minutes(rule.inputs["windowSize"]), rule.name


@every_tier
def test_a_missing_dump_is_told_once_a_day(tier: str) -> None:
    rule = deployed(tier).one(":ScheduledQueryRule", "letta-test-dump-missing")
    assert _minutes(rule.inputs["muteActionsDuration"]) == _MINUTES["D"]


@every_tier
def test_no_alarm_stands_on_a_count_that_never_falls(tier: str) -> None:
    result = deployed(tier)
    metrics = {
        one["metricName"]
        for alert in result.all(":MetricAlert")
        for one in alert.inputs["criteria"]["allOf"]
    }
    assert "RestartCount" not in metrics
    rule = result.one(":ScheduledQueryRule", "letta-test-logs-restarts").inputs
    assert "ContainerAppSystemLogs" in rule["criteria"]["allOf"][0]["query"]


@every_tier
def test_alarms_on_an_environments_lines_come_after_what_sends_them(tier: str) -> None:
    result = deployed(tier)
    [sender] = [
        one
        for one in result.all(":DiagnosticSetting")
        if any(log["category"] == "ContainerAppSystemLogs" for log in one.inputs["logs"])
    ]
    for end in ("redis-lost", "restarts"):
        rule = result.one(":ScheduledQueryRule", f"letta-test-logs-{end}")
        assert f"DiagnosticSetting {sender.name}" in rule.depends_on
