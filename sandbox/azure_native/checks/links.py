"""Private endpoints: where they lead, and by which names they are found."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import ids, network
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

ENDPOINT = "azure-native:network:PrivateEndpoint"
LINK = "azure-native:privatedns:VirtualNetworkLink"
GROUPS = {
    "azure-native:keyvault:Vault": {"vault": "privatelink.vaultcore.azure.net"},
    "azure-native:storage:StorageAccount": {
        "blob": "privatelink.blob.core.windows.net",
        "dfs": "privatelink.dfs.core.windows.net",
        "file": "privatelink.file.core.windows.net",
        "queue": "privatelink.queue.core.windows.net",
        "table": "privatelink.table.core.windows.net",
    },
    "azure-native:redisenterprise:RedisEnterprise": {
        "redisEnterprise": "privatelink.redis.azure.net"
    },
    "azure-native:servicebus:Namespace": {"namespace": "privatelink.servicebus.windows.net"},
    "azure-native:dbforpostgresql:Server": {
        "postgresqlServer": "privatelink.postgres.database.azure.com"
    },
    "azure-native:app:ManagedEnvironment": {"managedEnvironments": ""},
}
"""Type -> group of an endpoint -> zone of its names (Azure Private Link documentation, "Azure
private endpoint private DNS zone values"); the zone of an environment has its region in it."""


def target_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What an endpoint leads to is there, and has what is asked of it."""
    for connection in properties["privateLinkServiceConnections"] or []:
        given = str(connection.get("privateLinkServiceId"))
        target = ids.named(given, cloud)
        if target is None:
            yield Problem("privateLinkServiceConnections", f"ResourceNotFound: there is no {given}")
            continue
        known = GROUPS.get(target.type, {})
        for group in connection.get("groupIds") or [""]:
            if group not in known:
                yield Problem(
                    "privateLinkServiceConnections",
                    f"InvalidPrivateLinkSubResource: {target.label} has no {group!r}; it has "
                    f"{', '.join(sorted(known)) or 'none'}",
                )


def subnet_is_free(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Endpoints stand in subnets that no service has for itself."""
    subnet = cloud.find(network.SUBNET, "id", properties.get("subnet.id"))
    if subnet and network.delegation(subnet):
        yield Problem(
            "subnet",
            f"PrivateEndpointCannotBeCreatedInSubnet: {subnet.label} is delegated to "
            f"{network.delegation(subnet)}",
        )


def zone_fits(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The zone is the one in which clients look for the service, and their network knows it."""
    endpoint = cloud.find(ENDPOINT, "privateEndpointName", properties["privateEndpointName"])
    if endpoint is None:
        return
    wanted = set(_zones_of(endpoint, cloud))
    subnet = cloud.find(network.SUBNET, "id", endpoint.get("subnet.id"))
    for _, given in properties.find("privateDnsZoneConfigs[*].privateDnsZoneId"):
        name = ids.tail(str(given))
        if wanted and name not in wanted:
            yield Problem(
                "privateDnsZoneConfigs",
                f"clients look for {endpoint.label} in {' or '.join(sorted(wanted))}, not "
                f"in {name}",
            )
        if subnet and not linked(name, str(subnet.get("virtualNetworkName")), cloud):
            yield Problem("privateDnsZoneConfigs", _not_linked(name, subnet))


def _zones_of(endpoint: CloudObject, cloud: AzureCloud) -> Iterator[str]:
    for connection in endpoint.get("privateLinkServiceConnections") or []:
        target = ids.named(str(connection.get("privateLinkServiceId")), cloud)
        for group in connection.get("groupIds") or []:
            if target and (zone := GROUPS.get(target.type, {}).get(group)):
                yield zone


def linked(zone: str, network_name: str, cloud: AzureCloud) -> bool:
    """Whether a virtual network resolves the names of a private zone."""
    return any(
        link.get("privateZoneName") == zone
        and ids.tail(str(link.get("virtualNetwork.id"))) == network_name
        for link in cloud.all(LINK)
    )


def _not_linked(zone: str, subnet: CloudObject) -> str:
    return (
        f"the network {subnet.get('virtualNetworkName')} does not resolve {zone}: make its "
        "VirtualNetworkLink first"
    )
