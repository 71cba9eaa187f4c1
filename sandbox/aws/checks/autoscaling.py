"""Groups of instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from components.aws import catalog
from sandbox.aws.checks import ec2, launch, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

_MIXED: Final = "mixedInstancesPolicy.launchTemplate"
_SPECIFICATION: Final = "launchTemplateSpecification"


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


def launched(properties: Properties | CloudObject, cloud: AwsCloud) -> list[str]:
    """The instance types that a group starts: those of its overrides, or its template's."""
    overrides = properties.get(f"{_MIXED}.overrides") or ()
    named = [item["instanceType"] for item in overrides if item.get("instanceType")]
    template = _template(properties, cloud)
    in_template = template.get("instanceType") if template else None
    return named or ([in_template] if in_template else [])


def template_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The launch template has the version, and what a mixed group may not have it has not."""
    template = _template(properties, cloud)
    mixed = properties["mixedInstancesPolicy"]
    if template is None:
        return
    name = "mixedInstancesPolicy" if mixed else "launchTemplate"
    given = properties.get(f"{_MIXED}.{_SPECIFICATION}") or properties["launchTemplate"]
    if reason := launch.version_refusal(template, given.get("version")):
        yield Problem(name, reason)
    if mixed and template.get("instanceMarketOptions"):
        yield Problem(
            name,
            "ValidationError: Incompatible launch template: You cannot use a launch template that "
            "is set to request Spot Instances (InstanceMarketOptions) when you configure an Auto "
            f"Scaling group with a mixed instances policy ({template.id})",
        )


def types_offered(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The region offers each of the types, and each zone of the group one of them."""
    types = launched(properties, cloud)
    unknown = [name for name in types if not cloud.offered("ec2", name)]
    for name in unknown:
        yield Problem("mixedInstancesPolicy", ec2.not_offered("ec2", name, cloud.region))
    if not types or unknown:
        return
    offering = {zone for name in types for zone in catalog.offered_zones(name, cloud.region)}
    for subnet in neighbours.subnets(properties["vpcZoneIdentifiers"], cloud):
        if subnet.get("availabilityZone") not in offering:
            yield Problem("vpcZoneIdentifiers", ec2.zone_refusal(types[0], subnet, cloud))
    for zone in properties["availabilityZones"] or ():
        if zone not in offering:
            yield Problem(
                "availabilityZones",
                f"Unsupported: {', '.join(types)} is not supported in {zone}",
            )


def subnets_in_one_vpc(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A group stays within a network."""
    if len(neighbours.vpcs(properties["vpcZoneIdentifiers"], cloud)) > 1:
        yield Problem("vpcZoneIdentifiers", "ValidationError: the subnets are not in one VPC")


def overrides(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Each override names a type or what is asked of one; all are weighted, or none."""
    given = properties.get(f"{_MIXED}.overrides") or []
    for item in given:
        if bool(item.get("instanceType")) == bool(item.get("instanceRequirements")):
            yield Problem(
                "mixedInstancesPolicy",
                "ValidationError: You must specify either InstanceType or InstanceRequirements in "
                "each override, and not both",
            )
    if len({bool(item.get("weightedCapacity")) for item in given}) > 1:
        yield Problem(
            "mixedInstancesPolicy",
            "ValidationError: weightedCapacity must be given for every override, or for none",
        )
    names = [item["instanceType"] for item in given if item.get("instanceType")]
    for name, times in Counter(names).items():
        if times > 1:
            yield Problem("mixedInstancesPolicy", f"ValidationError: {name} is given {times} times")


def one_architecture(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """One image runs on machines of one architecture."""
    template = _template(properties, cloud)
    types = launched(properties, cloud)
    if template and template.get("instanceType"):
        types = [template.get("instanceType"), *types]
    known = [catalog.instance_type(name) for name in types if cloud.offered("ec2", name)]
    if len({item.architecture for item in known}) > 1:
        described = ", ".join(f"{item.name} ({item.architecture})" for item in known)
        yield Problem(
            "mixedInstancesPolicy",
            f"ValidationError: the image of the launch template runs on one architecture, and the "
            f"types have several: {described}",
        )


def spot_pools(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A number of pools goes with the strategy that spreads over them."""
    given = properties.get("mixedInstancesPolicy.instancesDistribution") or {}
    strategy = given.get("spotAllocationStrategy") or "lowest-price"
    if given.get("spotInstancePools") and strategy != "lowest-price":
        yield Problem(
            "mixedInstancesPolicy",
            "ValidationError: SpotInstancePools option is only available with the lowest-price "
            f"allocation strategy, not with {strategy}",
        )


def _template(properties: Properties | CloudObject, cloud: AwsCloud) -> CloudObject | None:
    mixed = properties.get(f"{_MIXED}.{_SPECIFICATION}")
    if mixed:
        return launch.template(mixed, cloud, prefix="launchTemplate")
    return launch.template(properties.get("launchTemplate"), cloud)


def zones(properties: Properties, cloud: AwsCloud) -> list[str]:
    """The zones of its subnets."""
    return sorted(neighbours.zones(properties["vpcZoneIdentifiers"], cloud))
