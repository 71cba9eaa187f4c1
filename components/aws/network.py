"""Network: VPC, subnets, the ways in and out, and all security groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

import pulumi
from pulumi_aws import GetAvailabilityZonesFilterArgs, ec2, get_availability_zones

from components.account import once
from components.args import IngressArgs
from components.aws import subnets
from components.aws.endpoints import logs_endpoint
from components.aws.flows import FLOWS, Kind
from components.aws.place import Place
from components.aws.security_groups import ANYWHERE, security_groups
from components.aws.subnets import SERVICE_ZONES

OLD_ZONE_IDS = ("use1-az3", "usw1-az2", "cac1-az3")
"""Zones without current instance types; which letter they go by differs between accounts (EKS
user guide, "Subnet requirements and considerations")."""

_Kind = Literal["public", "private", "database"]
_ROLE_TAGS: dict[_Kind, dict[str, str]] = {
    "public": {"kubernetes.io/role/elb": "1"},
    "private": {"kubernetes.io/role/internal-elb": "1"},
    "database": {},
}
"""What load balancers may be put where, for whoever makes one from inside a cluster (EKS user
guide, "VPC and subnet requirements")."""


class Network(pulumi.ComponentResource):
    """The network of a stack (requirement N1).

    Servers sit in private subnets and leave through NAT, or, without NAT, in public ones
    behind their security group. Databases and caches have subnets without any way out.
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    zones: tuple[str, ...]
    """Names of the zones used, in order; at least `SERVICE_ZONES`."""
    public_subnet_ids: tuple[pulumi.Output[str], ...]
    """Subnets with a route to the internet gateway, one per zone, at least `SERVICE_ZONES`."""
    private_subnet_ids: tuple[pulumi.Output[str], ...]
    """Subnets with a route to NAT, one per zone asked for; empty without NAT."""
    database_subnet_ids: tuple[pulumi.Output[str], ...]
    """Subnets with local routes only, one per zone, at least `SERVICE_ZONES`."""
    server_subnet_ids: tuple[pulumi.Output[str], ...]
    """Where servers run: the private subnets, or without NAT the public ones of as many
    zones as were asked for."""
    assigns_public_ip: bool
    """Whether a server needs a public address of its own to reach the internet."""
    security_groups: Mapping[str, pulumi.Output[str]]
    """Group -> id, for the groups of `flows.py`, which says what they admit."""
    cidr: str
    """Address range of the whole network."""
    public_cidrs: tuple[str, ...]
    """Address ranges of the public subnets, where the load balancer stands."""
    database_cidrs: tuple[str, ...]
    """Address ranges of the subnets of database and cache."""

    def __init__(
        self,
        name: str,
        args: IngressArgs,
        place: Place,
        opts: pulumi.ResourceOptions,
        *,
        kubernetes: bool = False,
    ) -> None:
        """`kubernetes`: whether servers run on the nodes of a cluster."""
        super().__init__(
            "letta:aws:Network",
            name,
            {"vpcCidr": args.vpc_cidr, "zones": args.zones, "nat": args.nat},
            opts,
        )
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        self._kubernetes = kubernetes
        zone_count = max(args.zones, SERVICE_ZONES)
        self.zones = self._zones(zone_count, place.region)
        self._plan = subnets.divide(args.vpc_cidr, zone_count)
        self.cidr = args.vpc_cidr
        self.public_cidrs = tuple(zone.public for zone in self._plan)
        self.database_cidrs = tuple(zone.database for zone in self._plan)

        network = ec2.Vpc(
            name,
            cidr_block=args.vpc_cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=self._child,
        )
        self.vpc_id = network.id
        ec2.DefaultSecurityGroup(
            f"{name}-default", vpc_id=network.id, ingress=[], egress=[], opts=self._child
        )
        gateway = ec2.InternetGateway(
            f"{name}-gateway", vpc_id=network.id, tags={"Name": name}, opts=self._child
        )
        public = self._route_table("public", {"gateway_id": gateway.id})
        self.public_subnet_ids = tuple(
            self._subnet("public", index, public) for index in range(zone_count)
        )
        private = self._private_route_tables(args)
        self.private_subnet_ids = tuple(
            self._subnet("private", index, table) for index, table in enumerate(private)
        )
        local = self._route_table("database", {})
        self.database_subnet_ids = tuple(
            self._subnet("database", index, local) for index in range(zone_count)
        )
        # Image layers and artefacts come from S3; the gateway is free, NAT bills each gigabyte.
        ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=network.id,
            service_name=f"com.amazonaws.{place.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in dict.fromkeys([public, *private])],
            tags={"Name": f"{name}-s3"},
            opts=self._child,
        )
        self.server_subnet_ids = self.private_subnet_ids or self.public_subnet_ids[: args.zones]
        self.assigns_public_ip = not self.private_subnet_ids
        kind: Kind = "kubernetes" if kubernetes else args.kind
        self.security_groups = security_groups(
            self, name, network.id, FLOWS[kind], args.allowed_cidrs
        )
        if args.logs_endpoint:
            subnet_ids = self.private_subnet_ids
            logs_endpoint(self, name, place.region, network.id, args.vpc_cidr, subnet_ids)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "serverSubnetIds": list(self.server_subnet_ids),
                "databaseSubnetIds": list(self.database_subnet_ids),
            }
        )

    def _zones(self, count: int, region: str) -> tuple[str, ...]:
        # No filter on a zone's state: an outage must not shift which zones a stack lives in.
        opted_in = GetAvailabilityZonesFilterArgs(
            name="opt-in-status", values=["opt-in-not-required"]
        )
        found = once(
            ("zones", region),
            lambda: get_availability_zones(
                exclude_zone_ids=list(OLD_ZONE_IDS),
                filters=[opted_in],
                opts=pulumi.InvokeOptions(parent=self),
            ),
        )
        names = sorted(found.names)
        if len(names) < count:
            raise pulumi.RunError(
                f"ingress.zones {count}: region {region} offers this account {len(names)} zones "
                f"({', '.join(names)}); lower ingress.zones or choose another region"
            )
        return tuple(names[:count])

    def _route_table(self, suffix: str, target: Mapping[str, pulumi.Output[str]]) -> ec2.RouteTable:
        """A route table whose default route leads to `target`; local routes only when empty."""
        label = f"{self._name}-{suffix}"
        return ec2.RouteTable(
            label,
            vpc_id=self.vpc_id,
            routes=[ec2.RouteTableRouteArgs(cidr_block=ANYWHERE, **target)] if target else [],
            tags={"Name": label},
            opts=self._child,
        )

    def _private_route_tables(self, args: IngressArgs) -> list[ec2.RouteTable]:
        """The table of each private subnet; one shared where the way out is shared."""
        if args.nat == "none":
            return []
        if args.nat == "single":
            return [self._route_table("private", self._nat(0))] * args.zones
        return [
            self._route_table(f"private-{index + 1}", self._nat(index))
            for index in range(args.zones)
        ]

    def _nat(self, index: int) -> Mapping[str, pulumi.Output[str]]:
        label = f"{self._name}-nat-{index + 1}"
        address = ec2.Eip(label, domain="vpc", tags={"Name": label}, opts=self._child)
        gateway = ec2.NatGateway(
            label,
            allocation_id=address.id,
            subnet_id=self.public_subnet_ids[index],
            tags={"Name": label},
            opts=self._child,
        )
        return {"nat_gateway_id": gateway.id}

    def _subnet(self, kind: _Kind, index: int, table: ec2.RouteTable) -> pulumi.Output[str]:
        label = f"{self._name}-{kind}-{index + 1}"
        subnet = ec2.Subnet(
            label,
            vpc_id=self.vpc_id,
            availability_zone=self.zones[index],
            cidr_block=getattr(self._plan[index], kind),
            map_public_ip_on_launch=False,
            tags={"Name": label, **(_ROLE_TAGS[kind] if self._kubernetes else {})},
            opts=self._child,
        )
        association = ec2.RouteTableAssociation(
            label, subnet_id=subnet.id, route_table_id=table.id, opts=self._child
        )
        # The same id, read from the association: whatever uses it waits for the routes.
        return cast("pulumi.Output[str]", association.subnet_id)
