"""What CloudWatch would have been told, measured on the processes of a plane.

Where a metric says what is going on in a minute, a minute here is one of the scaled ones: the time
of a value is divided by the scale, the value itself is as it was.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sandbox.aws.live import load_balancer as load_balancer_spec
from sandbox.aws.live.alarms import MINUTE_SECONDS, PERCENT, Metric, Sample
from sandbox.aws.live.tasks import SERVICE, TASK_DEFINITION
from sandbox.cloud import CloudObject
from sandbox.live.plane import Plane
from sandbox.live.postgres_spec import Server
from sandbox.live.redis import Node
from sandbox.live.spec import LiveError, Objects

METRIC_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
SERVER_ERROR = 500
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
LAG = (
    "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 "
    "ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END"
)
"""How a replica's own clock has it: zero when it has replayed all that it was sent."""

Probe = Callable[[], float | None]
"""Measures now; None where nothing is reported."""


class Metrics:
    """Measures a running plane every scaled minute. A context manager."""

    def __init__(self, plane: Plane, objects: Objects, *, time_scale: float) -> None:
        """`objects`: what the plane runs. `time_scale`: what a second of the cloud lasts here."""
        self._plane = plane
        self._suffix = _suffix(objects)
        self.time_scale = time_scale
        self._probes = dict(_probes(plane, objects))
        self._samples: dict[Metric, list[Sample]] = {metric: [] for metric in self._probes}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._began = 0.0

    def __enter__(self) -> Metrics:
        self._began = time.time()
        # At once, and then every minute: what was not yet measured is not missing.
        self._measure()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def now(self) -> float:
        """The cloud's seconds since the beginning."""
        return self._cloud(time.time())

    def measured(self) -> Mapping[Metric, tuple[Sample, ...]]:
        """All that was measured so far; of requests, those that have ended."""
        return {
            **{metric: tuple(samples) for metric, samples in self._samples.items()},
            **self._requests(),
        }

    def _watch(self) -> None:
        while not self._ended.wait(MINUTE_SECONDS * self.time_scale):
            self._measure()

    def _measure(self) -> None:
        for metric, probe in self._probes.items():
            value = probe()
            if value is not None:
                self._samples[metric].append(Sample(at=self.now, value=value))

    def _cloud(self, moment: float) -> float:
        return (moment - self._began) / self.time_scale

    def _requests(self) -> Mapping[Metric, tuple[Sample, ...]]:
        """ELB user guide, "CloudWatch metrics for your Application Load Balancer".

        What the balancer answers itself has no time to the target's first byte.
        """
        balancer = self._plane.load_balancer
        if balancer is None:
            return {}
        whole = {"LoadBalancer": self._suffix}
        found: dict[str, list[Sample]] = {
            "HTTPCode_ELB_5XX_Count": [],
            "HTTPCode_Target_5XX_Count": [],
            "TargetResponseTime": [],
        }
        for line in balancer.files.requests.read_text(encoding="utf-8").splitlines():
            request = json.loads(line)
            at = self._cloud(request["ended"])
            answered = request["target_seconds"] not in ("", "-")
            if answered:
                seconds = float(request["target_seconds"])
                found["TargetResponseTime"].append(Sample(at=at, value=seconds))
            if request["status"] >= SERVER_ERROR:
                who = "Target" if answered else "ELB"
                found[f"HTTPCode_{who}_5XX_Count"].append(Sample(at=at, value=1))
        return {
            Metric.of("AWS/ApplicationELB", name, **whole): tuple(
                sample for sample in samples if sample.at > 0
            )
            for name, samples in found.items()
        }


def _probes(plane: Plane, objects: Objects) -> Iterator[tuple[Metric, Probe]]:
    yield from _targets(plane, objects)
    for server in plane.stack.servers:
        yield _database(plane, server)
    for node in plane.stack.nodes:
        yield from _cache(plane, node)
    for service in objects.all(SERVICE):
        yield _copies(plane, service)
        yield from _logs(plane, objects, service)


