"""Zones: how machines of a pool are spread. Pure arithmetic."""

from __future__ import annotations

from math import ceil

from components.roles import NodePool

ZONES = 3
"""Zones that nodes stand in: as many as every region has."""


def zones_of(pool: NodePool) -> int:
    """Zones that a pool stands in."""
    return 1 if pool.one_zone or pool.close_together else ZONES


def initial_per_zone(pool: NodePool) -> int:
    """Machines that a pool begins with in each zone: a pool has as many in each, and the
    autoscaler takes away what is too many. Pools that may be empty begin so, and get machines as
    their pods come."""
    return ceil(pool.initial / zones_of(pool)) if pool.minimum else 0


def initial(pool: NodePool) -> int:
    """Machines that a pool begins with."""
    return min(initial_per_zone(pool) * zones_of(pool), pool.maximum)
