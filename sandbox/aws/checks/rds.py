"""Databases."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.aws.checks import ec2, engines, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

_INSTANCE: Final = "aws:rds/instance:Instance"
_PARAMETER_GROUP: Final = "aws:rds/parameterGroup:ParameterGroup"
_SUBNET_GROUP: Final = "aws:rds/subnetGroup:SubnetGroup"
_GP3_THRESHOLD_GIB: Final = 400
"""From this size on gp3 takes iops and throughput with PostgreSQL (RDS user guide, storage)."""
_PASSWORD: Final = re.compile(r"[!-~]{8,128}")
_NOT_IN_PASSWORDS: Final = '/@" '
_MAX_REPLICAS: Final = 15

_STATIC: Final = frozenset(
    {
        "autovacuum_freeze_max_age",
        "autovacuum_max_workers",
        "hot_standby",
        "huge_pages",
        "max_connections",
        "max_files_per_process",
        "max_locks_per_transaction",
        "max_logical_replication_workers",
        "max_pred_locks_per_transaction",
        "max_prepared_transactions",
        "max_replication_slots",
        "max_wal_senders",
        "max_worker_processes",
        "rds.logical_replication",
        "shared_buffers",
        "shared_preload_libraries",
        "superuser_reserved_connections",
        "track_activity_query_size",
        "track_commit_timestamp",
        "wal_buffers",
    }
)
"""Parameters that PostgreSQL reads only when it starts ("This parameter can only be set at server
start" in its documentation)."""

_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "effective_cache_size": (1, 2147483647),
    "maintenance_work_mem": (1024, 2147483647),
    "max_connections": (6, 8388607),
    "max_parallel_workers": (0, 1024),
    "max_parallel_workers_per_gather": (0, 1024),
    "max_worker_processes": (0, 262143),
    "rds.force_ssl": (0, 1),
    "shared_buffers": (16, 1073741823),
    "work_mem": (64, 2147483647),
}
"""In the parameters' own units (pages of 8 kB, kB), as pg_settings has them."""


