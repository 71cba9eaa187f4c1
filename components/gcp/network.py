"""Network: VPC, the subnet of servers, the way out, and the peering with Google's services."""

from __future__ import annotations

import ipaddress

import pulumi
from pulumi_gcp import compute, servicenetworking

from components.args import IngressArgs
from components.gcp import subnets
from components.gcp.place import Place

PODS = "pods"
"""Name of the subnet's range for pods."""
SERVICES = "services"
"""The same for services of a cluster."""

PORTS_PER_COPY = 128
"""Ports of the way out that a copy of the server has from the start, and so calls that it may have
open to one address. One address has 64 512 ports (Cloud NAT documentation, "Addresses and
ports"), enough for 504 copies."""
MOST_PORTS_PER_COPY = 4096
"""What it may grow to under load; a power of two, as Cloud NAT asks."""

PORTS_PER_COPY = 128
"""Ports of the way out that a copy of the server has from the start, and so calls that it may have
open to one address. One address has 64 512 ports (Cloud NAT documentation, "Addresses and
ports"), enough for 504 copies."""
MOST_PORTS_PER_COPY = 4096
"""What it may grow to under load; a power of two, as Cloud NAT asks."""


class Network(pulumi.ComponentResource):
    """The network of a stack (requirement N1).

    Servers have private addresses alone and leave through NAT, or, without NAT, by Cloud Run's own
    way. Databases and caches live in Google's network, which is peered with this one.
    """

    name: pulumi.Output[str]
    """Name of the VPC, known at preview."""
    path: pulumi.Output[str]
    """Resource name of the VPC, known at preview."""
    subnet: pulumi.Output[str]
    """Name of the servers' subnet, known at preview."""
    servers: pulumi.Resource
    """The servers' subnet."""
    services_range: pulumi.Output[str]
    """Name of the range that is peered with Google's services, known at preview."""
    peering: pulumi.Resource
    """What databases and caches need and do not name."""
    suffix: pulumi.Output[str]
    """Seven hexadecimal digits, known at preview, that differ between deployments: for names that
    no provider makes and that a deleted object keeps for a while."""
    cidr: str
    """Address range of the whole network."""
    servers_cidr: str
    """Address range of the servers' subnet."""
    control_plane_cidr: str
    """Address range of a cluster's control plane."""
    peered_cidr: str
    """Address range of databases and caches."""
    cluster: subnets.ClusterRanges
    """Address ranges inside a cluster."""
    has_nat: bool
    """Whether servers reach the internet from an address of the stack's own."""

    def __init__(
        self,
        name: str,
        args: IngressArgs,
        place: Place,
        opts: pulumi.ResourceOptions,
        *,
        kubernetes: bool = False,
    ) -> None:
        """`kubernetes`: whether pods and services of a cluster get addresses."""
        super().__init__(
            "letta:gcp:Network", name, {"vpcCidr": args.vpc_cidr, "nat": args.nat}, opts
        )
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        ranges = subnets.divide(args.vpc_cidr)
        self.cidr = args.vpc_cidr
        self.servers_cidr = ranges.servers
        self.control_plane_cidr = ranges.control_plane
        self.peered_cidr = ranges.services
        self.cluster = subnets.cluster(args.vpc_cidr)
        self.has_nat = args.nat != "none"
        network = compute.Network(
            name, auto_create_subnetworks=False, routing_mode="REGIONAL", opts=self._child
        )
        self.name = network.name
        self.path = network.name.apply(lambda named: place.path(f"global/networks/{named}"))
        self.suffix = network.name.apply(lambda named: named.rpartition("-")[2])
        subnet = compute.Subnetwork(
            f"{name}-servers",
            network=self.path,
            region=place.region,
            ip_cidr_range=ranges.servers,
            private_ip_google_access=True,
            secondary_ip_ranges=[
                compute.SubnetworkSecondaryIpRangeArgs(range_name=label, ip_cidr_range=cidr)
                for label, cidr in (
                    (PODS, self.cluster.pods),
                    (SERVICES, self.cluster.services),
                )
            ]
            if kubernetes
            else None,
            opts=self._depending(network),
        )
        self.servers = subnet
        self.subnet = subnet.name
        if self.has_nat:
            self._nat(place, subnet)
        self.services_range, self.peering = self._services(ranges.services, network)
        self.register_outputs({"name": self.name, "subnet": self.subnet})

    def address_ranges(self) -> tuple[str, ...]:
        """Ranges of whoever may open connections inside the network."""
        return (self.servers_cidr,)

    def private_ranges(self) -> tuple[str, ...]:
        """Ranges that are not the internet."""
        return (self.cidr, self.cluster.pods, self.cluster.services)

    def _depending(self, *resources: pulumi.Resource) -> pulumi.ResourceOptions:
        """A name alone does not tell the engine that the object must exist by then."""
        return pulumi.ResourceOptions(parent=self, depends_on=list(resources))

    def _nat(self, place: Place, subnet: compute.Subnetwork) -> None:
        label = f"{self._name}-nat"
        address = compute.Address(
            label, region=place.region, address_type="EXTERNAL", opts=self._child
        )
        router = compute.Router(
            label, network=self.path, region=place.region, opts=self._depending(subnet)
        )
        compute.RouterNat(
            label,
            router=router.name,
            region=place.region,
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[address.self_link],
            # Every call of a copy to one model provider takes a port of its own.
            enable_dynamic_port_allocation=True,
            enable_endpoint_independent_mapping=False,
            min_ports_per_vm=PORTS_PER_COPY,
            max_ports_per_vm=MOST_PORTS_PER_COPY,
            source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
            log_config=compute.RouterNatLogConfigArgs(enable=True, filter="ERRORS_ONLY"),
            opts=self._child,
        )

    def _services(
        self, cidr: str, network: compute.Network
    ) -> tuple[pulumi.Output[str], pulumi.Resource]:
        range_ = ipaddress.IPv4Network(cidr)
        reserved = compute.GlobalAddress(
            f"{self._name}-services",
            purpose="VPC_PEERING",
            address_type="INTERNAL",
            address=str(range_.network_address),
            prefix_length=range_.prefixlen,
            network=self.path,
            opts=self._depending(network),
        )
        connection = servicenetworking.Connection(
            f"{self._name}-services",
            network=self.path,
            service="servicenetworking.googleapis.com",
            reserved_peering_ranges=[reserved.name],
            # Google's side holds on to the peering for days after the last database is gone, and
            # the network could not be deleted.
            deletion_policy="REMOVE_PEERING",
            opts=self._child,
        )
        return reserved.name, connection