def _suffix(objects: Objects) -> str:
    [balancer] = objects.all(load_balancer_spec.LOAD_BALANCER)
    return str(balancer.get("arnSuffix"))


def _targets(plane: Plane, objects: Objects) -> Iterator[tuple[Metric, Probe]]:
    def unhealthy(group: str) -> Probe:
        def probe() -> float | None:
            states = list(plane.load_balancer.states(group).values()) if plane.load_balancer else []
            return states.count("unhealthy") if states else None

        return probe

    for item in objects.all(load_balancer_spec.TARGET_GROUP):
        dimensions = {"LoadBalancer": _suffix(objects), "TargetGroup": str(item.get("arnSuffix"))}
        metric = Metric.of("AWS/ApplicationELB", "UnHealthyHostCount", **dimensions)
        yield metric, unhealthy(str(item.get("arn")))


def _database(plane: Plane, server: Server) -> tuple[Metric, Probe]:
    """A replica's lag, a primary's connections: what the stack's alarms ask of either."""
    name, statement = ("ReplicaLag", LAG) if server.source else ("DatabaseConnections", CONNECTIONS)

    def probe() -> float | None:
        try:
            return float(plane.postgres.query(server, statement))
        except LiveError:
            return None

    return Metric.of("AWS/RDS", name, DBInstanceIdentifier=server.identifier), probe


def _cache(plane: Plane, node: Node) -> Iterator[tuple[Metric, Probe]]:
    """By Redis's own INFO: ElastiCache user guide, "Metrics for Valkey and Redis OSS"."""
    evicted = 0.0

    def memory() -> float | None:
        info = plane.redis.info(node, plane.addresses)
        return PERCENT * float(info["used_memory"]) / float(info["maxmemory"]) if info else None

    def evictions() -> float | None:
        nonlocal evicted
        info = plane.redis.info(node, plane.addresses)
        # A node that comes back begins to count anew.
        before, evicted = evicted, float(info.get("evicted_keys", 0))
        return max(0.0, evicted - before) if info else None

    for name, probe in (("DatabaseMemoryUsagePercentage", memory), ("Evictions", evictions)):
        yield Metric.of("AWS/ElastiCache", name, CacheClusterId=node.identifier), probe


def _copies(plane: Plane, service: CloudObject) -> tuple[Metric, Probe]:
    """Copies that the machine does not hold count as running."""
    name = str(service.name)
    beyond = int(service.get("desiredCount")) - len(plane.running[name])

    def probe() -> float:
        return beyond + sum(copy.handle.alive for copy in plane.running[name])

    metric = Metric.of(
        "ECS/ContainerInsights",
        "RunningTaskCount",
        ClusterName=str(service.get("cluster")).rpartition("/")[2],
        ServiceName=str(service.get("name")),
    )
    return metric, probe


def _logs(plane: Plane, objects: Objects, service: CloudObject) -> Iterator[tuple[Metric, Probe]]:
    """What filters count in the logs of the service's copies; a pattern is one quoted term."""
    definition = objects.one(TASK_DEFINITION, "arn", service.get("taskDefinition"))
    groups = {
        container["logConfiguration"]["options"]["awslogs-group"]
        for container in json.loads(str(definition.get("containerDefinitions")))
    }

    def counts(term: str) -> Probe:
        seen: dict[Path, int] = {}

        def probe() -> float | None:
            before = sum(seen.values())
            for copy in plane.running[str(service.name)]:
                file = plane.containers.log(copy.container)
                seen[file] = file.read_text(encoding="utf-8", errors="replace").count(term)
            return sum(seen.values()) - before or None

        return probe

    for item in objects.all(METRIC_FILTER):
        if item.get("logGroupName") in groups:
            metric = item.get("metricTransformation")
            term = str(item.get("pattern")).strip('"')
            yield Metric.of(metric["namespace"], metric["name"]), counts(term)
