"""DNS: records in a public zone that the account holds already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import route53

from components.account import once

if TYPE_CHECKING:
    from pulumi_aws import lb

TTL_SECONDS = 300
"""How long resolvers keep a record; the address behind it changes only by a redeployment."""


def same_record(opts: pulumi.ResourceOptions, other: str) -> pulumi.ResourceOptions:
    """Options of a way in that takes over the domain's record from a way in of type `other`.

    Two resources cannot hold one name: without it, changing a stack's tier would make the
    second record before the first is gone, which DNS refuses.
    """
    return pulumi.ResourceOptions.merge(
        opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=other)])
    )


class Zone:
    """A public hosted zone of the account, and records in it."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions) -> None:
        """Find the zone `name`; records become children of `opts.parent`."""
        self._opts = opts
        self._id = _zone_id(name, opts)

    def record(
        self,
        name: str,
        host: pulumi.Input[str],
        record_type: pulumi.Input[str],
        value: pulumi.Input[str],
    ) -> route53.Record:
        """A record with one value."""
        return route53.Record(
            name,
            zone_id=self._id,
            name=host,
            type=record_type,
            records=[value],
            ttl=TTL_SECONDS,
            opts=self._opts,
        )

    def alias(self, name: str, host: str, balancer: lb.LoadBalancer) -> route53.Record:
        """A record that follows a load balancer's addresses."""
        return route53.Record(
            name,
            zone_id=self._id,
            name=host,
            type="A",
            aliases=[
                route53.RecordAliasArgs(
                    name=balancer.dns_name,
                    zone_id=balancer.zone_id,
                    evaluate_target_health=True,
                )
            ],
            opts=self._opts,
        )


def _zone_id(name: str, opts: pulumi.ResourceOptions) -> str:
    lookup = pulumi.InvokeOptions(parent=opts.parent)
    try:
        found = once(
            ("hosted zone", name),
            lambda: route53.get_zone(name=name, private_zone=False, opts=lookup),
        )
        return str(found.zone_id)
    except Exception as error:  # noqa: BLE001  (the SDK raises a failed look-up as nothing narrower)
        raise pulumi.RunError(
            f"letta:ingress.hosted_zone: this account has no public hosted zone {name} that can "
            f"be read; name one that it has, or leave it out ({error})"
        ) from None
