"""What the provider tells of the region."""

from __future__ import annotations

from typing import Any

from components.aws import catalog
from sandbox.aws.checks import ec2
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Refusal


def partition(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getPartition."""
    suffix = _suffix(cloud)
    return {
        "dnsSuffix": suffix,
        "id": cloud.partition,
        "partition": cloud.partition,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def _suffix(cloud: AwsCloud) -> str:
    return "amazonaws.com.cn" if cloud.partition == "aws-cn" else "amazonaws.com"


def region(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getRegion. Raises Refusal."""
    name = arguments["region"] or arguments["name"] or cloud.region
    if name not in catalog.REGIONS:
        raise Refusal.invalid(f"there is no region {name!r}")
    return {
        "description": name,
        "endpoint": f"ec2.{name}.{_suffix(cloud)}",
        "id": name,
        "name": name,
        "region": name,
    }


def availability_zones(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getAvailabilityZones."""
    excluded = {*(arguments["excludeNames"] or []), *(arguments["excludeZoneIds"] or [])}
    wanted = arguments["state"] in (None, "available")
    names = [
        zone for zone in cloud.zones if wanted and excluded.isdisjoint((zone, _id(zone, cloud)))
    ]
    return {
        "groupNames": [cloud.region],
        "id": cloud.region,
        "names": names,
        "region": cloud.region,
        "zoneIds": [_id(zone, cloud) for zone in names],
    }


def _id(zone: str, cloud: AwsCloud) -> str:
    return ec2.zone_id(Properties.of({"availabilityZone": zone}), cloud)


def service_principal(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getServicePrincipal."""
    service, suffix = arguments["serviceName"], _suffix(cloud)
    return {
        "id": f"{service}.{cloud.region}.{suffix}",
        "name": f"{service}.{suffix}",
        "region": cloud.region,
        "serviceName": service,
        "suffix": suffix,
    }
