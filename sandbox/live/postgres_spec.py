"""A database server of a stack, in the words of no cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sandbox.live.spec import LiveError

SHARED_BUFFERS_LIMIT_KIB = 128 * 1024
"""What a server here may take at most; PostgreSQL's own default."""
PAGE_KIB = 8
MEMORY_PARAMETERS: Mapping[str, tuple[int, int]] = {
    "shared_buffers": (PAGE_KIB, 16),
    "effective_cache_size": (PAGE_KIB, 1),
    "maintenance_work_mem": (1, 1024),
    "work_mem": (1, 64),
}
"""Parameter -> its unit in KiB and its least value (PostgreSQL 16, `pg_settings`)."""
SUPERUSER = "postgres"
"""The role that a server is made with."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """One database instance as the stack describes it."""

    identifier: str
    version: str
    """Major version."""
    host: str
    port: int
    source: str
    """Identifier of the instance that this one replicates; empty for a primary."""
    multi_az: bool
    """Whether a standby in another zone has every commit before it is acknowledged."""
    user: str
    password: str = field(repr=False)
    """Of the administrator; empty for a replica, which has its primary's."""
    database: str
    parameters: Mapping[str, str]
    """PostgreSQL's own, in its own units."""
    max_connections: int
    """Where the parameters do not say."""
    reserved_connections: Mapping[str, str] = field(default_factory=dict)
    """Parameters by which the cloud keeps connections for itself."""
    owner: str = ""
    """Of the database, where it is another role than the administrator."""
    owner_password: str = field(default="", repr=False)

    @property
    def memory_scale(self) -> Decimal:
        """By how much memory parameters are divided here, so that the machine can hold it."""
        pages = Decimal(self.parameters.get("shared_buffers", "0"))
        return max(Decimal(1), pages * PAGE_KIB / SHARED_BUFFERS_LIMIT_KIB)

    @property
    def standby(self) -> Server:
        """The standby of a Multi-AZ instance, which nobody can ask anything."""
        return replace(
            self,
            identifier=f"{self.identifier}-standby",
            source=self.identifier,
            multi_az=False,
        )

    @property
    def settings(self) -> dict[str, str]:
        """What PostgreSQL is started with."""
        settings = {}
        for name, value in self.parameters.items():
            if name in MEMORY_PARAMETERS:
                least = MEMORY_PARAMETERS[name][1]
                settings[name] = str(max(least, int(Decimal(value) / self.memory_scale)))
            else:
                settings[name] = value
        settings.setdefault("max_connections", str(self.max_connections))
        return {**self.reserved_connections, **settings}

    @property
    def report(self) -> str:
        """What differs from the instance in the cloud, in one line."""
        return (
            f"{self.identifier}: memory parameters divided by {self.memory_scale.normalize():f}, "
            f"max_connections {self.settings['max_connections']}"
        )


def followed(label: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters, each known to be one that can be followed here. Raises LiveError.

    `label`: of the object that they are from.
    """
    for name in (*MEMORY_PARAMETERS, "max_connections"):
        if not parameters.get(name, "0").isdecimal():
            raise LiveError(
                f"{label}: {name} is {parameters[name]}; only whole numbers are followed here"
            )
    return parameters
