"""Storage accounts."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

ACCOUNT = "azure-native:storage:StorageAccount"
_ZONAL = ("ZRS", "GZRS", "RAGZRS")


def redundancy(sku: object) -> str:
    """`ZRS` of `Standard_ZRS`."""
    return str(sku).rpartition("_")[2]


def key_usable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The account's identity may use the key."""
    held = properties.get("encryption.keyVaultProperties")
    if not held:
        return
    url = f"{str(held.get('keyVaultUri')).rstrip('/')}/keys/{held.get('keyName')}"
    identity = properties.get("encryption.encryptionIdentity.encryptionUserAssignedIdentity")
    yield from vaults.usable(url, identity, "encryption", cloud)


def redundancy_stays(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Copies in zones come and go by a conversion alone, which takes days (Azure Storage
    documentation, "Change how a storage account is replicated")."""
    before, after = (redundancy(each.get("sku.name")) for each in (old, new))
    if (before in _ZONAL) != (after in _ZONAL):
        yield Problem(
            "sku",
            f"an account of {before} does not become one of {after} by an update: ask Azure for a "
            "conversion, or keep it",
        )


def public_container_allowed(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A container is open to everybody only if its account lets it."""
    account = cloud.find(ACCOUNT, "accountName", properties["accountName"])
    opened = properties["publicAccess"] not in (None, "None")
    if account and opened and not account.get("allowBlobPublicAccess"):
        yield Problem(
            "publicAccess", "PublicAccessNotPermitted: the account has allowBlobPublicAccess false"
        )


def restore_needs(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Going back in time needs versions, the change feed and soft delete that reaches further."""
    if not properties.get("restorePolicy.enabled"):
        return
    days = properties.get("restorePolicy.days") or 0
    kept = properties.get("deleteRetentionPolicy.days") or 0
    if not (properties["isVersioningEnabled"] and properties.get("changeFeed.enabled")):
        yield Problem("restorePolicy", "it needs isVersioningEnabled and changeFeed.enabled")
    if days >= kept:
        yield Problem(
            "restorePolicy", f"{days} days must be fewer than the {kept} of deleteRetentionPolicy"
        )
