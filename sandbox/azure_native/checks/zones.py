"""DNS, public and private."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import ids, links
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

RECORDS = "azure-native:dns:RecordSet"
_HOLDS = {
    "A": "aRecords",
    "AAAA": "aaaaRecords",
    "CNAME": "cnameRecord",
    "MX": "mxRecords",
    "PTR": "ptrRecords",
    "SRV": "srvRecords",
    "TXT": "txtRecords",
}
_MOST_TEXT = 1024


def records_fit(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A record set holds records of its type, and says how long they are kept."""
    held = _HOLDS.get(str(properties["recordType"]))
    if held and not properties[held] and not properties["targetResource"]:
        yield Problem("recordType", f"a record set of {properties['recordType']} needs {held}")
    if properties["ttl"] is None and not properties["targetResource"]:
        yield Problem("ttl", "BadRequest: a record set needs a ttl")
    for _, texts in properties.find("txtRecords[*].value"):
        if sum(len(text) for text in texts) > _MOST_TEXT:
            yield Problem("txtRecords", f"a text has {_MOST_TEXT} characters at most")


def alias_stands_alone(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A name that is an alias has no other records, and the zone itself is none."""
    kind, name = properties["recordType"], properties["relativeRecordSetName"]
    if kind == "CNAME" and name == "@":
        yield Problem("recordType", "BadRequest: the zone itself cannot be a CNAME")
    for other in cloud.all(RECORDS):
        same = all(
            other.get(each) == properties[each] for each in ("zoneName", "relativeRecordSetName")
        )
        if same and other.id != properties["id"] and "CNAME" in (kind, other.get("recordType")):
            yield Problem(
                "relativeRecordSetName", f"Conflict: {name} has records already: {other.label}"
            )


def linked_once(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A network is linked to a zone once, and to one zone of a name."""
    zone = str(properties["privateZoneName"])
    given = ids.tail(str(properties.get("virtualNetwork.id")))
    for other in cloud.all(links.LINK):
        same = other.get("privateZoneName") == zone and other.id != properties["id"]
        if same and ids.tail(str(other.get("virtualNetwork.id"))) == given:
            yield Problem("virtualNetwork", f"Conflict: {other.label} links {given} already")


def link_unused(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A link stays while a database of its network is found by it."""
    zone, net = properties["privateZoneName"], ids.tail(str(properties.get("virtualNetwork.id")))
    for server in cloud.all("azure-native:dbforpostgresql:Server"):
        held = ids.tail(str(server.get("network.privateDnsZoneArmResourceId")))
        subnet = str(server.get("network.delegatedSubnetResourceId"))
        if held == zone and f"/virtualNetworks/{net}/" in subnet:
            yield Problem("virtualNetwork", f"{server.label} is found by it")
