"""What providers of language and embedding models bill for: tokens, whatever the cloud."""

from __future__ import annotations

from collections.abc import Iterator

from pricing.inventory import Inventory
from pricing.tariffs.charge import Charge
from pricing.usage import Usage


def charges(inventory: Inventory, usage: Usage) -> Iterator[Charge]:
    """Tokens of a month."""
    yield from ()
