"""Reads Azure Managed Redis."""

from __future__ import annotations

from collections.abc import Iterator

from components.azure import catalog
from sandbox.azure_native.checks.redis import key
from sandbox.cloud import CloudObject
from sandbox.live.redis import Node
from sandbox.live.spec import LiveError, Objects

CLUSTER = "azure-native:redisenterprise:RedisEnterprise"
DATABASE = "azure-native:redisenterprise:Database"

PORT = 10_000
"""Azure Managed Redis documentation, "Connect"."""
POLICIES = (
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
    "noeviction",
)
"""Redis' own words; Azure leaves out the hyphens."""
_UNSHARDED = ("NoCluster", "EnterpriseCluster")
"""Ways of clustering in which one address answers for everything."""


def nodes(objects: Objects) -> tuple[Node, ...]:
    """The nodes of the stack's caches, each primary before its replica. Raises LiveError."""
    return tuple(node for item in objects.all(CLUSTER) for node in _nodes(objects, item))


def _nodes(objects: Objects, item: CloudObject) -> Iterator[Node]:
    name, host = str(item.get("clusterName")), str(item.get("hostName"))
    database = objects.one(DATABASE, "clusterName", name)
    for field, known in (
        ("clusteringPolicy", _UNSHARDED),
        ("accessKeysAuthentication", ("Enabled",)),
    ):
        if database.get(field) not in known:
            raise LiveError(
                f"{database.label}: {field} is {database.get(field)}; only "
                f"{' or '.join(known)} runs here"
            )
    evicting = str(database.get("evictionPolicy")).lower()
    [policy] = [each for each in POLICIES if each.replace("-", "") == evicting]
    for number in range(2 if item.get("highAvailability") == "Enabled" else 1):
        yield Node(
            identifier=f"{name}-{number}",
            version=str(item.get("redisVersion")),
            # The other node has no name that anybody calls.
            host=f"{name}-{number}" if number else host,
            port=int(database.get("port") or PORT),
            source=host if number else "",
            parameters={"maxmemory-policy": policy},
            memory_gib=catalog.cache_sku(str(item.get("sku.name"))).memory_gib,
            password=key("primaryKey", database.id),
            tls=database.get("clientProtocol") != "Plaintext",
        )
