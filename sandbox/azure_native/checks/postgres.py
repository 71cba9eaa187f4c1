"""Flexible servers of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

from components.azure import catalog
from sandbox.azure_native.checks import ids, links, network, vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

SERVER = "azure-native:dbforpostgresql:Server"
_ZONE = ".postgres.database.azure.com"
PREMIUM_GIB = (32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767)
"""Sizes of a Premium SSD (Flexible Server documentation, "Storage")."""
V2_GIB = (32, 65536)
"""Least and most of a Premium SSD v2 (the same page)."""
RESERVED = (
    "azure_superuser",
    "azure_pg_admin",
    "admin",
    "administrator",
    "root",
    "guest",
    "public",
)
"""Names that an administrator cannot have (Flexible Server documentation, "Create a server")."""
_FROM_OTHERS = ("Replica", "PointInTimeRestore", "GeoRestore")
MOST_REPLICAS = 5


def _is_copy(properties: Properties) -> bool:
    return properties["createMode"] in _FROM_OTHERS


def sku(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The class exists, and belongs to the tier that is given."""
    name, tier = properties.get("sku.name"), properties.get("sku.tier")
    if name is None:
        if not _is_copy(properties):
            yield Problem("sku", "a server needs a sku")
        return
    try:
        found = catalog.database_class(name)
    except catalog.CatalogError as error:
        yield Problem("sku", f"ParameterOutOfRange: {error}")
        return
    if found.tier != tier:
        yield Problem("sku", f"InvalidSku: {name} belongs to {found.tier}, not to {tier}")


