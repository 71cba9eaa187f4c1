"""The one cloud switch: cloud -> its packages, imported when asked for and not before.

To take a cloud out, take its name out of `CLOUDS` and delete what bears its name: the packages
`components/<cloud>`, `policies/facts/<cloud>`, `pricing/plans/<cloud>` and
`pricing/tariffs/<cloud>`, the folders `sandbox/<package>` and `stacks/<cloud>`. Nothing else names
it. Standard library only: the command line reads this before there is an environment.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from components.offer import Catalog
    from components.roles import Platform

CLOUDS: Final = ("aws", "gcp", "azure", "alicloud", "kubernetes")
"""Clouds that a stack file may name; the first is meant where none is named."""
DEFAULT: Final = CLOUDS[0]

_DISTRIBUTION: Final = "letta-cloud"


class SdkMissing(ImportError):  # noqa: N818  (states what the environment is)
    """The SDK of a cloud is not installed; says how to install it."""


def module(package: str, cloud: str, name: str = "") -> ModuleType:
    """What a package holds for a cloud, `pricing.plans.aws`; `name`: a module in it.

    Raises `ValueError` for an unknown cloud.
    """
    if cloud not in CLOUDS:
        raise ValueError(f"there is no cloud {cloud!r}; the clouds are: {', '.join(CLOUDS)}")
    return importlib.import_module(".".join(part for part in (package, cloud, name) if part))


def catalog(cloud: str) -> Catalog:
    """What the cloud offers; imports no SDK."""
    offer: Catalog = module("components", cloud, "offer").CATALOG
    return offer


def platform(cloud: str) -> Platform[Any, Any]:
    """The cloud's constructors; imports its SDK.

    Raises `SdkMissing` where that is not installed: SDKs are extras of the distribution.
    """
    try:
        record: Platform[Any, Any] = module("components", cloud, "platform").PLATFORM
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("pulumi_"):
            raise
        raise SdkMissing(
            f"the SDK of {cloud} is not installed ({error.name}); install it with "
            f"`pip install '{_DISTRIBUTION}[{cloud}]'`"
        ) from error
    return record
