"""What Azure bills for. Names of the rows are those of the price book.

Free allowances of a subscription (the first vCPU-seconds of Container Apps, the first gigabytes of
logs and of traffic) are left out: other stacks of the subscription may have used them up.
"""

from __future__ import annotations

from collections.abc import Iterator

from pricing.inventory import Inventory
from pricing.tariffs.azure.standing import standing
from pricing.tariffs.azure.used import used
from pricing.tariffs.charge import Charge, Terms
from pricing.usage import Usage


def charges(inventory: Inventory, usage: Usage, terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` under `usage` is billed by.

    Raises `ValueError` for a thing without a tariff.
    """
    for thing in inventory.things:
        yield from standing(thing, inventory, usage, terms)
    yield from used(inventory, usage)
