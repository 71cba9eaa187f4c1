"""The one cloud switch: cloud -> its package, imported when asked for and not before."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from components.offer import Catalog

if TYPE_CHECKING:
    from components.roles import Platform

_PACKAGES = {"aws": "components.aws"}

CLOUDS = tuple(_PACKAGES)
"""Clouds that a stack file may name."""


def catalog(cloud: str) -> Catalog:
    """What the cloud offers; imports no SDK."""
    module = importlib.import_module(f"{_PACKAGES[cloud]}.offer")
    offer: Catalog = module.CATALOG
    return offer


def platform(cloud: str) -> Platform[Any, Any]:
    """The cloud's constructors; imports its SDK."""
    module = importlib.import_module(f"{_PACKAGES[cloud]}.platform")
    record: Platform[Any, Any] = module.PLATFORM
    return record
