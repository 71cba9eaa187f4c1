"""The parameter group of a database on RDS (requirement V1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from components import postgres
from components.aws import catalog


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a parameter group."""

    name: str
    value: str
    """In PostgreSQL's own unit of the parameter."""
    apply_method: Literal["immediate", "pending-reboot"]
    """RDS refuses `immediate` for parameters that PostgreSQL reads only when it starts."""


def postgres_parameters(memory_gib: float) -> tuple[Parameter, ...]:
    """Parameters of a server with `memory_gib` of memory.

    `rds.force_ssl` is on by default since PostgreSQL 15; stated, it cannot drift. RDS's own
    `max_connections` depends on a share of memory that AWS does not publish; stated, it is what the
    connection budget reckons with.
    """
    own = (
        postgres.Parameter(
            name="max_connections", value=str(catalog.max_connections(memory_gib)), at_restart=True
        ),
        postgres.Parameter(name="rds.force_ssl", value="1", at_restart=True),
    )
    return tuple(
        Parameter(
            name=each.name,
            value=each.value,
            apply_method="pending-reboot" if each.at_restart else "immediate",
        )
        for each in (*postgres.parameters(memory_gib), *own)
    )
