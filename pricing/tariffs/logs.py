"""Logs where a price of taking them in keeps them for a while, and longer costs more."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.inventory import Inventory
from pricing.span import Span
from pricing.tariffs import demand
from pricing.tariffs.charge import Charge, charge
from pricing.usage import Usage

NAMES = {
    "servers": "logs of the servers",
    "bootstrap": "logs of the bootstrap",
    "flows": "logs of network flows",
    "control_plane": "logs of the control plane",
    "firewall": "logs of the web firewall",
    "other": "other logs",
}
"""What a group holds -> what lines of the bill call it."""


def charges(
    inventory: Inventory,
    usage: Usage,
    *,
    service: str,
    taken_in: str,
    kept: tuple[str, str],
    months_included: Decimal,
) -> Iterator[Charge]:
    """`taken_in`: sku by the GB. `kept`: sku and unit of what stays after `months_included`."""
    for entry in demand.logged(inventory, usage):
        amount = Span.fixed(entry.ingested_gb)
        for group in entry.groups:
            name = NAMES[group.holds]
            row = (service, taken_in, inventory.region)
            yield charge(group, f"{name}, taken in", row, "GB", amount)
            longer = max(entry.months_kept - months_included, Decimal(0))
            if longer:
                sku, unit = kept
                row = (service, sku, inventory.region)
                yield charge(group, f"{name}, kept longer", row, unit, amount * longer)
            # All of it stands with the first group; the others are there to be named.
            amount = Span.fixed(0)
