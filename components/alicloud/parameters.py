"""Parameters of a database on RDS (requirement V1)."""

from __future__ import annotations

from components import postgres
from components.alicloud import catalog

SET_BY_RDS = frozenset({"shared_buffers"})
"""What RDS sets itself, to a quarter of the memory, and lets nobody change (recollection of the RDS
user guide, "Parameters supported by ApsaraDB RDS for PostgreSQL instances")."""


def parameters(database_class: str) -> dict[str, str]:
    """Parameter -> value for a class. Raises `ValueError` if there is no such class."""
    memory_gib = catalog.database_class(database_class).memory_gib
    return {
        each.name: each.value
        for each in postgres.parameters(memory_gib)
        if each.name not in SET_BY_RDS
    }
