"""Networks, addresses, and what instances are launched with."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import re
from collections.abc import Iterator
from typing import Any, Final

from components.aws import catalog
from sandbox.aws.checks import ssm
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

_LARGEST_PREFIX: Final = 28
_SMALLEST_PREFIX: Final = 16
_USER_DATA_LIMIT_BYTES: Final = 16384
_ZONE_NUMBERS: Final = {"us-east-1": "124635", "us-west-1": "13"}
"""Where the ids of a region's zones are not 1, 2, 3…: use1-az3 is the zone without current machines
(`us-east-1e` in the catalog's data), and usw1-az2 takes no new accounts."""
_RESERVED_ADDRESSES: Final = 4
"""Network, router, DNS and one for later use: the first four addresses of every subnet."""


def vpc_cidr(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A VPC is a /16 to a /28."""
    if properties["cidrBlock"]:
        yield from _block_problems(properties["cidrBlock"], "InvalidVpc.Range")


def subnet_cidr(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A subnet is a /16 to a /28."""
    if properties["cidrBlock"]:
        yield from _block_problems(properties["cidrBlock"], "InvalidSubnet.Range")


def _block_problems(cidr: str, code: str) -> Iterator[Problem]:
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        yield Problem("cidrBlock", f"{cidr!r} is no IPv4 network: {error}")
        return
    if not _SMALLEST_PREFIX <= network.prefixlen <= _LARGEST_PREFIX:
        yield Problem(
            "cidrBlock",
            f"{code}: {cidr} is invalid: it must be between a /{_SMALLEST_PREFIX} and "
            f"a /{_LARGEST_PREFIX}",
        )


def subnet_zone(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The zone must be one of the region."""
    zone = properties["availabilityZone"]
    if zone and zone not in cloud.zones:
        yield Problem(
            "availabilityZone",
            f"InvalidParameterValue: Value ({zone}) for parameter availabilityZone is invalid. "
            f"Subnets can currently only be created in: {', '.join(cloud.zones)}",
        )


def subnet_fits_vpc(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A subnet lies in its VPC's range and overlaps no other."""
    vpc = cloud.find("aws:ec2/vpc:Vpc", "id", properties["vpcId"])
    if vpc is None or not properties["cidrBlock"] or not vpc.get("cidrBlock"):
        return
    network = ipaddress.IPv4Network(properties["cidrBlock"])
    if not network.subnet_of(ipaddress.IPv4Network(vpc.get("cidrBlock"))):
        yield Problem(
            "cidrBlock",
            f"InvalidSubnet.Range: The CIDR '{network}' is invalid: it is not in "
            f"{vpc.get('cidrBlock')}, the range of {vpc.id}",
        )
    for other in cloud.all("aws:ec2/subnet:Subnet"):
        if other.get("vpcId") != vpc.id or other.id == properties["id"]:
            continue
        if network.overlaps(ipaddress.IPv4Network(other.get("cidrBlock"))):
            yield Problem(
                "cidrBlock",
                f"InvalidSubnet.Conflict: The CIDR '{network}' conflicts with another subnet: "
                f"{other.label} has {other.get('cidrBlock')}",
            )


def first_zone(properties: Properties, cloud: AwsCloud) -> str:
    """The zone that EC2 picks when none is named."""
    return cloud.zones[0]


def zone_id(properties: Properties, cloud: AwsCloud) -> str:
    """An id such as `use1-az1`: of the right shape, its number is the simulated account's own."""
    zone = properties["availabilityZone"]
    numbers = _ZONE_NUMBERS.get(cloud.region, "123456")
    number = numbers[cloud.zones.index(zone)]
    area, direction, digit = re.fullmatch(r"([a-z]+)-([a-z]+)-(\d)", cloud.region).groups()  # type: ignore[union-attr]
    short = "".join(part[0] for part in re.findall("north|south|east|west|central", direction))
    return f"{area}{short}{digit}-az{number}"


def one_internet_gateway(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A VPC has one internet gateway at most."""
    for other in cloud.all("aws:ec2/internetGateway:InternetGateway"):
        if other.get("vpcId") == properties["vpcId"] and other.id != properties["id"]:
            yield Problem(
                "vpcId",
                "Resource.AlreadyAssociated: network "
                f"{properties['vpcId']} already has the internet gateway {other.label}",
            )


def nat_gateway_addresses(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A public zonal gateway needs an address and a subnet; a private one takes no address."""
    if properties["availabilityMode"] == "regional":
        return
    if not properties["subnetId"]:
        yield Problem("subnetId", "MissingParameter: a zonal NAT gateway needs a subnet")
    public = properties["connectivityType"] == "public"
    if public and not properties["allocationId"]:
        yield Problem(
            "allocationId",
            "MissingParameter: a public NAT gateway needs the allocation id of an Elastic IP",
        )
    if not public and properties["allocationId"]:
        yield Problem(
            "allocationId", 'it is not supported with connectivityType = "private": leave it out'
        )


def address_is_free(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An Elastic IP serves one thing at a time."""
    if not properties["allocationId"]:
        return
    for kind in ("aws:ec2/natGateway:NatGateway", "aws:ec2/eipAssociation:EipAssociation"):
        for other in cloud.all(kind):
            taken = other.get("allocationId") == properties["allocationId"]
            if taken and other.id != properties["id"]:
                yield Problem(
                    "allocationId",
                    f"Resource.AlreadyAssociated: {properties['allocationId']} is already "
                    f"associated with {other.label}",
                )


def route_destination(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The destination must be a network."""
    for name in ("destinationCidrBlock", "destinationIpv6CidrBlock"):
        if properties[name]:
            try:
                ipaddress.ip_network(properties[name])
            except ValueError as error:
                yield Problem(name, f"{properties[name]!r} is no network: {error}")


def route_is_new(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A route table has one route for a destination."""
    keys = ("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock")
    for other in cloud.all("aws:ec2/route:Route"):
        if other.id != properties["id"] and all(other.get(k) == properties[k] for k in keys):
            yield Problem(
                "routeTableId",
                "RouteAlreadyExists: The route identified by "
                f"{properties['destinationCidrBlock'] or properties['destinationIpv6CidrBlock']} "
                "already exists",
            )


def gateway_is_attached(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An internet gateway in a route must be attached to the route table's VPC."""
    table = cloud.find("aws:ec2/routeTable:RouteTable", "id", properties["routeTableId"])
    gateway = (
        cloud.find("aws:ec2/internetGateway:InternetGateway", "id", properties["gatewayId"])
        if properties["gatewayId"]
        else None
    )
    if table and gateway and gateway.get("vpcId") != table.get("vpcId"):
        yield Problem(
            "gatewayId",
            f"InvalidParameterValue: route table {table.id} and network gateway {gateway.id} "
            "belong to different networks",
        )


def one_route_table(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A subnet has one route table."""
    if not properties["subnetId"]:
        return
    for other in cloud.all("aws:ec2/routeTableAssociation:RouteTableAssociation"):
        if other.get("subnetId") == properties["subnetId"] and other.id != properties["id"]:
            yield Problem(
                "subnetId",
                "Resource.AlreadyAssociated: the specified association for route table "
                f"{other.get('routeTableId')} conflicts with an existing association: "
                f"{properties['subnetId']} has a route table already",
            )


def endpoint_service(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A gateway endpoint leads to S3 or DynamoDB of its own region."""
    service = properties["serviceName"]
    if not service or not service.startswith("com.amazonaws."):
        return
    region, _, name = service.removeprefix("com.amazonaws.").partition(".")
    wanted = properties["serviceRegion"] or cloud.region
    if region not in (wanted, "global"):
        yield Problem(
            "serviceName",
            f"InvalidServiceName: The Vpc Endpoint Service '{service}' does not exist in "
            f"{wanted}: write com.amazonaws.{wanted}.{name}",
        )
    if properties["vpcEndpointType"] == "Gateway" and name not in ("s3", "dynamodb"):
        yield Problem(
            "vpcEndpointType",
            f"InvalidParameter: Endpoint type (Gateway) does not match available service types "
            f"([Interface]) of {service}: gateway endpoints lead to s3 and dynamodb only",
        )


def endpoint_interfaces(properties: Properties, cloud: AwsCloud) -> list[str]:
    """A network interface for each subnet."""
    return [
        f"eni-{_digest(subnet, properties['serviceName'])[:17]}"
        for subnet in properties["subnetIds"] or []
    ]


def open_endpoint_policy(properties: Properties, cloud: AwsCloud) -> str:
    """The policy of an endpoint that was given none."""
    return (
        '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],'
        '"Version":"2008-10-17"}'
    )


def flow_log_destination(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A log group needs a role that writes to it; traffic must be chosen for a VPC or subnet."""
    if properties["logDestinationType"] == "cloud-watch-logs" and not properties["iamRoleArn"]:
        yield Problem(
            "iamRoleArn",
            "InvalidParameter: DeliverLogsPermissionArn can't be empty if LogDestinationType is "
            "cloud-watch-logs",
        )
    if (properties["vpcId"] or properties["subnetId"]) and not properties["trafficType"]:
        yield Problem("trafficType", "it is required: ACCEPT, REJECT or ALL")


def launched_type_offered(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The instance type must exist and be offered in the region."""
    name = properties["instanceType"]
    if name and not cloud.offered("ec2", name):
        yield Problem("instanceType", not_offered("ec2", name, cloud.region))


def not_offered(kind: catalog.Kind, name: str, region: str) -> str:
    """Why a type cannot be had in a region."""
    try:
        where = catalog.regions_offering(kind, name)
    except catalog.CatalogError as error:
        return f"InvalidParameterValue: {error}"
    shown = ", ".join(where[:6]) + (", …" if len(where) > 6 else "")
    return f"Unsupported: {name} is not offered in {region}; it is in {shown or 'no region'}"


def type_offered_in_zone(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The zone of the subnet must offer the instance type."""
    subnet = cloud.find("aws:ec2/subnet:Subnet", "id", properties["subnetId"])
    if subnet and properties["instanceType"]:
        reason = zone_refusal(properties["instanceType"], subnet, cloud)
        if reason:
            yield Problem("instanceType", reason)


def zone_refusal(instance_type: str, subnet: CloudObject, cloud: AwsCloud) -> str:
    """Why no instance of that type starts in that subnet; empty when one does."""
    zone = subnet.get("availabilityZone")
    offering = catalog.offered_zones(instance_type, cloud.region)
    if zone in offering:
        return ""
    return (
        f"Unsupported: Your requested instance type ({instance_type}) is not supported in your "
        f"requested Availability Zone ({zone}) of {subnet.id}. Please retry your request by "
        f"choosing {', '.join(offering)}"
    )


def user_data(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """User data of a launch template is base64 of 16 KB at most."""
    text = properties["userData"]
    if not text:
        return
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error:
        yield Problem(
            "userData",
            "InvalidUserData.Malformed: Invalid BASE64 encoding of user data: encode it",
        )
        return
    if len(decoded) > _USER_DATA_LIMIT_BYTES:
        yield Problem(
            "userData",
            f"InvalidParameterValue: User data is limited to {_USER_DATA_LIMIT_BYTES} bytes, "
            f"it has {len(decoded)}",
        )


def image_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The image is an id, or a parameter that holds one, and fits the instance type."""
    name = "imageId" if properties["imageId"] else "ami"
    image = properties[name]
    if not image:
        return
    parameter = image.removeprefix("resolve:ssm:")
    if parameter == image:
        if not re.fullmatch(r"ami-[0-9a-f]{8}([0-9a-f]{9})?", image):
            yield Problem(
                name,
                f'InvalidAMIID.Malformed: Invalid id: "{image}" (expecting "ami-…" or '
                '"resolve:ssm:…")',
            )
        return
    if ssm.value_of(parameter, cloud) is None:
        yield Problem(
            name,
            f"InvalidParameterValue: The parameter {parameter} does not exist, so it holds no "
            "image",
        )
        return
    yield from _architecture_problems(name, parameter, properties["instanceType"])


def _architecture_problems(
    name: str, parameter: str, instance_type: str | None
) -> Iterator[Problem]:
    if not instance_type:
        return
    image = "arm64" if "/arm64/" in parameter else "x86_64"
    needed = catalog.instance_type(instance_type).architecture
    if image != needed:
        yield Problem(
            name,
            f"InvalidParameterValue: The architecture '{needed}' of the specified instance type "
            f"{instance_type} does not match the architecture '{image}' of the image {parameter}",
        )


def private_address(properties: Properties, cloud: AwsCloud) -> str | None:
    """An address of the subnet."""
    subnet = cloud.find("aws:ec2/subnet:Subnet", "id", properties["subnetId"] or "")
    if subnet is None:
        return None
    network = ipaddress.IPv4Network(subnet.get("cidrBlock"))
    usable = network.num_addresses - _RESERVED_ADDRESSES - 1
    offset = _RESERVED_ADDRESSES + int(_digest(properties["id"]), 16) % usable
    return str(network[offset])


def private_dns(properties: Properties, cloud: AwsCloud) -> str | None:
    """The name that EC2 makes of the private address."""
    address = properties["privateIp"]
    return f"ip-{address.replace('.', '-')}.{_compute_domain(cloud, 'internal')}"


def public_address(properties: Properties, cloud: AwsCloud) -> str:
    """An address in 203.0.113.0/24, which RFC 5737 keeps for documentation."""
    return f"203.0.113.{int(_digest(properties['id']), 16) % 254 + 1}"


def public_dns(properties: Properties, cloud: AwsCloud) -> str:
    """The name that EC2 makes of the public address."""
    return f"ec2-{properties['publicIp'].replace('.', '-')}.{_compute_domain(cloud, 'amazonaws')}"


def _compute_domain(cloud: AwsCloud, kind: str) -> str:
    if kind == "internal":
        return "ec2.internal" if cloud.region == "us-east-1" else f"{cloud.region}.compute.internal"
    if cloud.region == "us-east-1":
        return "compute-1.amazonaws.com"
    return f"{cloud.region}.compute.amazonaws.com"


def _digest(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def instance_type_offerings(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getInstanceTypeOfferings."""
    filters = {given["name"]: given["values"] for given in arguments["filters"] or []}
    location_type = arguments["locationType"] or "region"
    found = [
        (name, location)
        for name in catalog.names_offered("ec2", cloud.region)
        if name in filters.get("instance-type", [name])
        for location in (
            catalog.offered_zones(name, cloud.region)
            if location_type == "availability-zone"
            else (cloud.region,)
        )
        if location in filters.get("location", [location])
    ]
    return {
        "id": cloud.region,
        "instanceTypes": [name for name, _ in found],
        "locations": [location for _, location in found],
        "locationTypes": [location_type for _ in found],
    }
