"""DNS: records in a public zone that the project holds already."""

from __future__ import annotations

import pulumi
from pulumi_gcp import dns

from components.account import once
from components.gcp.place import Place

TTL_SECONDS = 300
"""How long resolvers keep a record; the address behind it changes only by a redeployment."""


class Zone:
    """A public managed zone of the project, and records in it."""

    def __init__(self, name: str, place: Place, opts: pulumi.ResourceOptions) -> None:
        """Find the zone `name`; records become children of `opts.parent`."""
        self._opts = opts
        self._zone = _managed_zone(name, place, opts)

    def record(
        self,
        name: str,
        host: pulumi.Input[str],
        record_type: pulumi.Input[str],
        value: pulumi.Input[str],
    ) -> dns.RecordSet:
        """A record with one value. `host` ends in a dot."""
        return dns.RecordSet(
            name,
            managed_zone=self._zone,
            name=host,
            type=record_type,
            ttl=TTL_SECONDS,
            rrdatas=[value],
            # DNS has no two records of one name, if one of them is an alias.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(delete_before_replace=True)
            ),
        )


def _managed_zone(name: str, place: Place, opts: pulumi.ResourceOptions) -> str:
    lookup = pulumi.InvokeOptions(parent=opts.parent)
    zones = once(
        ("managed zones", place.project),
        lambda: dns.get_managed_zones(project=place.project, opts=lookup),
    ).managed_zones
    public = {
        zone.dns_name.rstrip("."): str(zone.name) for zone in zones if zone.visibility == "public"
    }
    if name not in public:
        raise pulumi.RunError(
            f"letta:ingress.hosted_zone: project {place.project} has no public managed zone for "
            f"{name}; it has {', '.join(sorted(public)) or 'none'}: name one of them, or leave it "
            "out"
        )
    return public[name]
