"""Sizes: machines, copies, database, cache, and whether one holds the other."""

from __future__ import annotations

from collections.abc import Iterable

from infra import capacity
from policies.facts.model import Deployment, Machines, Service, Task
from policies.rules.rule import Config, Rule, Violation, missing, violation


def _sizes(service: Service) -> Iterable[tuple[str, float, float]]:
    """What one copy's machine is, as name, vCPUs and GiB; the copy itself without machines."""
    if service.serverless:
        yield "a copy", service.task.vcpus, service.task.memory_mib / 1024
    for machines in service.machines:
        yield f"machine type {machines.type}", machines.vcpus, machines.memory_gib


def _too_small(
    services: Iterable[Service], vcpus: int, memory_gib: float, key: str
) -> Iterable[Violation]:
    for service in services:
        sizes = list(_sizes(service))
        if not sizes:
            yield violation(
                service, "its copies run on no machines of this stack", f"set {key}.compute"
            )
        for what, has_vcpus, has_gib in sizes:
            if has_vcpus < vcpus or has_gib < memory_gib:
                yield violation(
                    service,
                    f"{what} has {has_vcpus:g} vCPU and {has_gib:g} GiB, "
                    f"least is {vcpus} vCPU and {memory_gib:g} GiB",
                    f"raise {key}.instance_type, or {key}.vcpus and {key}.memory_gib",
                )


def api_machine_size(deployment: Deployment, _: Config) -> Iterable[Violation]:
    limits = deployment.sizes.limits
    services = deployment.of_role("api")
    yield from missing(deployment, services, "API tier")
    yield from _too_small(services, limits.api_vcpus, limits.api_memory_gib, "letta:api")


def api_replica_count(deployment: Deployment, _: Config) -> Iterable[Violation]:
    least, most = deployment.sizes.limits.api_replicas
    services = deployment.of_role("api")
    yield from missing(deployment, services, "API tier")
    for service in services:
        if not service.settled and not least <= service.copies <= most:
            yield violation(
                service,
                f"starts with {service.copies} copies, {deployment.tier} starts with "
                f"{least} to {most}",
                "set letta:api.replicas",
            )


def worker_size(deployment: Deployment, _: Config) -> Iterable[Violation]:
    limits = deployment.sizes.limits
    yield from _too_small(
        deployment.of_role("worker"),
        limits.worker_vcpus,
        limits.worker_memory_gib,
        "letta:worker",
    )


def worker_count(deployment: Deployment, _: Config) -> Iterable[Violation]:
    least, most = deployment.sizes.limits.worker_replicas
    services = deployment.of_role("worker")
    if least:
        yield from missing(deployment, services, "worker tier", "set letta:worker.enabled to true")
    for service in services:
        if not least <= service.min_copies <= service.max_copies <= most:
            yield violation(
                service,
                f"has {service.min_copies} to {service.max_copies} copies, "
                f"{deployment.tier} has {least} to {most}",
                "set letta:worker.min_replicas and letta:worker.max_replicas",
            )


def _held(machines: Machines, task: Task) -> int:
    """Copies that one of the machines holds, by what is set aside for each."""
    return capacity.copies_per_machine(
        usable_vcpus=machines.usable_vcpus,
        usable_mib=machines.usable_mib,
        copy_vcpus=task.vcpus,
        copy_memory_mib=task.memory_mib,
        addresses=machines.addresses if task.own_address else None,
    )


def rolling_deploy_fits_capacity(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.services, "tier of servers")
    for service in deployment.services:
        if service.serverless:
            continue
        copies = service.rolling_copies
        room = 0
        for machines in service.machines:
            held = _held(machines, service.task)
            if held < 1:
                yield violation(
                    service,
                    f"a copy of {service.task.vcpus:g} vCPU and {service.task.memory_mib} MiB "
                    f"does not fit a {machines.type} of {machines.vcpus} vCPU and "
                    f"{machines.memory_gib:g} GiB",
                    f"lower letta:{service.role}.task_memory_mib or task_vcpus, "
                    f"or raise letta:{service.role}.instance_type",
                )
            room += held * machines.max_machines
        if copies > room:
            yield violation(
                service,
                f"a rolling deploy at the ceiling runs {copies} copies, its machines hold {room}",
                f"lower letta:{service.role}.max_replicas or letta:{service.role}.task_memory_mib, "
                f"or raise letta:{service.role}.instance_type",
            )


def database_class(deployment: Deployment, _: Config) -> Iterable[Violation]:
    least = deployment.sizes.limits.database_memory_gib
    yield from missing(deployment, deployment.databases, "database")
    for primary in deployment.databases:
        for database in (primary, *primary.replicas):
            if database.memory_gib < least:
                yield violation(
                    database,
                    f"class {database.type} has {database.memory_gib:g} GiB, "
                    f"{deployment.tier} needs {least:g}",
                    "raise letta:database.instance_type or letta:database.memory_gib",
                )


