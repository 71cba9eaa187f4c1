"""Groups of instances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from components.aws import catalog
from sandbox.aws.checks import ec2, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

_LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"


def sizes(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Least, wanted and most, in this order."""
    least, most = properties["minSize"], properties["maxSize"]
    wanted = properties["desiredCapacity"]
    if least > most:
        yield Problem(
            "minSize",
            f"ValidationError: Max bound, {most}, must be greater than or equal to min bound, "
            f"{least}",
        )
    elif wanted is not None and not least <= wanted <= most:
        yield Problem(
            "desiredCapacity",
            f"ValidationError: Desired capacity:{wanted} must be between the specified min "
            f"size:{least} and max size:{most}",
        )


def type_offered_in_zones(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Each subnet's zone offers the launch template's instance type, whose version exists."""
    template = _template(properties, cloud)
    if template is None:
        return
    version = str(properties.get("launchTemplate.version") or "$Default")
    if version.isdigit() and not 1 <= int(version) <= template.get("latestVersion"):
        yield Problem(
            "launchTemplate",
            f"ValidationError: The specified version ({version}) of the launch template "
            f"{template.id} does not exist",
        )
    elif not version.isdigit() and version not in ("$Latest", "$Default"):
        yield Problem("launchTemplate", f"ValidationError: {version!r} is no version")
    kind = template.get("instanceType")
    for subnet in neighbours.subnets(properties["vpcZoneIdentifiers"], cloud) if kind else ():
        reason = ec2.zone_refusal(kind, subnet, cloud)
        if reason:
            yield Problem("vpcZoneIdentifiers", reason)
    for zone in (properties["availabilityZones"] or []) if kind else ():
        if zone not in catalog.offered_zones(kind, cloud.region):
            yield Problem("availabilityZones", f"Unsupported: {kind} is not supported in {zone}")
    if len(neighbours.vpcs(properties["vpcZoneIdentifiers"], cloud)) > 1:
        yield Problem("vpcZoneIdentifiers", "ValidationError: the subnets are not in one VPC")


def _template(properties: Properties, cloud: AwsCloud) -> CloudObject | None:
    for attribute in ("id", "name"):
        value = properties.get(f"launchTemplate.{attribute}")
        if value:
            return cloud.find(_LAUNCH_TEMPLATE, attribute, value)
    return None


def zones(properties: Properties, cloud: AwsCloud) -> list[str]:
    """The zones of its subnets."""
    return sorted(neighbours.zones(properties["vpcZoneIdentifiers"], cloud))
