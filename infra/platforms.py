"""The one cloud switch: cloud -> its package, imported when asked for and not before."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

from components.offer import Catalog

if TYPE_CHECKING:
    from components.roles import Platform

_PACKAGES = {"aws": "components.aws"}

CLOUDS = tuple(_PACKAGES)
"""Clouds that a stack file may name."""


def module(package: str, cloud: str) -> ModuleType:
    """What a package holds for a cloud, `pricing.plans.aws`.

    Raises `ValueError` for an unknown cloud.
    """
    if cloud not in CLOUDS:
        raise ValueError(f"there is no cloud {cloud!r}; the clouds are: {', '.join(CLOUDS)}")
    return importlib.import_module(f"{package}.{cloud}")


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
