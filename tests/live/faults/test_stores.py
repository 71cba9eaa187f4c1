"""What users see when a store dies, whether it mends by itself, and which alarm tells of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from sandbox.aws.live.alarms import MINUTE_SECONDS, Sample, Verdict, evaluate, read
from sandbox.aws.live.metrics import METRIC_FILTER, Metrics
from sandbox.live.spec import Objects
from tests.live.faults.site import KINDS, Kind, Site, Users

MESSAGES_A_MINUTE = 12
"""Half of what medium's workload, a million a month, comes to: the alarms must work at night."""
REDIS_AWAY_SECONDS = 240
"""Of the cloud: as long as a node that is replaced may well be away."""
FAILOVER_SECONDS = 90
"""Of the cloud: 60 to 120 (RDS user guide, "Failing over a Multi-AZ DB instance")."""
NOTICED_SECONDS = 240
"""Of the cloud: by when somebody must have been told."""
SILENCE_MINUTES = 25
"""Three periods of five minutes, and the two more that CloudWatch looks back."""
MESSAGES_LISTED = 1000
GOOD = {200, 502}
FAILURES = {500, 502}
"""The server says 500 and hangs up; a request of whatever kind that the balancer sends on the same
connection at that moment becomes a 502."""
SERVER_ERRORS = "letta-medium-in-server-5xx"
WITHOUT_REDIS = "letta-medium-logs-api-redis"

Recorder = Callable[[str, object], None]


@pytest.fixture
def users(site: Site) -> Iterator[Users]:
    with Users(site) as users:
        yield users


@pytest.fixture
def metrics(site: Site, users: Users) -> Iterator[Metrics]:
    """A minute of the cloud lasts as long as these users need for a minute's messages."""
    scale = MESSAGES_A_MINUTE / MINUTE_SECONDS / users.messages_a_second()
    with Metrics(site.plane, site.objects, time_scale=scale) as metrics:
        yield metrics


def statuses(users: Users, kind: Kind, began: float, ended: float) -> set[int]:
    """What requests of that kind were answered that lay between two moments."""
    found = {each.status for each in users.between(kind, began, ended)}
    assert found, f"no {kind} between"
    return found


def verdict(site: Site, metrics: Metrics) -> Verdict:
    """What the stack's alarms say of all that was measured."""
    return evaluate(read(site.objects), metrics.measured(), end=metrics.now)


def noticed(site: Site, metrics: Metrics, name: str, fault: float) -> float:
    """The cloud's seconds from the fault to the alarm."""
    said = verdict(site, metrics)
    assert name in said.on, said
    return round(said.on[name][0] - fault)


def test_without_redis_messages_fail_and_reads_do_not_and_all_is_well_when_it_is_back(
    site: Site, users: Users, metrics: Metrics, record_property: Recorder
) -> None:
    plane = site.plane
    [node] = plane.stack.nodes
    plane.redis.stop(plane.cache_nodes[node.identifier])
    away, fault = time.monotonic(), metrics.now
    time.sleep(REDIS_AWAY_SECONDS * metrics.time_scale)
    users.bad("message", after=away)
    users.good("read", after=away)
    back = time.monotonic()
    plane.cache_nodes[node.identifier] = plane.redis.start(node, plane.addresses)
    mended = time.monotonic()
    first = users.good("message", after=mended)

    assert 500 in statuses(users, "message", away, back) <= FAILURES
    assert 200 in statuses(users, "read", away, back) <= GOOD
    assert 200 in statuses(users, "message", mended, first) <= GOOD
    seconds = noticed(site, metrics, SERVER_ERRORS, fault)
    assert seconds <= NOTICED_SECONDS
    record_property("seconds from Redis to the first good message", round(first - mended, 1))
    record_property("cloud seconds to the alarm", seconds)
    record_property("alarms", sorted(verdict(site, metrics).on))


def test_a_server_that_starts_without_redis_is_well_and_says_it_in_the_words_of_the_alarm(
    site: Site,
) -> None:
    plane = site.plane
    [node] = plane.stack.nodes
    [alarm] = [each for each in read(site.objects) if each.name == WITHOUT_REDIS]
    [pattern] = [
        each.get("pattern")
        for each in site.objects.all(METRIC_FILTER)
        if each.get("metricTransformation")["namespace"] == alarm.metric.namespace
    ]
    plane.redis.stop(plane.cache_nodes[node.identifier])
    process = site.api.container.process
    container = plane.containers.place("api-without-redis", process, plane.addresses)
    copy = plane.containers.start(container, plane.addresses)
    try:
        plane.containers.wait(copy, plane.addresses)
    finally:
        plane.containers.stop(copy)
        plane.cache_nodes[node.identifier] = plane.redis.start(node, plane.addresses)
    said = plane.containers.log(container).read_text(encoding="utf-8")
    assert said.count(pattern.strip('"')) == 1


@pytest.mark.parametrize(
    "name", ["letta-medium-db-replica-1-lag", "letta-medium-db-primary-connections"]
)
def test_a_database_that_reports_no_more_is_noticed_after_twenty_five_minutes(
    medium: Objects, name: str
) -> None:
    [alarm] = [each for each in read(medium) if each.name == name]
    well = [Sample(at=minute * MINUTE_SECONDS - 1, value=1) for minute in range(1, 61)]
    assert not alarm.on(well, end=well[-1].at)
    on = alarm.on(well, end=2 * well[-1].at)
    assert round((on[0] - well[-1].at) / MINUTE_SECONDS) == SILENCE_MINUTES


def test_a_failover_is_seen_as_errors_loses_nothing_and_needs_no_restart(
    site: Site, users: Users, metrics: Metrics, record_property: Recorder
) -> None:
    plane = site.plane
    [primary] = [each for each in plane.stack.servers if each.multi_az]
    name = primary.identifier
    plane.postgres.kill(plane.databases[name])
    lost, fault = time.monotonic(), metrics.now
    time.sleep(FAILOVER_SECONDS * metrics.time_scale)
    for kind in KINDS:
        users.bad(kind, after=lost)
    back = time.monotonic()
    standby = plane.standbys.pop(name)
    plane.databases[name] = plane.postgres.fail_over(primary, standby, plane.addresses)
    mended = time.monotonic()
    first = {kind: users.good(kind, after=mended) for kind in KINDS}

    for kind in KINDS:
        assert 500 in statuses(users, kind, lost, back) <= FAILURES
        assert 200 in statuses(users, kind, mended, first[kind]) <= GOOD
    acknowledged = users.acknowledged()
    assert kept(site, acknowledged) == acknowledged
    assert site.api.handle.alive
    seconds = noticed(site, metrics, SERVER_ERRORS, fault)
    assert seconds <= NOTICED_SECONDS
    record_property(
        "seconds from promotion to the first good answer",
        {kind: round(ended - mended, 1) for kind, ended in first.items()},
    )
    record_property("cloud seconds to the alarm", seconds)
    record_property("alarms", sorted(verdict(site, metrics).on))
    record_property("unmeasured", [each.name for each in verdict(site, metrics).unmeasured])
    record_property("seconds of the cloud's minute here", round(60 * metrics.time_scale, 1))


def kept(site: Site, acknowledged: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Of what was acknowledged, what the database has."""
    client = site.client()
    found = {}
    for agent, texts in acknowledged.items():
        listed = client.ok("GET", f"{agent}/messages?limit={MESSAGES_LISTED}")
        found[agent] = texts & {each["content"] for each in listed if "content" in each}
    return found
