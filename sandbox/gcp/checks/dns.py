"""DNS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.gcp.cloud import GcpCloud

RECORDS = "gcp:dns/recordSet:RecordSet"


def zones(arguments: Properties, cloud: GcpCloud) -> dict[str, Any]:
    """The result of getManagedZones."""
    from sandbox.packages import package  # the package names this module in its tables

    project = arguments["project"] or cloud.project
    return {
        "id": f"projects/{project}/managedZones",
        "project": project,
        "managedZones": [
            {
                "id": f"projects/{project}/managedZones/{zone['name']}",
                "name": zone["name"],
                "dnsName": zone["dnsName"],
                "visibility": zone["visibility"],
                "description": "",
                "managedZoneId": "1",
                "nameServers": [],
                "project": project,
            }
            for zone in package("gcp").account["zones"]
        ],
    }


def zone_exists(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """The zone is one of the project's, and the name lies in it."""
    known = {zone["name"]: zone["dnsName"] for zone in zones(properties, cloud)["managedZones"]}
    name = properties["managedZone"]
    if name not in known:
        yield Problem("managedZone", f"Error 404: there is no managed zone {name}")
    elif not f".{properties['name']}".endswith(f".{known[name]}"):
        yield Problem("name", f"Error 400: {properties['name']} does not lie in {known[name]}")


def alias_stands_alone(properties: Properties, cloud: GcpCloud) -> Iterator[Problem]:
    """A name that is an alias has no other records."""
    for other in cloud.all(RECORDS):
        same = all(other.get(key) == properties[key] for key in ("managedZone", "name"))
        if not same or other.id == properties["id"]:
            continue
        if (
            "CNAME" in (other.get("type"), properties["type"])
            or other.get("type") == (properties["type"])
        ):
            yield Problem(
                "name",
                f"Error 409: {properties['name']} has records already: {other.label}",
            )
