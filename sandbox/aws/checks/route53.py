"""Zones and records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sandbox.aws.checks import lb, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem, Refusal

_ZONE: Final = "aws:route53/zone:Zone"
_RECORD: Final = "aws:route53/record:Record"
_KEYS: Final = ("zoneId", "type", "setIdentifier")


def fqdn(properties: Properties, cloud: AwsCloud) -> str:
    """The whole name of a record, which may be given without its zone's."""
    zone = cloud.find(_ZONE, "id", properties["zoneId"])
    return _whole_name(properties["name"], zone)


def _whole_name(name: str, zone: CloudObject | None) -> str:
    name = name.rstrip(".").lower()
    domain = str(zone.get("name")).rstrip(".").lower() if zone else ""
    if not domain or name == domain or name.endswith(f".{domain}"):
        return name
    return f"{name}.{domain}" if name else domain


def record_belongs_to_zone(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A name that ends in another domain would become a name below the zone's: surely a mistake."""
    zone = cloud.find(_ZONE, "id", properties["zoneId"])
    name = properties["name"].rstrip(".").lower()
    if zone is None or _whole_name(name, zone) == name:
        return
    others = [str(other.get("name")).rstrip(".") for other in cloud.all(_ZONE)]
    if any(name.endswith(f".{other}") or name == other for other in others) or name.count(".") >= 2:
        yield Problem(
            "name",
            f"InvalidChangeBatch: RRSet with DNS name {name}. is not permitted in zone "
            f"{zone.get('name')}.",
        )


def record_is_new(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A zone has one record of a name and type."""
    if properties["allowOverwrite"]:
        return
    name = fqdn(properties, cloud)
    for other in neighbours.others(_RECORD, properties, cloud):
        if other.get("fqdn") == name and all(other.get(key) == properties[key] for key in _KEYS):
            yield Problem(
                "name",
                "InvalidChangeBatch: Tried to create resource record set "
                f"[name='{name}.', type='{properties['type']}'] but it already exists",
            )


def alias_target_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """An alias to a load balancer names one that exists, with its zone."""
    for alias in properties["aliases"] or []:
        if ".elb." not in alias["name"]:
            continue
        balancer = cloud.find(lb.LOAD_BALANCER, "dnsName", alias["name"].removeprefix("dualstack."))
        if balancer is None or balancer.get("zoneId") != alias["zoneId"]:
            yield Problem(
                "aliases",
                "InvalidChangeBatch: Tried to create an alias that targets "
                f"{alias['name']}., type {properties['type']} in zone {alias['zoneId']}, but the "
                "alias target name does not lie within the target zone",
            )


def get_zone(arguments: Properties, cloud: AwsCloud) -> dict[str, Any]:
    """The result of getZone. Raises Refusal."""
    name, zone_id = arguments["name"], arguments["zoneId"]
    private = bool(arguments["privateZone"])
    found = [
        zone
        for zone in cloud.all(_ZONE)
        if (name is None or str(zone.get("name")).rstrip(".") == name.rstrip("."))
        and (zone_id is None or zone.id == zone_id)
        and bool(zone.get("vpcs")) == private
    ]
    if len(found) != 1:
        held = ", ".join(str(zone.get("name")) for zone in cloud.all(_ZONE))
        raise Refusal.missing(
            f"{'multiple' if found else 'no matching'} Route 53 Hosted Zone found for "
            f"{name or zone_id!r}: the account holds {held or 'none'}"
        )
    [zone] = found
    return {
        "arn": zone.get("arn"),
        "callerReference": zone.id,
        "comment": zone.get("comment"),
        "id": zone.id,
        "name": str(zone.get("name")).rstrip("."),
        "nameServers": zone.get("nameServers") or [],
        "primaryNameServer": zone.get("primaryNameServer") or "",
        "privateZone": private,
        "resourceRecordSetCount": 2 + sum(r.get("zoneId") == zone.id for r in cloud.all(_RECORD)),
        "tags": zone.get("tags") or {},
        "zoneId": zone.id,
    }
