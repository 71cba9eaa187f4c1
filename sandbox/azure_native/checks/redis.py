"""Azure Managed Redis."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from components.azure import catalog
from sandbox.azure_native.checks import vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem, Refusal

CLUSTER = "azure-native:redisenterprise:RedisEnterprise"
DATABASE = "azure-native:redisenterprise:Database"
MOST_UNCLUSTERED_GIB = 25
"""Most memory of a database on one shard (Azure Managed Redis documentation, "Architecture")."""
RETIRED = ("Enterprise_", "EnterpriseFlash_")
"""Tiers that are retired on 2027-03-31 and take no new caches."""
_KEY = "encryption.customerManagedKeyEncryption"


def sku(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The size exists; capacity is a word of tiers that are gone."""
    name = str(properties.get("sku.name"))
    if name.startswith(RETIRED):
        yield Problem("sku", f"{name} is retired: use one of Azure Managed Redis, as Balanced_B3")
        return
    try:
        catalog.cache_sku(name)
    except catalog.CatalogError as error:
        yield Problem("sku", f"InvalidRequestBody: {error}")
    if properties.get("sku.capacity") is not None:
        yield Problem("sku", f"{name} has no capacity: leave it out")


def never_smaller(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A cache grows in place, and is made anew to be smaller (Azure Managed Redis documentation,
    "Scale an Azure Managed Redis instance")."""
    before, after = (str(each.get("sku.name")) for each in (old, new))
    if catalog.cache_sku(after).memory_gib < catalog.cache_sku(before).memory_gib:
        yield Problem("sku", f"{before} does not become {after}, which is smaller")


def key_usable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The cluster's identity may use the key."""
    url = properties.get(f"{_KEY}.keyEncryptionKeyUrl")
    identity = properties.get(f"{_KEY}.keyEncryptionKeyIdentity.userAssignedIdentityResourceId")
    if url:
        yield from vaults.usable(url, identity, "encryption", cloud)


def persistence(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """One kind of saving to disk, with how often."""
    kept = properties["persistence"] or {}
    if kept.get("aofEnabled") and kept.get("rdbEnabled"):
        yield Problem("persistence", "aofEnabled and rdbEnabled exclude each other")
    for kind in ("aof", "rdb"):
        if kept.get(f"{kind}Enabled") and not kept.get(f"{kind}Frequency"):
            yield Problem("persistence", f"{kind}Enabled needs {kind}Frequency")


def fits_the_cluster(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A database on one shard has the memory of one."""
    cluster = cloud.find(CLUSTER, "clusterName", properties["clusterName"])
    if cluster is None or properties["clusteringPolicy"] != "NoCluster":
        return
    name = str(cluster.get("sku.name"))
    if catalog.cache_sku(name).memory_gib > MOST_UNCLUSTERED_GIB:
        yield Problem(
            "clusteringPolicy",
            f"NoCluster has {MOST_UNCLUSTERED_GIB} GiB at most, and {name} is larger: use "
            "EnterpriseCluster",
        )


def policy_stays(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A database that is spread over shards stays so."""
    before, after = old["clusteringPolicy"], new["clusteringPolicy"]
    if after and before != after and before != "NoCluster":
        yield Problem(
            "clusteringPolicy", f"{before} does not become {after} without deleting the database"
        )


def keys(arguments: Properties, cloud: AzureCloud) -> dict[str, Any]:
    """The result of listDatabaseKeys: the same whenever it is asked for."""
    name = arguments["clusterName"]
    database = next((item for item in cloud.all(DATABASE) if item.get("clusterName") == name), None)
    if database is None:
        raise Refusal.missing(
            f"ResourceNotFound: {name} has no database {arguments['databaseName']}"
        )
    if database.get("accessKeysAuthentication") != "Enabled":
        raise Refusal.invalid(
            f"{database.label} has no keys: set accessKeysAuthentication to Enabled"
        )
    return {kind: key(kind, database.id) for kind in ("primaryKey", "secondaryKey")}


def key(kind: str, owner: str) -> str:
    """A key of the database of that id; `kind`: `primaryKey` or `secondaryKey`."""
    return hashlib.sha256(f"{kind} of {owner}".encode()).hexdigest()[:44]
