"""Which roles a stack has."""

from __future__ import annotations

from typing import Literal

from components.args import TierArgs
from infra.settings import Settings


def tiers(settings: Settings) -> dict[Literal["api", "worker"], TierArgs]:
    """The tiers of servers that there are."""
    worker: dict[Literal["api", "worker"], TierArgs] = {"worker": settings.worker}
    return {"api": settings.api, **(worker if settings.worker.enabled else {})}
