"""What survives the loss of a copy, a zone, a database, or a mistake."""

from __future__ import annotations

from collections.abc import Iterable

from components.args import IngressArgs
from infra.tiers import API_REPLICA_BOUNDS
from policies.facts.model import Deployment, Fact
from policies.rules.rule import Config, Number, Rule, Violation, missing, violation


def api_high_availability(deployment: Deployment, config: Config) -> Iterable[Violation]:
    least = int(config["least"])
    services = deployment.of_role("api")
    yield from missing(deployment, services, "API tier")
    for service in services:
        if service.min_copies < least:
            yield violation(
                service,
                f"may run {service.min_copies} copies, least is {least}",
                f"set letta:api.min_replicas to {least} or more, or waive the rule",
            )


def spans_zones(deployment: Deployment, config: Config) -> Iterable[Violation]:
    least = int(config["least"])
    yield from missing(deployment, deployment.services, "tier of servers")
    for service in deployment.services:
        zones = sorted(set(service.zones))
        if len(zones) < least:
            yield violation(
                service,
                f"its copies have {len(zones)} zones ({', '.join(zones) or 'none'}), "
                f"least is {least}",
                f"set letta:ingress.zones to {least} or more",
            )


def database_high_availability(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        if not database.high_availability and deployment.sizes.limits.database_high_availability:
            yield violation(
                database,
                f"has no standby in a second zone, {deployment.tier} has one",
                "set letta:database.high_availability to true",
            )


def database_replicas(deployment: Deployment, _: Config) -> Iterable[Violation]:
    least, most = deployment.sizes.limits.database_replicas
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        if not least <= len(database.replicas) <= most:
            yield violation(
                database,
                f"has {len(database.replicas)} read replicas, {deployment.tier} has "
                f"{least} to {most}",
                "set letta:database.read_replicas",
            )


def database_backups(deployment: Deployment, _: Config) -> Iterable[Violation]:
    least = deployment.sizes.limits.backup_retention_days
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        if database.backup_retention_days < least:
            yield violation(
                database,
                f"keeps backups for {database.backup_retention_days} days, least is {least}",
                f"set letta:database.backup_retention_days to {least} or more",
            )


def final_snapshot(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        if not database.final_snapshot:
            yield violation(
                database,
                "takes no snapshot before it is deleted, must take one under a name",
                "leave the final snapshot to the database component",
            )


def deletion_protection(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.databases, "database")
    guarded: list[tuple[Fact, bool, str]] = [
        (database, database.deletion_protection, "database") for database in deployment.databases
    ]
    guarded += [
        (balancer, balancer.deletion_protection, "ingress")
        for balancer in deployment.load_balancers
        if balancer.protectable
    ]
    guarded += [
        (plane, plane.deletion_protection, "ingress.control_plane")
        for plane in deployment.control_planes
    ]
    for fact, protected, role in guarded:
        if not protected:
            yield violation(
                fact,
                "can be deleted by one call, must be protected",
                f"set letta:{role}.deletion_protection to true",
            )


RULES = (
    Rule(
        name="api-high-availability",
        description="The API survives the loss of one copy.",
        severity="high",
        check=api_high_availability,
        numbers=(
            Number(
                name="least",
                description="Fewest API copies (C2).",
                default=API_REPLICA_BOUNDS[0],
                minimum=1,
                maximum=1000,
            ),
        ),
    ),
    Rule(
        name="spans-zones",
        description="Every tier can run in more than one zone.",
        severity="high",
        check=spans_zones,
        numbers=(
            Number(
                name="least",
                description="Fewest availability zones.",
                default=float(IngressArgs.model_fields["zones"].default),
                minimum=1,
                maximum=6,
            ),
        ),
    ),
    Rule(
        name="database-high-availability",
        description="The database has a standby in a second zone where the tier says so.",
        severity="high",
        check=database_high_availability,
    ),
    Rule(
        name="database-replicas",
        description="The database has as many read replicas as the tier says.",
        severity="medium",
        check=database_replicas,
    ),
    Rule(
        name="database-backups",
        description="Point-in-time recovery reaches back as far as the tier says.",
        severity="high",
        check=database_backups,
    ),
    Rule(
        name="final-snapshot",
        description="A database leaves a snapshot when it is deleted.",
        severity="high",
        check=final_snapshot,
    ),
    Rule(
        name="deletion-protection",
        description="The cloud refuses to delete the database, the load balancer and the cluster.",
        severity="high",
        check=deletion_protection,
    ),
)
