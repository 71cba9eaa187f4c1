"""Network: virtual network, its subnets, the way out, and the private addresses of the stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import network, privatedns

from components.args import IngressArgs
from components.azure import subnets
from components.azure.access import Rule, rules_of
from components.azure.place import Place, after

VAULT_ZONE = "privatelink.vaultcore.azure.net"
BLOB_ZONE = "privatelink.blob.core.windows.net"
REDIS_ZONE = "privatelink.redis.azure.net"
"""Private zones of the services (Private Link documentation, "Private DNS zone values")."""
NAT_IDLE_MINUTES = 10
"""Silence that the way out bears, minutes: what one call of a model may take."""
GLOBAL = "global"
"""Location of what stands in no region."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A private address of a store in the network."""

    ready: pulumi.Resource
    """What has to be there before the store's name leads to it."""


class Network(pulumi.ComponentResource):
    """The network of a stack (requirement N1).

    A subnet without a gateway has no way out at all: Azure's default one has ended for new
    networks, and each subnet here says so itself. Changes of a network's subnets exclude each
    other, so they are made one after the other.
    """

    id: pulumi.Output[str]
    """Id of the virtual network, known at preview."""
    cidr: str
    """Address range of the whole network."""
    ranges: subnets.Ranges
    """Address ranges of its parts."""

    def __init__(
        self,
        name: str,
        args: IngressArgs,
        place: Place,
        opts: pulumi.ResourceOptions,
        *,
        kubernetes: bool,
    ) -> None:
        super().__init__(
            "letta:azure:Network", name, {"vpcCidr": args.vpc_cidr, "nat": args.nat}, opts
        )
        self._name = name
        self._place = place
        self._child = pulumi.ResourceOptions(parent=self)
        self._zones: dict[str, tuple[pulumi.Output[str], pulumi.Resource]] = {}
        self._subnets: dict[str, network.Subnet] = {}
        self._last: network.Subnet | None = None
        self.cidr = args.vpc_cidr
        self.ranges = subnets.divide(args.vpc_cidr)
        self._whole = network.VirtualNetwork(
            name,
            virtual_network_name=name,
            resource_group_name=place.group,
            location=place.region,
            address_space={"address_prefixes": [args.vpc_cidr]},
            tags=place.tags,
            opts=self._child,
        )
        self.id = place.of(self._whole, f"Microsoft.Network/virtualNetworks/{name}")
        gateway = self._nat()
        for use in _uses(args, kubernetes=kubernetes):
            self._subnet(use, args, gateway)
        self.register_outputs({"id": self.id})

    def subnet(self, use: str) -> pulumi.Output[str]:
        """Id of a subnet, known at preview. Raises `KeyError` where the network has none of it."""
        return self._place.of(self._subnets[use], self._subnet_path(use))

    def zone(self, domain: str) -> tuple[pulumi.Output[str], pulumi.Resource]:
        """The private DNS zone of one of Azure's services, made when first asked for: its id, known
        at preview, and the link to the network."""
        if domain not in self._zones:
            # privatelink.<service>.…
            self._zones[domain] = self.private_zone(f"{self._name}-{domain.split('.')[1]}", domain)
        return self._zones[domain]

    def private_zone(
        self, name: str, domain: pulumi.Input[str]
    ) -> tuple[pulumi.Output[str], pulumi.Resource]:
        """A private DNS zone: its id and its link to the network.

        Nothing checks that the link is there: whatever needs the names waits for it.
        """
        place = self._place
        zone = privatedns.PrivateZone(
            name,
            private_zone_name=domain,
            resource_group_name=place.group,
            location=GLOBAL,
            tags=place.tags,
            opts=self._child,
        )
        path = pulumi.Output.all(domain, zone.urn).apply(
            lambda found: place.path(f"Microsoft.Network/privateDnsZones/{found[0]}")
        )
        link = privatedns.VirtualNetworkLink(
            name,
            virtual_network_link_name=name,
            private_zone_name=path.apply(lambda found: found.rpartition("/")[2]),
            resource_group_name=place.group,
            location=GLOBAL,
            registration_enabled=False,
            virtual_network={"id": self.id},
            # Stores of others that have a private address elsewhere are not in this zone.
            resolution_policy=privatedns.ResolutionPolicy.NX_DOMAIN_REDIRECT
            if isinstance(domain, str) and domain.startswith("privatelink.")
            else None,
            tags=place.tags,
            opts=self._child,
        )
        return path, link

    def endpoint(
        self,
        parent: pulumi.Resource,
        name: str,
        store: pulumi.Output[str],
        group: str,
        domain: str,
        *,
        after_: pulumi.Resource | None = None,
    ) -> Endpoint:
        """A private address for a store. `group`: the part of the store that it leads to; `after_`:
        what else of the store has to be there first."""
        place = self._place
        child = pulumi.ResourceOptions(parent=parent, depends_on=[after_] if after_ else [])
        endpoint = network.PrivateEndpoint(
            f"{name}-endpoint",
            private_endpoint_name=f"{name}-endpoint",
            resource_group_name=place.group,
            location=place.region,
            subnet={"id": self.subnet("endpoints")},
            private_link_service_connections=[
                {"name": group, "private_link_service_id": store, "group_ids": [group]}
            ],
            custom_network_interface_name=f"{name}-endpoint",
            tags=place.tags,
            opts=child,
        )
        zone, _ = self.zone(domain)
        records = network.PrivateDnsZoneGroup(
            f"{name}-endpoint",
            private_dns_zone_group_name="default",
            private_endpoint_name=after(f"{name}-endpoint", endpoint),
            resource_group_name=place.group,
            private_dns_zone_configs=[{"name": group, "private_dns_zone_id": zone}],
            opts=child,
        )
        return Endpoint(ready=records)

    def _nat(self) -> pulumi.Output[str]:
        label, place = f"{self._name}-nat", self._place
        address = network.PublicIPAddress(
            label,
            public_ip_address_name=label,
            resource_group_name=place.group,
            location=place.region,
            sku={"name": "Standard"},
            public_ip_allocation_method="Static",
            tags=place.tags,
            opts=self._child,
        )
        gateway = network.NatGateway(
            label,
            nat_gateway_name=label,
            resource_group_name=place.group,
            location=place.region,
            sku={"name": "Standard"},
            idle_timeout_in_minutes=NAT_IDLE_MINUTES,
            public_ip_addresses=[
                {"id": place.of(address, f"Microsoft.Network/publicIPAddresses/{label}")}
            ],
            tags=place.tags,
            opts=self._child,
        )
        return place.of(gateway, f"Microsoft.Network/natGateways/{label}")

    def _subnet(self, use: str, args: IngressArgs, gateway: pulumi.Output[str]) -> None:
        label, place = f"{self._name}-{use}", self._place
        group = network.NetworkSecurityGroup(
            label,
            network_security_group_name=label,
            resource_group_name=place.group,
            location=place.region,
            security_rules=_written(rules_of(use, self.ranges, args)),
            tags=place.tags,
            opts=self._child,
        )
        service = DELEGATED.get(use)
        self._subnets[use] = self._last = network.Subnet(
            label,
            subnet_name=use,
            virtual_network_name=after(self._name, self._whole),
            resource_group_name=place.group,
            address_prefix=getattr(self.ranges, use),
            default_outbound_access=False,
            nat_gateway={"id": gateway} if use in WITH_WAY_OUT else None,
            network_security_group={
                "id": place.of(group, f"Microsoft.Network/networkSecurityGroups/{label}")
            },
            private_endpoint_network_policies="Enabled" if use == "endpoints" else None,
            delegations=[{"name": use, "service_name": service}] if service else None,
            service_endpoints=[{"service": VAULTS}] if use in READING else None,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[self._last] if self._last else None
            ),
        )

    def _subnet_path(self, use: str) -> str:
        return f"Microsoft.Network/virtualNetworks/{self._name}/subnets/{use}"


