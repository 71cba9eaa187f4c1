"""RDS for PostgreSQL."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.alicloud import catalog
from components.sizing import CatalogError
from sandbox.alicloud.checks import kms, network
from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

INSTANCE = "alicloud:rds/instance:Instance"
LEAST_GIB = {"cloud_essd": 20, "cloud_essd2": 500, "cloud_essd3": 1500, "general_essd": 40}
"""Storage type -> least GiB (RDS documentation, "Storage types": ESSD PL1, PL2, PL3)."""
MOST_GIB = {"cloud_essd": 32_000, "cloud_essd2": 32_000, "cloud_essd3": 32_000}
RESERVED = ("postgres", "replicator", "aurora", "alicloud_rds_admin", "root", "admin", "guest")
"""Names that an account cannot have (CreateAccount in the RDS API reference, "Forbidden
keywords"; a part of them)."""
_SPECIAL = "!@#$%^&*()_+-="
_LEAST_KINDS = 3
_PASSWORD = re.compile(rf"[A-Za-z0-9{re.escape(_SPECIAL)}]{{8,32}}")


def class_exists(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The class is one of RDS for PostgreSQL; read-only instances have their own."""
    name = properties["instanceType"]
    replica = properties["masterDbInstanceId"] is not None
    if replica != name.startswith("pgro."):
        yield Problem(
            "instanceType",
            f"InvalidDBInstanceClass.NotFound: {name} is "
            + ("no class of read-only instances (pgro.…)" if replica else "one of replicas alone"),
        )
        return
    try:
        catalog.any_database_class(name)
    except CatalogError as error:
        yield Problem("instanceType", f"InvalidDBInstanceClass.NotFound: {error}")


def disk(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A faster disk begins larger."""
    kind = properties["dbInstanceStorageType"] or "cloud_essd"
    gib, least, most = properties["instanceStorage"], LEAST_GIB.get(kind), MOST_GIB.get(kind)
    if least is not None and gib < least:
        yield Problem(
            "instanceStorage", f"InvalidStorage: {kind} has {least} GiB at least, not {gib}"
        )
    if most is not None and gib > most:
        yield Problem("instanceStorage", f"InvalidStorage: {kind} has {most} GiB at most")


def growth(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A disk that grows by itself may grow."""
    if properties["storageAutoScale"] != "Enable":
        return
    most = properties["storageUpperBound"]
    if most is not None and most < properties["instanceStorage"]:
        yield Problem(
            "storageUpperBound",
            f"InvalidStorageUpperBound: {most} GiB is below the {properties['instanceStorage']} "
            "GiB that it begins with",
        )


def key_goes_with_class(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A key of one's own goes with a class of one's own (RDS documentation, "Configure the disk
    encryption feature", the table of instance families)."""
    key = properties["encryptionKey"]
    if key in (None, "", "ServiceKey", "disabled"):
        return
    try:
        found = catalog.any_database_class(properties["instanceType"])
    except CatalogError:
        return  # another check says so
    if not found.dedicated:
        yield Problem(
            "encryptionKey",
            f"EncryptionOptionsNotSupported: {found.name}: a class that shares its machine has "
            "the service's key alone: set ServiceKey, or choose a class pg.x",
        )


def zones(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Zones are the region's; the basic edition has no standby."""
    for name in ("zoneId", "zoneIdSlaveA", "zoneIdSlaveB"):
        zone = properties[name]
        if zone is not None and zone != "Auto" and zone not in cloud.zones:
            yield Problem(name, f"InvalidZoneId.NotFound: {zone} is no zone of {cloud.region}")
    standby, category = properties["zoneIdSlaveA"], properties["category"]
    if category == "Basic" and standby is not None:
        yield Problem("zoneIdSlaveA", "InvalidParameter: the edition Basic has no standby")


def reachable(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The white list holds addresses and ranges."""
    for text in properties["securityIps"] or []:
        try:
            ipaddress.IPv4Network(text, strict=False)
        except ValueError:
            yield Problem("securityIps", f"InvalidSecurityIPList.Format: {text!r}")


def protected(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """What is paid for in advance cannot be protected (the provider's documentation of
    deletion_protection)."""
    if properties["deletionProtection"] and properties["instanceChargeType"] == "Prepaid":
        yield Problem(
            "deletionProtection",
            "it goes with instanceChargeType Postpaid and Serverless alone",
        )


def parameters(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A parameter is given once, and the number of connections is the class's."""
    names = [name for _, name in properties.find("parameters[*].name")]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("parameters", f"{twice} is given twice")
    for _, given in properties.find("parameters[*]"):
        if given["name"] != "max_connections":
            continue
        try:
            most = catalog.any_database_class(properties["instanceType"]).max_connections
        except CatalogError:
            return  # another check says so
        if not str(given["value"]).isdecimal() or int(given["value"]) > most:
            yield Problem(
                "parameters",
                f"InvalidParameters.Format: max_connections {given['value']}: "
                f"{properties['instanceType']} has {most} at most",
            )


def switches_in_zones(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Each zone has its vSwitch, all in one network."""
    found = [
        (name, cloud.find(network.SWITCH, "id", name))
        for name in str(properties["vswitchId"]).split(",")
    ]
    for name, switch in found:
        if switch is None:
            yield Problem("vswitchId", f"InvalidVSwitchId.NotFound: there is no vSwitch {name}")
    switches = [switch for _, switch in found if switch is not None]
    if len({switch.get("vpcId") for switch in switches}) > 1:
        yield Problem("vswitchId", "InvalidVSwitchId: the vSwitches are in several networks")
    stated = [
        properties[name]
        for name in ("zoneId", "zoneIdSlaveA", "zoneIdSlaveB")
        if properties[name] not in (None, "Auto")
    ]
    zones_of_switches = [switch.get("zoneId") for switch in switches]
    if stated and switches and zones_of_switches[0] != stated[0]:
        yield Problem(
            "vswitchId",
            f"InvalidVSwitchId: the first vSwitch is in {zones_of_switches[0]}, and the instance "
            f"in {stated[0]}",
        )
    for zone in zones_of_switches[1:]:
        if zone not in stated:
            yield Problem("vswitchId", f"InvalidVSwitchId: no node of the instance is in {zone}")


def key_enabled(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The key of the disk can be used."""
    yield from kms.usable(properties["encryptionKey"], "encryptionKey", cloud)


def replica_fits(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A copy has the version of its server, and no smaller disk."""
    server = cloud.find(INSTANCE, "id", properties["masterDbInstanceId"])
    if server is None:
        return  # a reference to it is refused already
    if server.get("engineVersion") != properties["engineVersion"]:
        yield Problem(
            "engineVersion",
            f"InvalidEngineVersion: {properties['engineVersion']}, and its server has "
            f"{server.get('engineVersion')}",
        )
    if properties["instanceStorage"] < server.get("instanceStorage"):
        yield Problem(
            "instanceStorage",
            f"InvalidStorage: {properties['instanceStorage']} GiB are less than the "
            f"{server.get('instanceStorage')} GiB of its server",
        )
    if server.get("category") == "Basic":
        yield Problem("masterDbInstanceId", "the edition Basic has no read-only instances")


def grows_by_itself(_old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """A disk that grows by itself is left alone, whatever its size is said to be (the provider's
    DiffSuppressFunc of instance_storage)."""
    return bool(new.get("storageAutoScale") == "Enable")


def grows_not(_old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Of a disk that does not grow by itself no bounds are told (StorageAutoScaleDiffSuppressFunc
    of the provider)."""
    return bool(new.get("storageAutoScale") != "Enable")


def several_switches(_old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Where several vSwitches are named, the provider tells of no change."""
    return "," in str(new.get("vswitchId"))


def service_key(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """`ServiceKey` stands for whichever key Aliyun keeps."""
    before, after = old.get("encryptionKey"), new.get("encryptionKey")
    return (after == "ServiceKey" and bool(before)) or (after == "disabled" and not before)


def disk_never_shrinks(old: Properties, new: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A disk only grows. That Aliyun refuses it for every class is an assumption."""
    if new["instanceStorage"] < old["instanceStorage"]:
        yield Problem(
            "instanceStorage",
            f"InvalidStorage: {new['instanceStorage']} GiB are less than {old['instanceStorage']}",
        )


def version_never_falls(
    old: Properties, new: Properties, cloud: AlicloudCloud
) -> Iterator[Problem]:
    """The major version only rises."""
    if float(new["engineVersion"]) < float(old["engineVersion"]):
        yield Problem(
            "engineVersion",
            f"InvalidEngineVersion: {new['engineVersion']} is below {old['engineVersion']}",
        )


def key_only_at_creation(
    old: Properties, new: Properties, cloud: AlicloudCloud
) -> Iterator[Problem]:
    """A disk is encrypted when it is made, or never (RDS documentation, "Cloud disk
    encryption")."""
    before, after = old["encryptionKey"], new["encryptionKey"]
    if bool(before) != bool(after):
        yield Problem(
            "encryptionKey",
            "EncryptionOptionsNotSupported: the encryption of a disk is decided when it is made",
        )


def reserved_name(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Names that Aliyun keeps."""
    if properties["accountName"] in RESERVED:
        yield Problem(
            "accountName", f"InvalidAccountName.Forbid: {properties['accountName']} is reserved"
        )


def password(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """8 to 32 characters of three kinds at least (CreateAccount in the RDS API reference)."""
    given = properties["accountPassword"] or properties["password"]
    if given is None:
        if properties["accountPasswordWo"] is None and properties["kmsEncryptedPassword"] is None:
            yield Problem("accountPassword", "MissingParameter: an account needs a password")
        return
    kinds = (str.isupper, str.islower, str.isdigit, lambda one: one in _SPECIAL)
    held = sum(any(kind(one) for one in given) for kind in kinds)
    if not _PASSWORD.fullmatch(given) or held < _LEAST_KINDS:
        yield Problem(
            "accountPassword",
            "InvalidAccountPassword: it has 8 to 32 characters, of three of these kinds at least: "
            f"capitals, small letters, digits, {_SPECIAL}",
        )


def enough_backups(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Two days of the week at least (ModifyBackupPolicy in the RDS API reference)."""
    days = properties["preferredBackupPeriods"]
    if days is not None and len(set(days)) < 2:
        yield Problem("preferredBackupPeriods", "InvalidPreferredBackupPeriod: name two days")


def logs_no_longer_than_backups(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """Logs without the backup that they continue restore nothing (the same page)."""
    logs, backups = properties["logBackupRetentionPeriod"], properties["backupRetentionPeriod"]
    if logs is not None and logs > backups:
        yield Problem(
            "logBackupRetentionPeriod",
            f"InvalidLogBackupRetentionPeriod: {logs} days are more than the {backups} of backups",
        )


def instances(arguments: Properties, cloud: AlicloudCloud) -> dict[str, Any]:
    """The result of getInstances, as far as a program here asks."""
    name, tags = re.compile(arguments["nameRegex"] or ""), arguments["tags"] or {}
    found = [
        item
        for item in cloud.all(INSTANCE)
        if name.search(str(item.get("instanceName") or ""))
        and tags.items() <= (item.get("tags") or {}).items()
    ]
    return {
        "id": cloud.region,
        "nameRegex": arguments["nameRegex"],
        "tags": tags,
        "ids": [item.id for item in found],
        "names": [item.get("instanceName") for item in found],
        "totalCount": len(found),
        "instances": [
            {
                "id": item.id,
                "name": item.get("instanceName"),
                "instanceType": item.get("instanceType"),
                "instanceStorage": item.get("instanceStorage"),
                "vpcId": item.get("vpcId"),
            }
            for item in found
        ],
    }


def address(properties: Properties, cloud: AlicloudCloud) -> str:
    """The name by which a server is reached."""
    prefix = properties["connectionStringPrefix"] or properties["id"]
    return f"{prefix}.pg.rds.aliyuncs.com"


def private_address(properties: Properties, cloud: AlicloudCloud) -> str:
    """An address of its first vSwitch."""
    first = str(properties["vswitchId"]).split(",")[0]
    return network.address_inside(first, str(properties["id"]), cloud)


def network_of(properties: Properties, cloud: AlicloudCloud) -> str | None:
    """The network of its first vSwitch."""
    found = cloud.find(network.SWITCH, "id", str(properties["vswitchId"]).split(",")[0])
    return found.get("vpcId") if found else None


def zone(properties: Properties, cloud: AlicloudCloud) -> str | None:
    """The zone of its first vSwitch."""
    found = cloud.find(network.SWITCH, "id", str(properties["vswitchId"]).split(",")[0])
    return found.get("zoneId") if found else None


def minor_version(properties: Properties, cloud: AlicloudCloud) -> str:
    """The build of the engine."""
    major = str(properties["engineVersion"]).partition(".")[0]
    return f"rds_postgres_{major}00_20260630"
