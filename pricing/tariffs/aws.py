"""What AWS bills for."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.inventory import Inventory, LoadBalancer, Machines
from pricing.span import Span
from pricing.tariffs.charge import Charge, Terms, charge
from pricing.units import HOURS_A_MONTH
from pricing.usage import Usage


def charges(inventory: Inventory, usage: Usage, terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` is billed by."""
    region = inventory.region
    for thing in inventory.things:
        match thing:
            case Machines():
                yield charge(
                    thing,
                    f"machine {thing.type}",
                    row=("ec2", thing.type),
                    region=region,
                    unit="hour",
                    quantity=thing.count * HOURS_A_MONTH,
                )
            case LoadBalancer():
                yield charge(
                    thing,
                    "load balancer",
                    row=("elb", "alb:hour"),
                    region=region,
                    unit="hour",
                    quantity=Span.fixed(HOURS_A_MONTH),
                )
