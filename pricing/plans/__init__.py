"""From a stack's settings to what is billed, without an engine: the one cloud switch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.settings import Settings
    from pricing.inventory import Inventory

_PACKAGES = {"aws": "pricing.plans.aws"}


def inventory(settings: Settings) -> Inventory:
    """What a deployment of these settings consists of, as far as it is billed.

    It is what `policies/facts` reads from the engine's resources of the same settings.

    Raises `ValueError` for a cloud without a plan.
    """
    if settings.cloud not in _PACKAGES:
        known = ", ".join(_PACKAGES)
        raise ValueError(f"cloud {settings.cloud!r} has no plan; those that have: {known}")
    found: Inventory = importlib.import_module(_PACKAGES[settings.cloud]).inventory(settings)
    return found