def database_storage(deployment: Deployment, _: Config) -> Iterable[Violation]:
    needed = capacity.database_storage_gib(deployment.workload)
    least = max(deployment.sizes.limits.database_storage_gib, needed)
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        if database.storage_gib < least:
            yield violation(
                database,
                f"has {database.storage_gib} GiB of storage, {deployment.tier} with this workload "
                f"needs {least}",
                "raise letta:database.storage_gib",
            )
        if database.storage_type != database.expected_storage_type:
            yield violation(
                database,
                f"its storage is {database.storage_type}, must be {database.expected_storage_type}",
                "leave the type of storage to the database component",
            )
        if database.max_storage_gib <= database.storage_gib:
            yield violation(
                database,
                f"its storage cannot grow: ceiling {database.max_storage_gib} GiB, "
                f"storage {database.storage_gib} GiB",
                "raise letta:database.max_storage_gib",
            )


def database_parameters(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        wrong = [
            f"{name} is {database.parameters.get(name, 'not set')} instead of {expected}"
            for name, expected in database.expected_parameters.items()
            if database.parameters.get(name, "") != expected
        ]
        if wrong:
            yield violation(
                database,
                f"{', '.join(wrong)}, as {database.memory_gib:g} GiB of memory demand",
                "leave the parameters to the database component",
            )


def connection_budget(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.databases, "database")
    parts = []
    total = 0
    for service in deployment.services:
        copies = service.connected_copies
        for server in service.task.servers:
            opened = capacity.connections(
                copies=copies,
                processes=server.processes,
                pool_size=server.pool_size,
                max_overflow=server.max_overflow,
            )
            total += opened
            parts.append(
                f"{service.role} {copies} x {server.processes} x "
                f"({server.pool_size} + {server.max_overflow}) = {opened}"
            )
    jobs = len(deployment.bootstraps) * capacity.BOOTSTRAP_CONNECTIONS
    total += jobs
    for database in deployment.databases:
        limit = capacity.connection_limit(database.max_connections, database.reserved_connections)
        if total > limit:
            yield violation(
                database,
                f"{total} connections during a rolling deploy at the ceiling "
                f"({', '.join(parts)}, jobs {jobs}), limit is {limit} of the "
                f"{database.max_connections} that {database.type} accepts",
                "lower letta:database.pool_size, letta:database.max_overflow or "
                "letta:api.max_replicas, or raise letta:database.instance_type",
            )


def cache_size(deployment: Deployment, _: Config) -> Iterable[Violation]:
    least = deployment.sizes.limits.cache_memory_gib
    yield from missing(deployment, deployment.caches, "cache")
    for cache in deployment.caches:
        if cache.memory_gib < least:
            yield violation(
                cache,
                f"has {cache.memory_gib:.2g} GiB for data, {deployment.tier} needs {least:g}",
                "raise letta:cache.instance_type or letta:cache.memory_gib",
            )


RULES = (
    Rule(
        name="api-machine-size",
        description="An API copy's machine is at least as large as the tier says.",
        severity="medium",
        check=api_machine_size,
    ),
    Rule(
        name="api-replica-count",
        description="A new deployment starts with as many API copies as the tier says.",
        severity="medium",
        check=api_replica_count,
    ),
    Rule(
        name="worker-size",
        description="A worker's machine is at least as large as the tier says.",
        severity="medium",
        check=worker_size,
    ),
    Rule(
        name="worker-count",
        description="The worker tier has as many copies as the tier says.",
        severity="medium",
        check=worker_count,
    ),
    Rule(
        name="rolling-deploy-fits-capacity",
        description="The machines hold all copies of a rolling deploy at the ceiling.",
        severity="high",
        check=rolling_deploy_fits_capacity,
    ),
    Rule(
        name="database-class",
        description="Database and replicas have at least the tier's memory.",
        severity="high",
        check=database_class,
    ),
    Rule(
        name="database-storage",
        description="Storage is SSD (gp3, PD_SSD), holds tier and workload, and can grow.",
        severity="high",
        check=database_storage,
    ),
    Rule(
        name="database-parameters",
        description="Parameters of the database follow from its memory by requirement V1.",
        severity="medium",
        check=database_parameters,
    ),
    Rule(
        name="connection-budget",
        description="All copies of a rolling deploy fit into the connections of the database.",
        severity="high",
        check=connection_budget,
    ),
    Rule(
        name="cache-size",
        description="The cache has at least the tier's memory.",
        severity="medium",
        check=cache_size,
    ),
)
