"""Alarms: each condition that must be noticed, its threshold, and what silence means."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.args import DatabaseArgs, QueueArgs
from components.aws import alarm_tables
from components.aws.alarm_spec import AlarmSpec
from components.aws.alarms import raise_alarms
from tests.components.aws.mock_cloud import Registered, run

_GIB = 2**30
_DATABASE = DatabaseArgs(
    vcpus=2,
    memory_gib=16,
    storage_gib=200,
    max_storage_gib=500,
    high_availability=True,
    read_replicas=1,
    backup_retention_days=14,
)


def _database(
    instance_class: str = "db.r5.large", *, replica: bool = False
) -> dict[str, AlarmSpec]:
    specs = alarm_tables.database(
        "db",
        _DATABASE,
        instance_class=instance_class,
        max_connections=1000,
        replica=replica,
    )
    return {spec.name: spec for spec in specs}


def _all() -> list[AlarmSpec]:
    return [
        *alarm_tables.load_balancer("lb", {"api": "tg", "worker": "tg2"}),
        *alarm_tables.service("cluster", "service", min_replicas=2),
        *_database("db.t3.small").values(),
        *_database("db.t3.small", replica=True).values(),
        *alarm_tables.cache("node", node_type="cache.t4g.medium"),
        *alarm_tables.queue("queue", "dead", QueueArgs()),
        alarm_tables.redis_lost("Letta/x", "RedisUnavailable"),
    ]


def _raised(spec: AlarmSpec) -> Registered:
    def program() -> None:
        raise_alarms(pulumi.ComponentResource("test:index:Role", "role"), "role", [spec], "topic")

    return run(program).one(":MetricAlarm")


def test_the_primary_is_watched_for_all_that_fills_up() -> None:
    specs = _database()
    assert set(specs) == {"cpu", "storage", "memory", "connections"}
    assert specs["connections"].threshold == 800
    assert specs["connections"].comparison == "above"


def test_a_replica_is_watched_for_lag_instead_of_connections() -> None:
    assert set(_database(replica=True)) == {"cpu", "storage", "memory", "lag"}


@pytest.mark.parametrize(
    ("instance_class", "burstable"), [("db.t3.small", True), ("db.r5.large", False)]
)
def test_cpu_credits_are_watched_where_there_are_any(instance_class: str, burstable: bool) -> None:
    assert ("credits" in _database(instance_class)) is burstable
    assert alarm_tables.is_burstable(instance_class) is burstable


def test_free_storage_alarms_below_what_autoscaling_keeps_free_and_names_the_ceiling() -> None:
    storage = _database()["storage"]
    assert 0.05 * 200 * _GIB < storage.threshold < 0.10 * 200 * _GIB
    assert storage.comparison == "below"
    assert "500 GiB" in storage.reason


def test_the_cache_is_watched_for_evictions_memory_and_cpu() -> None:
    specs = {spec.name: spec for spec in alarm_tables.cache("node", node_type="cache.r6g.large")}
    assert set(specs) == {"cpu", "memory", "evictions"}
    assert specs["evictions"].threshold == 0
    assert specs["evictions"].comparison == "above"


def test_one_dead_letter_is_enough() -> None:
    dead, age = alarm_tables.queue("queue", "dead", QueueArgs(retention_days=4))
    assert dead.dimensions == {"QueueName": "dead"}
    assert (dead.comparison, dead.threshold, dead.periods) == ("above", 0, 1)
    assert age.dimensions == {"QueueName": "queue"}
    assert age.threshold == 2 * 86_400


def test_errors_latency_and_every_target_group_are_watched() -> None:
    specs = {
        spec.name: spec for spec in alarm_tables.load_balancer("lb", {"api": "a", "worker": "w"})
    }
    assert {spec.metric for spec in specs.values()} == {
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
        "TargetResponseTime",
        "UnHealthyHostCount",
    }
    assert specs["worker-unhealthy"].dimensions == {"LoadBalancer": "lb", "TargetGroup": "w"}


def test_errors_of_a_failover_are_noticed_before_it_is_over() -> None:
    """It lasts one to two minutes: RDS user guide, "Failing over a Multi-AZ DB instance"."""
    specs = {spec.name: spec for spec in alarm_tables.load_balancer("lb", {})}
    for name in ("lb-5xx", "server-5xx"):
        spec = specs[name]
        assert (spec.period_seconds, spec.datapoints, spec.periods) == (60, 2, 3)
        inputs = _raised(spec).inputs
        assert (inputs["datapointsToAlarm"], inputs["threshold"]) == (2, 5)


def test_a_service_below_its_minimum_alarms_even_when_it_is_silent() -> None:
    specs = {spec.name: spec for spec in alarm_tables.service("cluster", "service", min_replicas=2)}
    assert set(specs) == {"cpu", "memory", "running"}
    running = specs["running"]
    assert (running.comparison, running.threshold) == ("below", 2)
    assert running.missing_data == "breaching"


def test_reasons_say_what_to_do_within_the_clouds_limit() -> None:
    for spec in _all():
        assert 20 < len(spec.reason) <= 1024
        assert spec.reason.endswith(".")


def test_periods_are_ones_that_cloudwatch_takes() -> None:
    for spec in _all():
        assert spec.period_seconds % 60 == 0
        # CloudWatch refuses an alarm that looks back over more than a day.
        assert spec.periods * spec.period_seconds <= 86_400


def test_an_alarm_tells_the_topic_of_trouble_and_of_its_end() -> None:
    alarm = _raised(_database()["connections"])
    assert alarm.name == "role-connections"
    assert alarm.parent == "role"
    expected: dict[str, Any] = {
        "alarmActions": ["topic"],
        "okActions": ["topic"],
        "comparisonOperator": "GreaterThanThreshold",
        "statistic": "Maximum",
        "threshold": 800,
        "period": 300,
        "evaluationPeriods": 3,
        "treatMissingData": "breaching",
        "namespace": "AWS/RDS",
        "metricName": "DatabaseConnections",
        "dimensions": {"DBInstanceIdentifier": "db"},
    }
    assert {key: alarm.inputs.get(key) for key in expected} == expected


def test_a_percentile_is_an_extended_statistic() -> None:
    latency = next(spec for spec in alarm_tables.load_balancer("lb", {}) if spec.name == "latency")
    alarm = _raised(latency).inputs
    assert alarm["extendedStatistic"] == "p90"
    assert "statistic" not in alarm


@pytest.mark.parametrize(
    ("comparison", "operator"),
    [
        ("above", "GreaterThanThreshold"),
        ("at_least", "GreaterThanOrEqualToThreshold"),
        ("below", "LessThanThreshold"),
    ],
)
def test_comparisons_keep_their_direction(comparison: str, operator: str) -> None:
    spec = next(spec for spec in _all() if spec.comparison == comparison)
    assert _raised(spec).inputs["comparisonOperator"] == operator
