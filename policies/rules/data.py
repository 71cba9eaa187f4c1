"""Data at rest: database, buckets, logs and secrets."""

from __future__ import annotations

from collections.abc import Iterable

from components.args import BucketArgs, DumpArgs, MonitoringArgs
from policies.facts.model import Deployment
from policies.rules.rule import Config, Number, Rule, Violation, missing, violation


def database_encrypted(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.databases, "database")
    for database in deployment.databases:
        if not database.encrypted:
            yield violation(
                database,
                "its storage is not encrypted, must be",
                "leave encryption to the database component; an existing database is replaced",
            )


def bucket_encrypted(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.buckets, "bucket")
    for bucket in deployment.buckets:
        if not bucket.encrypted:
            yield violation(
                bucket,
                "states no encryption of its objects, must state one",
                "give it a server-side encryption configuration",
            )


def bucket_versioned(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.buckets, "bucket")
    for bucket in deployment.buckets:
        if not bucket.versioned:
            yield violation(
                bucket,
                "keeps no versions of its objects, must keep them",
                "switch its versioning on",
            )


def bucket_public_access_blocked(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.buckets, "bucket")
    for bucket in deployment.buckets:
        if not bucket.public_access_blocked:
            yield violation(
                bucket,
                "can be opened to the public, must block access lists and policies that would",
                "block public access to the whole of it",
            )


def bucket_lifecycle(deployment: Deployment, config: Config) -> Iterable[Violation]:
    infrequent_most = int(config["infrequentAccessMostDays"])
    archive_most = int(config["archiveMostDays"])
    yield from missing(deployment, deployment.buckets, "bucket")
    for bucket in deployment.buckets:
        rules = bucket.lifecycle
        if not len(rules):
            yield violation(
                bucket, "keeps everything for ever, objects must age", "give it lifecycle rules"
            )
            continue
        if not any(rule.abort_upload_days for rule in rules):
            yield violation(
                bucket, "keeps the parts of broken uploads for ever", "abort incomplete uploads"
            )
        for what, key, most, days in (
            (
                "infrequent access",
                "infrequent_access_days",
                infrequent_most,
                [rule.infrequent_access_days for rule in rules],
            ),
            ("the archive", "archive_days", archive_most, [rule.archive_days for rule in rules]),
        ):
            first = min((day for day in days if day), default=0)
            if not first or first > most:
                yield violation(
                    bucket,
                    f"moves objects to {what} {f'after {first} days' if first else 'never'}, "
                    f"latest is {most} days",
                    f"set letta:storage.{key} to {most} or less",
                )
        if not any(rule.noncurrent_expiration_days for rule in rules):
            yield violation(
                bucket,
                "keeps replaced versions for ever",
                "set letta:storage.noncurrent_expiration_days",
            )


def log_retention(deployment: Deployment, config: Config) -> Iterable[Violation]:
    least = int(config["leastDays"])
    yield from missing(deployment, deployment.log_groups, "log group")
    for group in deployment.log_groups:
        if not group.retention_days:
            yield violation(
                group,
                "keeps logs for ever, must forget them in time",
                "set letta:monitoring.log_retention_days",
            )
        elif group.retention_days < least:
            yield violation(
                group,
                f"keeps logs for {group.retention_days} days, least is {least}",
                f"set letta:monitoring.log_retention_days to {least} or more",
            )


def logs_encrypted(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.log_groups, "log group")
    for group in deployment.log_groups:
        if not group.own_key:
            yield violation(
                group,
                "is not encrypted with a key of the stack, must be",
                "give it the stack's key",
            )


def secrets_encrypted(deployment: Deployment, _: Config) -> Iterable[Violation]:
    yield from missing(deployment, deployment.secrets, "stored secret")
    for secret in deployment.secrets:
        if not secret.own_key:
            yield violation(
                secret,
                "is not encrypted with a key of the stack, must be",
                "give it the stack's key",
            )


