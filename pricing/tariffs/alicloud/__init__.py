"""What Alibaba Cloud bills for. Names of the rows are those of the price book.

Free allowances of an account (the first 500 MB of logs, the first requests of queues and the like)
are left out: other stacks of the account may have used them up.
"""

from __future__ import annotations

from collections.abc import Iterator

from pricing.inventory import Inventory
from pricing.tariffs.alicloud.standing import standing
from pricing.tariffs.alicloud.used import used
from pricing.tariffs.charge import Charge, Terms
from pricing.usage import Usage


def charges(inventory: Inventory, usage: Usage, terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` under `usage` is billed by.

    Raises `ValueError` for a thing without a tariff.
    """
    for thing in inventory.things:
        yield from standing(thing, inventory.region, usage, terms)
    yield from used(inventory, usage)
