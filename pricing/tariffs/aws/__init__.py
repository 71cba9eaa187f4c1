"""What AWS bills for. Names of the rows are those of its price list.

Free allowances of an account (CloudWatch's first metrics and logs, SQS' first million requests and
the like) are left out: other stacks of the account may have used them up. Traffic's first 100 GB
are a step of the price list itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from pricing.inventory import Inventory
from pricing.tariffs.aws.standing import standing
from pricing.tariffs.aws.used import used
from pricing.tariffs.charge import Charge, Terms
from pricing.usage import Usage


def charges(inventory: Inventory, usage: Usage, terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` under `usage` is billed by.

    Raises `ValueError` for a thing without a tariff.
    """
    for thing in inventory.things:
        yield from standing(thing, inventory.region, usage, terms)
    yield from used(inventory, usage)
