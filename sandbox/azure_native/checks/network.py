"""Virtual networks: ranges, delegations, rules, addresses, gateways."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable, Iterator
from itertools import combinations

from sandbox.azure_native.checks import ids
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

NETWORK = "azure-native:network:VirtualNetwork"
SUBNET = "azure-native:network:Subnet"
ADDRESS = "azure-native:network:PublicIPAddress"
POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"
APPS = "Microsoft.App/environments"
CLUSTERS = "Microsoft.ContainerService/managedClusters"
_LEAST = {POSTGRES: 28, APPS: 27, CLUSTERS: 28}
"""Delegation -> longest prefix of its subnet (Flexible Server documentation, "Networking with
private access"; Container Apps documentation, "Configuring virtual networks"; AKS documentation,
"API Server VNet Integration")."""
_LONGEST_PREFIX = 29
_DIRECTIONS = ("source", "destination")
Range = ipaddress.IPv4Network


def ranges(source: Properties | CloudObject) -> list[Range]:
    """Ranges of a subnet."""
    given = source.get("addressPrefixes") or [source.get("addressPrefix")]
    return [ipaddress.IPv4Network(each) for each in given if each]


def _read(prefixes: Iterable[str], where: str) -> Iterator[Range | Problem]:
    for prefix in prefixes:
        try:
            yield ipaddress.IPv4Network(prefix)
        except ValueError as error:
            yield Problem(where, f"InvalidAddressPrefixFormat: {error}")


def address_space(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Ranges are ranges, and do not overlap."""
    prefixes = properties.get("addressSpace.addressPrefixes") or []
    found = list(_read(prefixes, "addressSpace"))
    yield from (each for each in found if isinstance(each, Problem))
    for one, other in combinations((each for each in found if isinstance(each, Range)), 2):
        if one.overlaps(other):
            yield Problem("addressSpace", f"NetcfgInvalidAddressSpace: {one} and {other} overlap")


def one_delegation(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A subnet serves one service at most."""
    services = [name for _, name in properties.find("delegations[*].serviceName")]
    if len(services) > 1:
        yield Problem("delegations", f"a subnet has one delegation, not {', '.join(services)}")
    given = properties["addressPrefixes"] or [properties["addressPrefix"]]
    for each in _read([one for one in given if one], "addressPrefix"):
        if isinstance(each, Problem):
            yield each
        elif each.prefixlen > _LONGEST_PREFIX:
            yield Problem("addressPrefix", f"{each} is smaller than a /{_LONGEST_PREFIX}")


def inside_the_network(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A subnet's ranges lie in those of its network."""
    network = cloud.find(NETWORK, "virtualNetworkName", properties["virtualNetworkName"])
    if network is None:
        return
    spaces = [Range(each) for each in network.get("addressSpace.addressPrefixes") or []]
    for own in ranges(properties):
        if not any(own.subnet_of(space) for space in spaces):
            yield Problem(
                "addressPrefix",
                f"NetcfgInvalidSubnet: {own} does not lie in "
                f"{', '.join(str(space) for space in spaces)} of {network.label}",
            )


def ranges_do_not_overlap(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Subnets of a network keep apart."""
    for other in cloud.all(SUBNET):
        same = other.get("virtualNetworkName") == properties["virtualNetworkName"]
        if not same or other.id == properties["id"]:
            continue
        for own in ranges(properties):
            if any(own.overlaps(each) for each in ranges(other)):
                yield Problem(
                    "addressPrefix", f"NetcfgSubnetRangesOverlap: {own} overlaps with {other.label}"
                )


def delegation(subnet: CloudObject) -> str:
    """The service that a subnet is delegated to; empty without one."""
    given = subnet.get("delegations") or [{}]
    return str(given[0].get("serviceName") or "")


def large_enough(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A service needs some addresses of its subnet."""
    for _, service in properties.find("delegations[*].serviceName"):
        longest = _LEAST.get(service, _LONGEST_PREFIX)
        for own in ranges(properties):
            if own.prefixlen > longest:
                yield Problem(
                    "addressPrefix", f"{service} needs a /{longest} or larger, and {own} is smaller"
                )


def delegation_stays(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """While a service lives in a subnet, the subnet stays delegated to it."""
    own = properties["id"]
    before = next((each for each in cloud.all(SUBNET) if each.id == own), None) if own else None
    if before is None or not delegation(before):
        return
    after = [name for _, name in properties.find("delegations[*].serviceName")]
    if delegation(before) not in after and any(_lives_in(item, str(own)) for item in _users(cloud)):
        yield Problem(
            "delegations",
            f"SubnetMissingRequiredDelegation: something of {delegation(before)} lives in it",
        )


def _users(cloud: AzureCloud) -> Iterator[CloudObject]:
    yield from cloud.all("azure-native:dbforpostgresql:Server")
    yield from cloud.all("azure-native:app:ManagedEnvironment")
    yield from cloud.all("azure-native:containerservice:ManagedCluster")


def _lives_in(item: CloudObject, subnet: str) -> bool:
    return subnet in (
        item.get("network.delegatedSubnetResourceId"),
        item.get("vnetConfiguration.infrastructureSubnetId"),
        item.get("apiServerAccessProfile.subnetId"),
    )


def rules_are_distinct(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Rules of a direction have names and priorities of their own."""
    given = properties["securityRules"] or []
    for key in ("name", "priority"):
        seen = [
            (rule.get("direction") if key == "priority" else "", rule.get(key)) for rule in given
        ]
        for _, twice in sorted({one for one in seen if seen.count(one) > 1}, key=str):
            yield Problem(
                "securityRules", f"SecurityRuleConflict: two rules have the {key} {twice}"
            )


def rules_are_whole(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A rule says from where and to where, each in one of two ways."""
    for rule in properties["securityRules"] or []:
        if not rule.get("name") or rule.get("priority") is None:
            yield Problem(
                "securityRules", "SecurityRuleInvalid: a rule needs a name and a priority"
            )
        for side in _DIRECTIONS:
            for one, many in (("AddressPrefix", "AddressPrefixes"), ("PortRange", "PortRanges")):
                group = f"{side}ApplicationSecurityGroups" if one == "AddressPrefix" else ""
                ways = [rule.get(f"{side}{one}"), rule.get(f"{side}{many}"), rule.get(group)]
                if sum(bool(way) for way in ways) != 1:
                    yield Problem(
                        "securityRules",
                        f"SecurityRuleParameterContainsUnsupportedValue: rule {rule.get('name')} "
                        f"needs one of {side}{one} and {side}{many}",
                    )


def static_address(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """An address of the Standard SKU stays; there is no other."""
    if properties["publicIPAllocationMethod"] != "Static":
        yield Problem(
            "publicIPAllocationMethod",
            "PublicIPAndSkuAllocationMismatch: an address of the Standard SKU is Static",
        )


def public_address(properties: Properties, cloud: AzureCloud) -> str:
    """An address that is kept for documentation."""
    digest = hashlib.sha256(str(properties["publicIpAddressName"]).encode()).digest()
    return f"203.0.113.{digest[0]}"


def addresses_fit_the_gateway(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A gateway in one zone has addresses of that zone, or of all of them."""
    zones = properties["zones"] or []
    for _, given in properties.find("publicIpAddresses[*].id"):
        address = cloud.find(ADDRESS, "id", given)
        own = address.get("zones") or [] if address else []
        if zones and own and not set(zones) & set(own):
            yield Problem(
                "publicIpAddresses", f"{ids.tail(given)} is in zone {own}, the gateway in {zones}"
            )
