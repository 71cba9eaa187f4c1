"""From a stack's settings to what is billed, without an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra import platforms

if TYPE_CHECKING:
    from infra.settings import Settings
    from pricing.inventory import Inventory


def inventory(settings: Settings) -> Inventory:
    """What a deployment of these settings consists of, as far as it is billed.

    It is what `policies/facts` reads from the engine's resources of the same settings.

    Raises `ValueError` for an unknown cloud.
    """
    found: Inventory = platforms.module("pricing.plans", settings.cloud).inventory(settings)
    return found