def class_offered(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The class must exist and the region offer it."""
    name = properties["instanceClass"]
    if not cloud.offered("rds", name):
        yield Problem("instanceClass", ec2.not_offered("rds", name, cloud.region))


def engine_version(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The version must be one that can be created."""
    engine, version = properties["engine"], properties["engineVersion"]
    if engine and version and engines.known(engine) and not engines.offered(engine, version):
        yield Problem(
            "engineVersion", engines.refusal(engine, version, "InvalidParameterCombination")
        )


def administrator(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A new server needs an engine, storage and an administrator; a replica takes its source's."""
    if properties["replicateSourceDb"] or properties["snapshotIdentifier"]:
        return
    for name in ("engine", "allocatedStorage", "username"):
        if properties[name] is None:
            yield Problem(
                name,
                "it is required, as the instance is made neither from a snapshot nor as a replica",
            )
    given = [properties[n] for n in ("password", "passwordWo", "manageMasterUserPassword")]
    if not any(given):
        yield Problem("password", "InvalidParameterValue: a password must be provided")
    if properties["username"] and not re.fullmatch(r"[A-Za-z]\w{0,62}", properties["username"]):
        yield Problem(
            "username",
            "InvalidParameterValue: MasterUsername must begin with a letter and have at most 63 "
            "letters, digits and underscores",
        )
    password = properties["password"]
    if password and not (
        _PASSWORD.fullmatch(password) and not set(password).intersection(_NOT_IN_PASSWORDS)
    ):
        yield Problem(
            "password",
            "InvalidParameterValue: The parameter MasterUserPassword is not a valid password: use "
            "8 to 128 printable ASCII characters besides '/', '@', '\"' and ' '",
        )


def storage(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Size, type, iops and throughput must go together."""
    size, limit = properties["allocatedStorage"], properties["maxAllocatedStorage"]
    if size and limit and limit <= size:
        yield Problem(
            "maxAllocatedStorage",
            f"InvalidParameterCombination: Max storage size {limit} must be greater than storage "
            f"size {size}",
        )
    kind, iops = properties["storageType"], properties["iops"]
    if kind in ("io1", "io2"):
        if not iops:
            yield Problem("iops", f"InvalidParameterCombination: {kind} storage needs iops")
        if size and size < 100:
            yield Problem("allocatedStorage", f"{kind} storage has at least 100 GiB, not {size}")
    elif kind != "gp3" and iops:
        yield Problem("iops", f"InvalidParameterCombination: {kind or 'gp2'} storage takes no iops")
    small = size is not None and size < _GP3_THRESHOLD_GIB and properties["engine"] == "postgres"
    for name in ("iops", "storageThroughput"):
        if kind == "gp3" and small and properties[name]:
            yield Problem(
                name,
                "InvalidParameterCombination: You can't specify IOPS or storage throughput for "
                f"engine postgres and a storage size less than {_GP3_THRESHOLD_GIB}",
            )


def monitoring(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Enhanced monitoring needs a role."""
    if properties["monitoringInterval"] and not properties["monitoringRoleArn"]:
        yield Problem(
            "monitoringRoleArn",
            "InvalidParameterCombination: A MonitoringRoleARN value is required if you specify a "
            "MonitoringInterval value other than 0",
        )


def insights(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Advanced Database Insights needs Performance Insights with 15 months of history."""
    days = properties["performanceInsightsRetentionPeriod"]
    if days is not None and days not in (7, 731) and (days % 31 or not 1 <= days // 31 <= 23):
        yield Problem(
            "performanceInsightsRetentionPeriod",
            f"InvalidParameterValue: Invalid retention period {days}: 7, a multiple of 31 up to "
            "713, or 731",
        )
    if properties["databaseInsightsMode"] == "advanced" and (
        not properties["performanceInsightsEnabled"] or (days or 7) < 465
    ):
        yield Problem(
            "databaseInsightsMode",
            "InvalidParameterCombination: To enable the Advanced mode of Database Insights, set "
            "performanceInsightsEnabled and a performanceInsightsRetentionPeriod of at least 465 "
            "days",
        )


def grown_by_autoscaling(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """With storage autoscaling the server may have more than was asked for: no difference."""
    if not new.get("maxAllocatedStorage"):
        return False
    return int(old.get("allocatedStorage") or 0) > int(new.get("allocatedStorage") or 0)


def storage_never_shrinks(old: Properties, new: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """RDS makes storage larger only."""
    before, after = old["allocatedStorage"], new["allocatedStorage"]
    if before and after and after < before and not new["maxAllocatedStorage"]:
        yield Problem(
            "allocatedStorage",
            f"InvalidParameterCombination: Invalid storage size: {after} is less than the current "
            f"{before}; storage cannot be made smaller",
        )


def version_never_falls(old: Properties, new: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """RDS goes to higher versions only, to a higher major one only when allowed."""
    before, after = old["engineVersionActual"], new["engineVersion"]
    engine = new["engine"] or old["engine"]
    if not before or not after or not engines.known(engine):
        return
    wanted = engines.newest(engine, after) or after
    if _numbers(wanted) < _numbers(before):
        yield Problem(
            "engineVersion",
            f"InvalidParameterCombination: Cannot upgrade {engine} from {before} to {wanted}",
        )
    elif _numbers(wanted)[0] > _numbers(before)[0] and not new["allowMajorVersionUpgrade"]:
        yield Problem(
            "engineVersion",
            "InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when "
            f"upgrading from {before} to a new major version",
        )


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def actual_version(properties: Properties, cloud: AwsCloud) -> str | None:
    """The version that the server runs: the newest one that the wanted one stands for."""
    engine, version = properties["engine"], properties["engineVersion"]
    if not version:
        return None
    return engines.newest(engine, version) or str(version)


def default_version(properties: Properties, cloud: AwsCloud) -> str | None:
    """The version of a replica (its source's), or the newest of the engine."""
    source = _source(properties, cloud)
    if source is not None:
        return str(source.get("engineVersion"))
    if not engines.known(properties["engine"] or ""):
        return None
    return engines.newest(properties["engine"], "17")


def default_parameter_group(properties: Properties, cloud: AwsCloud) -> str | None:
    """The parameter group that one gets who names none."""
    return _default_group(properties, "default.{family}")


def default_option_group(properties: Properties, cloud: AwsCloud) -> str | None:
    """The option group that one gets who names none."""
    return _default_group(properties, "default:{engine}-{major}")


def _default_group(properties: Properties, pattern: str) -> str | None:
    engine, version = properties["engine"], properties["engineVersion"]
    if not version or not engines.known(engine):
        return None
    family, major = engines.family(engine, version), str(version).partition(".")[0]
    return pattern.format(family=family, engine=engine, major=major)


def default_key(properties: Properties, cloud: AwsCloud) -> str | None:
    """The key of a replica's source, or the one that AWS manages; none without encryption."""
    source = _source(properties, cloud)
    if source is not None:
        return str(source.get("kmsKeyId")) if source.get("kmsKeyId") else None
    if not properties["storageEncrypted"]:
        return None
    digest = hashlib.sha256(f"{cloud.account}/{cloud.region}/aws/rds".encode()).hexdigest()
    key = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    return f"arn:{cloud.partition}:kms:{cloud.region}:{cloud.account}:key/{key}"


def zone(properties: Properties, cloud: AwsCloud) -> str:
    """The zone that RDS picks: the first of the subnet group's."""
    name = properties["dbSubnetGroupName"]
    group = cloud.find(_SUBNET_GROUP, "name", name) if name else None
    zones = neighbours.zones(group.get("subnetIds"), cloud) if group else None
    return min(zones) if zones else cloud.zones[0]


def hosted_zone_id(properties: Properties, cloud: AwsCloud) -> str:
    """An id of the right shape: the real ones differ by region only."""
    number = sum(ord(letter) << index for index, letter in enumerate(cloud.region))
    return f"Z2R2{number:010X}"


def subnets_span_two_zones(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A subnet group reaches over two zones at least, in one VPC."""
    ids = properties["subnetIds"]
    zones = neighbours.zones(ids, cloud)
    if len(zones) < 2:
        yield Problem(
            "subnetIds",
            "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability "
            "Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(sorted(zones))}. Add subnets to cover at least 2 AZs",
        )
    if len(neighbours.vpcs(ids, cloud)) > 1:
        yield Problem("subnetIds", "InvalidSubnet: the subnets are not in one VPC")


def family_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The family must be one of an engine's; only PostgreSQL's are known."""
    family = properties["family"]
    known = engines.families("postgres")
    if family not in known:
        yield Problem(
            "family",
            f"InvalidParameterValue: ParameterGroupFamily {family} is not a valid parameter group "
            f"family: use one of {', '.join(sorted(known))}",
        )


def parameters(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Values without units, in range, and static parameters at the next restart only."""
    seen = set()
    for parameter in properties["parameters"] or []:
        name, value = parameter["name"], parameter["value"]
        if name in seen:
            yield Problem("parameters", f"InvalidParameterCombination: {name} is given twice")
        seen.add(name)
        if name in _STATIC and parameter.get("applyMethod", "immediate") == "immediate":
            yield Problem(
                "parameters",
                f"InvalidParameterCombination: cannot use immediate apply method for static "
                f"parameter {name}: set applyMethod to pending-reboot",
            )
        yield from _value_problems(name, value)


def _value_problems(name: str, value: str) -> Iterator[Problem]:
    if name not in _RANGES or "DBInstanceClassMemory" in value:
        return
    least, most = _RANGES[name]
    if not re.fullmatch(r"-?\d+", value) or not least <= int(value) <= most:
        yield Problem(
            "parameters",
            f"InvalidParameterValue: Invalid parameter value: {value} for: {name} allowed values "
            f"are: {least}-{most}, a number without a unit",
        )


def parameter_family_fits(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The parameter group must be of the engine's major version."""
    name = properties["parameterGroupName"]
    group = cloud.find(_PARAMETER_GROUP, "name", name) if name else None
    engine, version = properties["engine"], properties["engineVersion"]
    if group is None or not version or not engines.known(engine or ""):
        return
    wanted = engines.family(engine, version)
    if group.get("family") != wanted:
        yield Problem(
            "parameterGroupName",
            f"InvalidParameterCombination: The Parameter Group {name} with DBParameterGroupFamily "
            f"{group.get('family')} cannot be used for this instance. Please use a Parameter Group "
            f"with DBParameterGroupFamily {wanted}",
        )


def replica_source_has_backups(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A replica is made from a server with automatic backups, of which it is encrypted alike."""
    source = _source(properties, cloud)
    if source is None:
        return
    if not source.get("backupRetentionPeriod"):
        yield Problem(
            "replicateSourceDb",
            "InvalidDBInstanceState: Automated backups are not enabled for this database instance. "
            f"To enable automated backups, set backupRetentionPeriod of {source.get('identifier')} "
            "to a non-zero value",
        )
    if properties["storageEncrypted"] is False and source.get("storageEncrypted"):
        yield Problem(
            "storageEncrypted",
            "InvalidParameterCombination: You cannot create a non-encrypted read replica from an "
            "encrypted DB instance",
        )
    replicas = [
        other
        for other in neighbours.others(_INSTANCE, properties, cloud)
        if other.get("replicateSourceDb") == properties["replicateSourceDb"]
    ]
    if len(replicas) >= _MAX_REPLICAS:
        yield Problem(
            "replicateSourceDb",
            f"InstanceQuotaExceeded: a server has at most {_MAX_REPLICAS} read replicas",
        )


def _source(properties: Properties, cloud: AwsCloud) -> CloudObject | None:
    name = properties["replicateSourceDb"]
    if not name:
        return None
    return cloud.find(_INSTANCE, "arn" if name.startswith("arn:") else "identifier", name)