def database_dumped(deployment: Deployment, config: Config) -> Iterable[Violation]:
    gap_most, kept_least = config["gapMostHours"], int(config["keptLeastDays"])
    told_most = config["toldMostHours"]
    yield from missing(
        deployment,
        deployment.dumps,
        "dump of the database on schedule",
        "leave letta:database.dump to its default, or set its times",
    )
    for dump in deployment.dumps:
        if not dump.enabled:
            yield violation(dump, "is switched off, must run", "enable the schedule")
        if not dump.times_a_day:
            yield violation(
                dump, "does not run every day, must", "set letta:database.dump.every_hours"
            )
        elif dump.longest_gap_hours > gap_most:
            yield violation(
                dump,
                f"runs every {dump.longest_gap_hours:g} hours, most is {gap_most:g}",
                f"set letta:database.dump.every_hours to {gap_most:g} or less",
            )
        if 0 < dump.kept_days < kept_least:
            yield violation(
                dump,
                f"keeps dumps for {dump.kept_days} days, least is {kept_least}",
                f"set letta:database.dump.retention_days to {kept_least} or more",
            )
        after = dump.told_after_hours
        if dump.alarmable and not 0 < after <= told_most:
            told = f"after {after:g} hours" if after else "never"
            yield violation(
                dump,
                f"tells {told} that no new dump came, latest is {told_most:g} hours",
                "leave the alarm to the dump's component",
            )


_DUMP = DumpArgs()

RULES = (
    Rule(
        name="database-encrypted",
        description="The database's storage is encrypted.",
        severity="critical",
        check=database_encrypted,
    ),
    Rule(
        name="bucket-encrypted",
        description="Buckets encrypt what is put into them.",
        severity="high",
        check=bucket_encrypted,
    ),
    Rule(
        name="bucket-versioned",
        description="Buckets keep the versions that are replaced or deleted.",
        severity="medium",
        check=bucket_versioned,
    ),
    Rule(
        name="bucket-public-access-blocked",
        description="No bucket can be opened to the public.",
        severity="critical",
        check=bucket_public_access_blocked,
    ),
    Rule(
        name="bucket-lifecycle",
        description="Objects move to cheaper storage as they age, and leftovers go.",
        severity="low",
        check=bucket_lifecycle,
        numbers=(
            Number(
                name="infrequentAccessMostDays",
                description="Latest move to infrequent access, days (S1).",
                default=BucketArgs.model_fields["infrequent_access_days"].default,
                minimum=30,
                maximum=3650,
            ),
            Number(
                name="archiveMostDays",
                description="Latest move to the archive, days (S1).",
                default=BucketArgs.model_fields["archive_days"].default,
                minimum=30,
                maximum=3650,
            ),
        ),
    ),
    Rule(
        name="database-dumped",
        description="The database is dumped on schedule, dumps are kept, and a missing one is told "
        "of.",
        severity="high",
        check=database_dumped,
        numbers=(
            Number(
                name="gapMostHours",
                description="Longest time from one dump to the next, hours.",
                default=_DUMP.every_hours,
                minimum=1,
                maximum=24,
            ),
            Number(
                name="keptLeastDays",
                description="Shortest time that a dump is kept, days.",
                default=7,
                minimum=1,
                maximum=3650,
            ),
            Number(
                name="toldMostHours",
                description="Longest time without a new dump until somebody is told, hours.",
                default=_DUMP.max_age_hours,
                minimum=1,
                maximum=168,
            ),
        ),
    ),
    Rule(
        name="log-retention",
        description="Logs are kept long enough to look back, and not for ever.",
        severity="medium",
        check=log_retention,
        numbers=(
            Number(
                name="leastDays",
                description="Shortest retention, days (O2).",
                default=MonitoringArgs.model_fields["log_retention_days"].default,
                minimum=1,
                maximum=3653,
            ),
        ),
    ),
    Rule(
        name="logs-encrypted",
        description="Logs are encrypted with the stack's own key.",
        severity="medium",
        check=logs_encrypted,
    ),
    Rule(
        name="secrets-encrypted",
        description="Stored secrets are encrypted with the stack's own key.",
        severity="high",
        check=secrets_encrypted,
    ),
)
