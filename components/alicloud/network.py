"""Network: VPC, vSwitches in each zone, the way out, and who reaches the machines."""

from __future__ import annotations

import pulumi
from pulumi_alicloud import ecs, vpc

from components.alicloud import catalog, subnets
from components.alicloud.place import Place
from components.args import IngressArgs

BANDWIDTH_MBPS = "200"
"""Most that leaves through the one address of the gateway, Mbit/s; traffic is billed, not this."""
EVERYONE = "0.0.0.0/0"
DELETE_TIMEOUT = "30m"
"""How long the network waits for addresses that databases and caches give back minutes after they
are gone; the provider itself gives up after 5 to 10."""


class Network(pulumi.ComponentResource):
    """The network of a stack (requirement N1).

    Machines and pods have private addresses alone, and leave through a NAT gateway that fails over
    to a second zone by itself. An entry for each vSwitch lets it out: one that is added later has
    an entry of its own.
    """

    vpc_id: pulumi.Output[str]
    zones: tuple[str, ...]
    """Names of the zones."""
    node_switches: tuple[pulumi.Output[str], ...]
    """vSwitches of machines and of the load balancer, by zone."""
    pod_switches: tuple[pulumi.Output[str], ...]
    """vSwitches of pods, by zone."""
    store_switches: tuple[pulumi.Output[str], ...]
    """vSwitches of databases and caches, by zone."""
    node_cidrs: tuple[str, ...]
    pod_cidrs: tuple[str, ...]
    store_cidrs: tuple[str, ...]
    cidr: str
    """Address range of the whole network."""
    security_group_id: pulumi.Output[str]
    """The group of all machines."""
    ready: tuple[pulumi.Resource, ...]
    """What machines need and do not name: the way out, and who reaches them."""

    def __init__(
        self, name: str, args: IngressArgs, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:alicloud:Network", name, {"vpcCidr": args.vpc_cidr, "nat": args.nat}, opts
        )
        self._name, self._place = name, place
        self._child = pulumi.ResourceOptions(parent=self)
        self._slow = pulumi.ResourceOptions(
            parent=self, custom_timeouts=pulumi.CustomTimeouts(delete=DELETE_TIMEOUT)
        )
        self.cidr = args.vpc_cidr
        self.zones = catalog.zones(place.region)[: args.zones]
        ranges = subnets.divide(args.vpc_cidr, args.zones)
        network = vpc.Network(
            name, vpc_name=name, cidr_block=args.vpc_cidr, tags=place.tags, opts=self._slow
        )
        self.vpc_id = network.id
        self.node_cidrs = tuple(each.nodes for each in ranges)
        self.pod_cidrs = tuple(each.pods for each in ranges)
        self.store_cidrs = tuple(each.stores for each in ranges)
        self.node_switches = self._switches("nodes", self.node_cidrs)
        self.pod_switches = self._switches("pods", self.pod_cidrs)
        self.store_switches = self._switches("stores", self.store_cidrs)
        self.security_group_id, rules = self._security_group()
        self.ready = (*self._way_out(), *rules)
        self.register_outputs({"vpcId": self.vpc_id})

    def _switches(self, purpose: str, cidrs: tuple[str, ...]) -> tuple[pulumi.Output[str], ...]:
        return tuple(
            vpc.Switch(
                f"{self._name}-{purpose}-{index + 1}",
                vswitch_name=f"{self._name}-{purpose}-{index + 1}",
                vpc_id=self.vpc_id,
                zone_id=zone,
                cidr_block=cidr,
                tags=self._place.tags,
                opts=self._slow,
            ).id
            for index, (zone, cidr) in enumerate(zip(self.zones, cidrs, strict=True))
        )

    def _way_out(self) -> list[pulumi.Resource]:
        label = f"{self._name}-nat"
        gateway = vpc.NatGateway(
            label,
            nat_gateway_name=label,
            vpc_id=self.vpc_id,
            vswitch_id=self.node_switches[0],
            nat_type="Enhanced",
            network_type="internet",
            payment_type="PayAsYouGo",
            internet_charge_type="PayByLcu",
            tags=self._place.tags,
            opts=self._child,
        )
        address = ecs.EipAddress(
            label,
            address_name=label,
            payment_type="PayAsYouGo",
            internet_charge_type="PayByTraffic",
            bandwidth=BANDWIDTH_MBPS,
            tags=self._place.tags,
            opts=self._child,
        )
        bound = ecs.EipAssociation(
            label,
            allocation_id=address.id,
            instance_id=gateway.id,
            instance_type="Nat",
            opts=self._child,
        )
        return [
            vpc.SnatEntry(
                f"{label}-{purpose}-{index + 1}",
                snat_entry_name=f"{label}-{purpose}-{index + 1}",
                snat_table_id=gateway.snat_table_ids,
                source_vswitch_id=switch,
                snat_ip=address.ip_address,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[bound]),
            )
            for purpose, switches in (("nodes", self.node_switches), ("pods", self.pod_switches))
            for index, switch in enumerate(switches)
        ]

    def _security_group(self) -> tuple[pulumi.Output[str], list[pulumi.Resource]]:
        label = f"{self._name}-nodes"
        group = ecs.SecurityGroup(
            label,
            security_group_name=label,
            description="Machines and pods of the stack",
            vpc_id=self.vpc_id,
            security_group_type="enterprise",
            tags=self._place.tags,
            opts=self._slow,
        )
        inside = {"nodes": self.node_cidrs, "pods": self.pod_cidrs}
        rules: list[pulumi.Resource] = [
            self._rule(f"{label}-{purpose}-{index + 1}", group, "ingress", cidr)
            for purpose, cidrs in inside.items()
            for index, cidr in enumerate(cidrs)
        ]
        return group.id, [*rules, self._rule(f"{label}-out", group, "egress", EVERYONE)]

    def _rule(
        self, name: str, group: ecs.SecurityGroup, direction: str, cidr: str
    ) -> pulumi.Resource:
        return ecs.SecurityGroupRule(
            name,
            type=direction,
            ip_protocol="all",
            port_range="-1/-1",
            nic_type="intranet",
            policy="accept",
            cidr_ip=cidr,
            security_group_id=group.id,
            opts=self._child,
        )
