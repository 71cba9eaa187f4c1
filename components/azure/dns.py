"""DNS: records in a public zone that the subscription holds already."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import dns

from components.azure.offer import AzureOptions

TTL_SECONDS = 300
"""How long resolvers keep a record; the address behind it changes only by a redeployment."""


class Zone:
    """A public zone of the subscription, and records in it."""

    def __init__(self, name: str, options: AzureOptions, opts: pulumi.ResourceOptions) -> None:
        """The zone `name`; records become children of `opts.parent`.

        Raises `ValueError` where it is not said which resource group holds the zone; the settings
        demand it.
        """
        if options.dns_resource_group is None:
            raise ValueError("dns_resource_group: the settings demand it with a hosted zone")
        self._name = name
        self._group = options.dns_resource_group
        self._opts = opts

    def address(self, name: str, host: str, address: pulumi.Input[str]) -> dns.RecordSet:
        """An A record."""
        return self._record(name, host, "A", a_records=[{"ipv4_address": address}])

    def alias(self, name: str, host: str, target: pulumi.Input[str]) -> dns.RecordSet:
        """A CNAME record."""
        return self._record(name, host, "CNAME", cname_record={"cname": target})

    def text(self, name: str, host: str, value: pulumi.Input[str]) -> dns.RecordSet:
        """A TXT record."""
        return self._record(
            name, host, "TXT", txt_records=[{"value": [pulumi.Output.from_input(value)]}]
        )

    def _record(self, name: str, host: str, kind: str, **values: Any) -> dns.RecordSet:  # noqa: ANN401
        relative = host.removesuffix(self._name).rstrip(".") or "@"
        return dns.RecordSet(
            name,
            resource_group_name=self._group,
            zone_name=self._name,
            relative_record_set_name=relative,
            record_type=kind,
            ttl=TTL_SECONDS,
            # DNS has no two records of one name, if one of them is an alias.
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(delete_before_replace=True)
            ),
            **values,
        )