DELEGATED: Mapping[str, str] = {
    "proxy": "Microsoft.App/environments",
    "balancer": "Microsoft.App/environments",
    "control_plane": "Microsoft.ContainerService/managedClusters",
    "database": "Microsoft.DBforPostgreSQL/flexibleServers",
}
"""Subnet -> the service that alone places its machines there."""
VAULTS = "Microsoft.KeyVault"
READING = ("proxy", "balancer", "nodes", "gateway")
"""Subnets that read vaults outside the stack, which admit those with a service endpoint alone."""
WITH_WAY_OUT = ("proxy", "balancer", "nodes")
"""Subnets whose machines call out."""


def _uses(args: IngressArgs, *, kubernetes: bool) -> tuple[str, ...]:
    """The subnets that a stack has, those of the stores first. Those of environments are there on
    every tier: Azure keeps one occupied for up to days after what stood in it is gone, and no step
    from tier to tier shall have to delete it."""
    servers = ("proxy", "balancer", *(("control_plane", "nodes") if kubernetes else ()))
    gateway = ("gateway",) if args.kind == "load_balancer" else ()
    return ("database", "endpoints", *servers, *gateway)


def _written(rules: Sequence[Rule]) -> list[Any]:
    """Rules in the words of the API; the first has the highest priority."""
    return [
        {
            "name": rule.name,
            "priority": 100 + 10 * number,
            "direction": rule.direction,
            "access": rule.access,
            "protocol": rule.protocol,
            "source_port_range": "*",
            "source_address_prefixes": list(rule.sources) if len(rule.sources) > 1 else None,
            "source_address_prefix": rule.sources[0] if len(rule.sources) == 1 else None,
            "destination_address_prefix": rule.destination,
            "destination_port_ranges": list(rule.ports) if len(rule.ports) > 1 else None,
            "destination_port_range": rule.ports[0] if len(rule.ports) == 1 else None,
        }
        for number, rule in enumerate(rules)
    ]
