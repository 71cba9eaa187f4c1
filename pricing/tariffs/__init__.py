"""What the things of an inventory are billed by: charges, per cloud, and tokens of any."""

from __future__ import annotations

from collections.abc import Iterator

from infra.tiers import Workload
from pricing.inventory import Inventory
from pricing.tariffs import aws, models
from pricing.tariffs.charge import Charge, Terms
from pricing.usage import usage_of

__all__ = ["Charge", "Terms", "charges"]

_CLOUDS = {"aws": aws.charges}


def charges(inventory: Inventory, workload: Workload, terms: Terms) -> Iterator[Charge]:
    """What a month of `inventory` under `workload` is billed by.

    Raises `ValueError` for a cloud without a tariff.
    """
    tariff = _CLOUDS.get(inventory.cloud)
    if tariff is None:
        raise ValueError(
            f"cloud {inventory.cloud!r} has no tariff; those that have: {', '.join(_CLOUDS)}"
        )
    usage = usage_of(workload)
    yield from tariff(inventory, usage, terms)
    yield from models.charges(inventory, usage)
