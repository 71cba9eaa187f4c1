"""Cloud SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain

from components.gcp import catalog
from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.checks import kms, network
from sandbox.gcp.checks.links import tail
from sandbox.gcp.cloud import GcpCloud

INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance"
MOST_LOG_DAYS = {"ENTERPRISE": 7, "ENTERPRISE_PLUS": 35}
_PLUS_BY_DEFAULT = 16
_PAGE_KIB = 8
_KIB_PER_GIB = 2**20
_SHARES = {"shared_buffers": (0.1, 0.6), "effective_cache_size": (0.1, 0.7)}
"""Flag -> least and most share of the memory (Cloud SQL for PostgreSQL documentation, "Configure
database flags")."""
_KNOWN = (
    *_SHARES,
    "maintenance_work_mem",
    "work_mem",
    "max_parallel_workers_per_gather",
    "max_connections",
    "random_page_cost",
    "cloudsql.iam_authentication",
    "log_min_duration_statement",
)
_LEAST_CONNECTIONS, _MOST_CONNECTIONS = 14, 262_143


def tier(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Editions have tiers of their own; from PostgreSQL 16 Enterprise Plus is the default."""
    name, edition = properties.get("settings.tier"), _edition(properties)
    if edition == "ENTERPRISE_PLUS":
        if not str(name).startswith("db-perf-optimized-"):
            yield Problem(
                "settings.tier",
                f"Error 400: Invalid Tier ({name}) for (ENTERPRISE_PLUS) Edition: set "
                "settings.edition to ENTERPRISE",
            )
        return
    try:
        catalog.database_tier(name)
    except catalog.CatalogError as error:
        yield Problem("settings.tier", f"Error 400: {error}")


def _edition(properties: Properties) -> str:
    given = properties.get("settings.edition")
    if given:
        return str(given)
    major = int(properties["databaseVersion"].rpartition("_")[2])
    return "ENTERPRISE_PLUS" if major >= _PLUS_BY_DEFAULT else "ENTERPRISE"


def flags(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Flags are known, and within what Cloud SQL takes."""
    try:
        memory_gib = catalog.database_tier(properties.get("settings.tier")).memory_gib
    except catalog.CatalogError:
        return
    for flag in properties.get("settings.databaseFlags") or []:
        name, value = flag["name"], flag["value"]
        if name not in _KNOWN:
            yield Problem(
                "settings.databaseFlags", f"{name} is not known here; known: {', '.join(_KNOWN)}"
            )
        elif name in _SHARES:
            low, high = (share * memory_gib * _KIB_PER_GIB / _PAGE_KIB for share in _SHARES[name])
            if not low <= int(value) <= high:
                yield Problem(
                    "settings.databaseFlags",
                    f"Error 400: {name} {value} must be between {low:.0f} and {high:.0f} pages of "
                    "8 KiB for this tier",
                )
        elif name == "max_connections" and not (
            _LEAST_CONNECTIONS <= int(value) <= _MOST_CONNECTIONS
        ):
            yield Problem(
                "settings.databaseFlags",
                f"Error 400: max_connections {value} must be between {_LEAST_CONNECTIONS} and "
                f"{_MOST_CONNECTIONS}",
            )


def backups(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Recovery to any second needs backups, and reaches as far back as the edition lets it."""
    backup = properties.get("settings.backupConfiguration") or {}
    enabled, any_second = backup.get("enabled"), backup.get("pointInTimeRecoveryEnabled")
    if any_second and not enabled:
        yield Problem("settings.backupConfiguration", "point-in-time recovery needs backups")
    if properties.get("settings.availabilityType") == "REGIONAL" and not (enabled and any_second):
        yield Problem(
            "settings.availabilityType",
            "Error 400: a standby needs backups and point-in-time recovery: enable both",
        )
    days, edition = backup.get("transactionLogRetentionDays"), _edition(properties)
    if days and days > MOST_LOG_DAYS[edition]:
        yield Problem(
            "settings.backupConfiguration",
            f"Error 400: {days} days of transaction logs exceed the {MOST_LOG_DAYS[edition]} of "
            f"{edition}",
        )
    kept = (backup.get("backupRetentionSettings") or {}).get("retainedBackups")
    if days and kept and days > kept:
        yield Problem(
            "settings.backupConfiguration",
            f"Error 400: {days} days of transaction logs exceed the {kept} backups that are kept",
        )


def disk(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The ceiling of growth is no less than what there is at the beginning."""
    limit, size = (
        properties.get("settings.diskAutoresizeLimit"),
        properties.get("settings.diskSize"),
    )
    if limit and size and limit < size:
        yield Problem(
            "settings.diskAutoresizeLimit", f"Error 400: {limit} GB is below diskSize {size} GB"
        )


def reachable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """An instance is reached from somewhere."""
    ip = properties.get("settings.ipConfiguration") or {}
    if (
        not ip.get("ipv4Enabled", True)
        and not ip.get("privateNetwork")
        and not ip.get("pscConfigs")
    ):
        yield Problem(
            "settings.ipConfiguration",
            "Error 400: at least one of ipv4Enabled, privateNetwork and pscConfigs must be given",
        )


def network_peered(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A private address comes out of a range that is peered with Google's services."""
    given = properties.get("settings.ipConfiguration.privateNetwork")
    yield from network.peered(given, "settings.ipConfiguration.privateNetwork", cloud)


def key_usable(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """Cloud SQL may use the key."""
    member = kms.agent("gcp-sa-cloud-sql", cloud)
    yield from kms.usable_by(member, properties["encryptionKeyName"], "encryptionKeyName", cloud)


def replica_source(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A replica is one of a server with backups and logs."""
    name = properties["masterInstanceName"]
    if not name:
        return
    source = cloud.find(INSTANCE, "name", name)
    if source and not source.get("settings.backupConfiguration.pointInTimeRecoveryEnabled"):
        yield Problem(
            "masterInstanceName",
            f"Error 400: {name} has no point-in-time recovery, which a replica needs: enable it",
        )


def disk_never_shrinks(old: Properties, new: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The provider would delete the instance and make a smaller one."""
    before, after = old.get("settings.diskSize"), new.get("settings.diskSize")
    if before and after and after < before:
        yield Problem(
            "settings.diskSize",
            f"a disk of {before} GB does not become one of {after} GB: leave the size as it is",
        )


def version_never_falls(old: Properties, new: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A major version is never taken back."""
    before, after = (int(each["databaseVersion"].rpartition("_")[2]) for each in (old, new))
    if after < before:
        yield Problem("databaseVersion", f"Error 400: PostgreSQL {before} does not become {after}")


def api_protection(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """What is protected in the cloud itself stays, whatever the provider thinks."""
    protected = properties.get("settings.deletionProtectionEnabled")
    if protected and properties["deletionProtection"]:
        yield Problem(
            "settings.deletionProtectionEnabled",
            "Error 400: The instance is protected: set it to false and run `pulumi up` first",
        )


def final_backup(properties: Properties, cloud: GcpCloud) -> Iterator[tuple[str, str]]:
    """The backup that is taken at the end."""
    if properties.get("settings.finalBackupConfig.enabled"):
        yield "cloud sql backup", f"projects/{cloud.project}/backups/{properties['name']}-final"


def peering_unused(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A peering goes when nothing lives behind it, unless it is torn off."""
    if properties["deletionPolicy"] == "REMOVE_PEERING":
        return
    name = tail(properties["network"])
    users = chain(cloud.all(INSTANCE), cloud.all("gcp:redis/instance:Instance"))
    for user in users:
        private = user.get("settings.ipConfiguration.privateNetwork") or user.get(
            "authorizedNetwork"
        )
        if private and tail(str(private)) == name:
            yield Problem(
                "network",
                "Error 400: Failed to delete connection; Producer services (e.g. CloudSQL, Cloud "
                f"Memstore, etc.) are still using this connection: {user.label}",
            )


def instance_type(properties: Properties, cloud: GcpCloud) -> str:
    """Whether it is a primary or a replica."""
    return "READ_REPLICA_INSTANCE" if properties["masterInstanceName"] else "CLOUD_SQL_INSTANCE"


def private_address(properties: Properties, cloud: GcpCloud) -> str:
    """An address of the peered range."""
    digest = hashlib.sha256(str(properties["name"]).encode()).digest()
    return f"10.0.{128 + digest[0] % 64}.{digest[1]}"


def built_in_user_has_password(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A user of PostgreSQL's own has a password."""
    own = properties["type"] in (None, "", "BUILT_IN")
    if own and properties["password"] is None and properties["passwordWo"] is None:
        yield Problem("password", "a built-in user needs a password")
