"""What the live tests are told of each cloud but the first, in a file of the cloud's own."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from infra import checkout, platforms
from infra.tiers import TIERS

AsHeld: TypeAlias = Callable[[str, str, Mapping[str, Any]], tuple[str, dict[str, Any]]]
CLOUDS = platforms.CLOUDS[1:]
CASES = [
    (cloud, tier)
    for cloud in CLOUDS
    for tier in TIERS
    if checkout.name_on(tier, cloud) in checkout.names()
]
"""Cloud and tier of every stack file."""


def as_made(_type: str, made_up: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An id and properties that already are as the cloud would have them."""
    return made_up, dict(values)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What differs from cloud to cloud."""

    networks: Mapping[str, str]
    """Tier that is booted -> the first three numbers of its addresses."""
    star_is_any_text: bool = False
    """Whether `*` in a path of the load balancer stands for more than one segment of it."""
    as_held: AsHeld = as_made
    """Type, made-up id, properties as components ask for them -> id and properties of the cloud."""


def told(cloud: str) -> Told:
    """What the file of a cloud says."""
    found: Told = importlib.import_module(f"{__name__}.{cloud}").TOLD
    return found
