"""Flags of a database on Cloud SQL (requirement V1)."""

from __future__ import annotations

from components import postgres
from components.gcp import catalog

EFFECTIVE_CACHE_SHARE = 0.7
"""The most that Cloud SQL takes (its documentation, "Configure database flags")."""


def flags(tier: str, *, replica: bool = False) -> dict[str, str]:
    """Flag -> value for a tier. Raises `ValueError` if there is no such tier.

    A replica accepts as many connections as the largest primary: it is changed after its own, and
    stops replaying while that accepts more than itself (PostgreSQL documentation, "Hot Standby",
    "Administrator's Overview").
    """
    memory_gib = catalog.database_tier(tier).memory_gib
    wanted = postgres.parameters(memory_gib, effective_cache_share=EFFECTIVE_CACHE_SHARE)
    return {
        **{each.name: each.value for each in wanted},
        "max_connections": str(
            catalog.MOST_CONNECTIONS if replica else catalog.max_connections(tier)
        ),
    }
