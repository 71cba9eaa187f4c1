"""What the things of an inventory are billed by: charges, per cloud, and tokens of any."""

from __future__ import annotations

from collections.abc import Iterator

from infra import platforms
from infra.tiers import Workload
from pricing.inventory import Inventory
from pricing.tariffs import models
from pricing.tariffs.charge import Charge, Terms
from pricing.usage import usage_of

__all__ = ["Charge", "Terms", "charges"]


def charges(inventory: Inventory, workload: Workload, terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` under `workload` is billed by.

    Raises `ValueError` for an unknown cloud.
    """
    usage = usage_of(workload)
    tariff = platforms.module("pricing.tariffs", inventory.cloud)
    yield from tariff.charges(inventory, usage, terms)
    yield from models.charges(inventory, usage)
