"""Logs, alarms and measures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from components.args import CacheArgs, DatabaseArgs
from components.aws import alarm_tables, catalog, log_groups
from components.aws.alarm_spec import AlarmSpec
from components.aws.eks import alarm_tables as cluster_alarm_tables
from components.aws.firewall_rules import RATE_LIMIT
from infra.settings import Settings
from pricing.inventory import Alarms, ContainerMetrics, CustomMetrics, Holds, LogGroups, Thing
from pricing.plans.roles import tiers

_ANY = ""
"""Stands for names of resources, on which no number of alarms depends."""


def watching(settings: Settings) -> Iterator[Thing]:
    """What tells how a stack fares."""
    retention_days = settings.monitoring.log_retention_days
    for holds, count in Counter(_log_groups(settings)).items():
        yield LogGroups(
            component="monitoring", holds=holds, count=count, retention_days=retention_days
        )
    yield Alarms(component="monitoring", count=sum(1 for _ in _alarms(settings)))
    dumps = 1 if settings.database.dump else 0
    yield CustomMetrics(component="monitoring", count=len(_watched(settings)) + dumps)
    yield from _container_metrics(settings)


def _log_groups(settings: Settings) -> Iterator[Holds]:
    """What each log group holds."""
    if settings.ingress.control_plane:
        yield "control_plane"
        for group in log_groups.CONTAINER_INSIGHTS:
            yield "servers" if group == log_groups.APPLICATION else "other"
    else:
        idle = set(log_groups.SERVERS) - set(tiers(settings))
        for stream in log_groups.STREAMS[settings.ingress.kind]:
            if stream == log_groups.BOOTSTRAP:
                yield "bootstrap"
            else:
                yield "other" if stream in idle else "servers"
        # That of the function which starts the bootstrap.
        yield "bootstrap"
        if settings.database.dump:
            yield "bootstrap"
    if settings.ingress.waf:
        yield "firewall"
    for _ in range((1 + settings.database.read_replicas) * len(log_groups.DATABASE)):
        yield "other"


def _watched(settings: Settings) -> tuple[str, ...]:
    """Log groups in which a server without Redis is looked for, each by a metric of its own."""
    if settings.ingress.control_plane:
        return (log_groups.APPLICATION,)
    streams = log_groups.STREAMS[settings.ingress.kind]
    return tuple(stream for stream in log_groups.SERVERS if stream in streams)


def _container_metrics(settings: Settings) -> Iterator[ContainerMetrics]:
    """Container Insights of each cluster."""
    if settings.ingress.control_plane:
        yield ContainerMetrics(component="monitoring", services=0, detailed=True)
        return
    on_machines = [tier for tier in tiers(settings).values() if tier.compute == "instances"]
    # The site's own cluster has the bootstrap, and the services that need no machines.
    own = len(tiers(settings)) - len(on_machines)
    yield ContainerMetrics(component="monitoring", services=own, detailed=False)
    for _ in on_machines:
        yield ContainerMetrics(component="monitoring", services=1, detailed=False)


def _alarms(settings: Settings) -> Iterator[AlarmSpec]:
    for _ in _watched(settings):
        yield alarm_tables.redis_lost(_ANY, _ANY)
    yield from _of_servers(settings)
    yield from _of_database(settings.database)
    if settings.cache.kind == "managed":
        yield from _of_cache(settings.cache)
    if settings.queue.enabled:
        yield from alarm_tables.queue(_ANY, _ANY, settings.queue)
    ingress = settings.ingress
    if ingress.kind == "load_balancer":
        yield from alarm_tables.load_balancer(_ANY, dict.fromkeys(tiers(settings), _ANY))
    if ingress.waf:
        yield from alarm_tables.firewall(_ANY, settings.region, rate_rule=RATE_LIMIT)


def _of_servers(settings: Settings) -> Iterator[AlarmSpec]:
    if settings.ingress.control_plane:
        yield from cluster_alarm_tables.nodes(_ANY)
    for tier in tiers(settings).values():
        least = tier.min_replicas
        if tier.compute == "kubernetes":
            yield from cluster_alarm_tables.servers(_ANY, _ANY, min_replicas=least)
            continue
        yield from alarm_tables.service(_ANY, _ANY, min_replicas=least)
        if tier.compute == "instances":
            yield from alarm_tables.machines(_ANY, instance_type=str(tier.instance_type))


def _of_database(args: DatabaseArgs) -> Iterator[AlarmSpec]:
    if args.dump:
        yield alarm_tables.dump_missing(_ANY, _ANY, args.dump)
    instance_class = str(args.instance_type)
    for number in range(1 + args.read_replicas):
        yield from alarm_tables.database(
            _ANY,
            args,
            instance_class=instance_class,
            max_connections=catalog.default_max_connections(instance_class),
            replica=number > 0,
        )


def _of_cache(args: CacheArgs) -> Iterator[AlarmSpec]:
    for _ in range(args.nodes):
        yield from alarm_tables.cache(_ANY, node_type=str(args.instance_type))