def storage(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Disks have the sizes that there are."""
    size, kind = properties.get("storage.storageSizeGB"), properties.get("storage.type")
    if size is None:
        return
    if kind in (None, "Premium_LRS") and size not in PREMIUM_GIB:
        yield Problem(
            "storage",
            f"ParameterOutOfRange: storageSizeGB {size} must be one of "
            f"{', '.join(str(each) for each in PREMIUM_GIB)}",
        )
    least, most = V2_GIB
    if kind == "PremiumV2_LRS":
        if not least <= size <= most:
            yield Problem("storage", f"storageSizeGB {size} must be between {least} and {most}")
        if not (properties.get("storage.iops") and properties.get("storage.throughput")):
            yield Problem("storage", "PremiumV2_LRS needs iops and throughput")
        if properties.get("storage.autoGrow") == "Enabled":
            yield Problem("storage", "PremiumV2_LRS does not grow by itself")


def standby(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A standby needs a server that is not burstable, and in zones one of its own."""
    mode = properties.get("highAvailability.mode") or "Disabled"
    if mode == "Disabled":
        return
    if properties.get("sku.tier") == "Burstable":
        yield Problem(
            "highAvailability",
            "HANotSupported: a server of the tier Burstable has no standby: use GeneralPurpose",
        )
    zone, other = (
        properties["availabilityZone"],
        properties.get("highAvailability.standbyAvailabilityZone"),
    )
    if mode == "ZoneRedundant" and zone and zone == other:
        yield Problem("highAvailability", f"the standby needs another zone than {zone}")


def created_how(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A copy names what it is a copy of; what is none has an administrator."""
    copied, source = _is_copy(properties), properties["sourceServerResourceId"]
    if copied and not source:
        yield Problem(
            "sourceServerResourceId", f"{properties['createMode']} needs the server to copy"
        )
    if copied:
        return
    password = (properties.get("authConfig.passwordAuth") or "Enabled") == "Enabled"
    for name in ("administratorLogin", "administratorLoginPassword"):
        if password and properties[name] is None:
            yield Problem(name, "a server with passwords needs it")


def login(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Some names are Azure's own."""
    name = properties["administratorLogin"]
    if name and (name in RESERVED or name.startswith("pg_")):
        yield Problem("administratorLogin", f"{name!r} is kept by Azure: choose another")


def encryption(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A key of one's own goes with an identity that the server has."""
    if properties.get("dataEncryption.type") != "AzureKeyVault":
        return
    identity = properties.get("dataEncryption.primaryUserAssignedIdentityId")
    held = properties.get("identity.userAssignedIdentities") or {}
    if not identity or not properties.get("dataEncryption.primaryKeyURI"):
        yield Problem("dataEncryption", "it needs primaryKeyURI and primaryUserAssignedIdentityId")
    elif identity not in held:
        yield Problem(
            "identity", f"{ids.tail(identity)} encrypts, and is no identity of the server"
        )


def subnet_delegated(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A private server lives in a subnet that is delegated to its kind."""
    given = properties.get("network.delegatedSubnetResourceId")
    subnet = cloud.find(network.SUBNET, "id", given) if given else None
    if subnet and network.delegation(subnet) != network.POSTGRES:
        yield Problem(
            "network",
            f"SubnetMissingRequiredDelegation: delegate {subnet.label} to {network.POSTGRES}",
        )


def zone_linked(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A private server has a zone for its name, which its network resolves. Azure does not look at
    the link: the server would come up and nobody find it."""
    given = properties.get("network.delegatedSubnetResourceId")
    zone_id = properties.get("network.privateDnsZoneArmResourceId")
    if not given:
        return
    if not zone_id:
        yield Problem("network", "a server in a subnet needs privateDnsZoneArmResourceId")
        return
    zone = ids.tail(zone_id)
    if not zone.endswith(_ZONE) or zone == f"{properties['serverName']}{_ZONE}":
        yield Problem(
            "network",
            f"PrivateDnsZoneInvalid: {zone} must end with {_ZONE}, and not be the name of "
            "the server",
        )
    subnet = cloud.find(network.SUBNET, "id", given)
    if subnet and not links.linked(zone, str(subnet.get("virtualNetworkName")), cloud):
        yield Problem(
            "network",
            f"the network {subnet.get('virtualNetworkName')} does not resolve {zone}: make its "
            "VirtualNetworkLink first",
        )


def replica_fits(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A replica is one of a primary that may have replicas, and is no smaller."""
    source = cloud.find(SERVER, "id", properties["sourceServerResourceId"])
    if properties["createMode"] != "Replica" or source is None:
        return
    if source.get("sku.tier") == "Burstable":
        yield Problem(
            "sourceServerResourceId",
            f"ReadReplicasNotSupported: {source.label} is of the tier Burstable",
        )
    if source.get("createMode") == "Replica":
        yield Problem("sourceServerResourceId", f"{source.label} is a replica itself")
    others = [item for item in _replicas(source.id, cloud) if item.id != properties["id"]]
    if len(others) >= MOST_REPLICAS:
        yield Problem("sourceServerResourceId", f"it has {MOST_REPLICAS} replicas already")
    yield from _smaller(properties, Properties.of(source.outputs), "the primary")


def _replicas(server_id: object, cloud: AzureCloud) -> list[CloudObject]:
    return [
        item
        for item in cloud.all(SERVER)
        if item.get("createMode") == "Replica" and item.get("sourceServerResourceId") == server_id
    ]


def _smaller(replica: Properties, source: Properties, than: str) -> Iterator[Problem]:
    """What of a replica is below what its primary has (Flexible Server documentation, "Read
    replicas", "Scaling")."""
    own, theirs = (each.get("storage.storageSizeGB") for each in (replica, source))
    if own and theirs and own < theirs:
        yield Problem("storage", f"{own} GiB of a replica are below the {theirs} of {than}")
    try:
        small, large = (
            catalog.database_class(str(each.get("sku.name"))) for each in (replica, source)
        )
    except catalog.CatalogError:
        return  # `sku` refuses it
    if not small.holds(large):
        yield Problem("sku", f"{small.name} of a replica is smaller than {large.name} of {than}")


def key_usable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The server's identity may use the key."""
    url = properties.get("dataEncryption.primaryKeyURI")
    identity = properties.get("dataEncryption.primaryUserAssignedIdentityId")
    if url:
        yield from vaults.usable(url, identity, "dataEncryption", cloud)


def disk_never_shrinks(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A disk grows only."""
    before, after = (each.get("storage.storageSizeGB") for each in (old, new))
    if before and after and after < before:
        yield Problem(
            "storage", f"StorageSizeNotSupported: {before} GiB do not become {after}: keep the size"
        )


def standby_comes_later(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A server gets a standby only once its class may have one: the new class of the same update
    does not count (hashicorp/terraform-provider-azurerm issue 27612)."""
    before, after = ((each.get("highAvailability.mode") or "Disabled") for each in (old, new))
    if old.get("sku.tier") == "Burstable" and before == "Disabled" != after:
        yield Problem(
            "highAvailability",
            f"HANotSupported: the server is still {old.get('sku.name')} of the tier Burstable, "
            f"which has no standby: update it to {new.get('sku.name')} first (`letta:database: "
            f"{{instance_type: {new.get('sku.name')}}}` beside what the stack has been so far), "
            "and add the standby in another update",
        )


def replicas_grow_first(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A primary never has more than the smallest of its replicas."""
    server = cloud.find(SERVER, "serverName", new["serverName"])
    for replica in _replicas(server.id, cloud) if server else ():
        for problem in _smaller(Properties.of(replica.outputs), new, "its primary to be"):
            yield Problem(
                problem.property,
                f"{problem.reason}: update {replica.label} first (`letta:azure: "
                f"{{replica_instance_type: {new.get('sku.name')}, replica_storage_gib: "
                f"{new.get('storage.storageSizeGB')}}}` beside what the stack has been so far), "
                "and the primary in another update",
            )


def version_never_falls(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A major version is never taken back."""
    before, after = (int(each["version"] or 0) for each in (old, new))
    if after < before:
        yield Problem("version", f"PostgreSQL {before} does not become {after}")


def network_stays(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Whether a server is private is said once, and so is its subnet."""
    path = "network.delegatedSubnetResourceId"
    if old.get(path) != new.get(path):
        yield Problem(
            "network", "VnetConfigurationCannotBeChanged: make another server and restore into it"
        )


def public_access(properties: Properties, cloud: AzureCloud) -> str:
    """Whether the server has a public address."""
    return "Disabled" if properties.get("network.delegatedSubnetResourceId") else "Enabled"


def dropped_server(properties: Properties, cloud: AzureCloud) -> Iterator[tuple[str, str]]:
    """Backups outlive a primary by five days (Flexible Server documentation, "Restore a dropped
    server")."""
    if properties["createMode"] != "Replica":
        yield "backups of a dropped server", str(properties["id"])
