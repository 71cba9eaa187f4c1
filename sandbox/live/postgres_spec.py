"""The database instances of a stack, read from the objects of the sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from components.aws import catalog
from sandbox.cloud import CloudObject
from sandbox.live.spec import LiveError, Objects

INSTANCE = "aws:rds/instance:Instance"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"

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
FORCE_TLS = "rds.force_ssl"
"""On by default since PostgreSQL 15."""
RESERVED_CONNECTIONS: Mapping[str, str] = {
    "superuser_reserved_connections": "3",
    "reserved_connections": "2",
}
"""PostgreSQL's default, which RDS keeps, and what RDS reserves for its administrator's role by a
parameter of its own (`rds.rds_superuser_reserved_connections`)."""


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
    """Of the parameter group, in PostgreSQL's own units."""
    max_connections: int

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
            elif not name.startswith("rds."):
                settings[name] = value
        settings.setdefault("max_connections", str(self.max_connections))
        return {**RESERVED_CONNECTIONS, **settings}

    @property
    def report(self) -> str:
        """What differs from the instance in the cloud, in one line."""
        return (
            f"{self.identifier}: memory parameters divided by {self.memory_scale.normalize():f}, "
            f"max_connections {self.settings['max_connections']}"
        )


def servers(objects: Objects) -> tuple[Server, ...]:
    """The database instances of the stack, primaries before their replicas."""
    return tuple(
        sorted(
            (_server(objects, item) for item in objects.all(INSTANCE)),
            key=lambda server: server.source != "",
        )
    )


def _server(objects: Objects, item: CloudObject) -> Server:
    if item.get("engine") != "postgres":
        raise LiveError(f"{item.label} runs {item.get('engine')}; only postgres runs here")
    group = objects.one(PARAMETER_GROUP, "name", item.get("parameterGroupName"))
    parameters: Sequence[Mapping[str, str]] = group.get("parameters") or ()
    values = {parameter["name"]: parameter["value"] for parameter in parameters}
    for name in (*MEMORY_PARAMETERS, "max_connections"):
        if not values.get(name, "0").isdecimal():
            raise LiveError(
                f"{group.label}: {name} is {values[name]}; only whole numbers are followed here"
            )
    if values.get(FORCE_TLS, "1") != "1":
        raise LiveError(f"{item.label} takes plain connections; only TLS is offered here")
    return Server(
        identifier=str(item.get("identifier")),
        version=str(item.get("engineVersion")).partition(".")[0],
        host=str(item.get("address")),
        port=int(item.get("port")),
        source=str(item.get("replicateSourceDb") or ""),
        multi_az=bool(item.get("multiAz")),
        user=str(item.get("username")),
        password=str(item.get("password") or ""),
        database=str(item.get("dbName")),
        parameters=values,
        max_connections=catalog.default_max_connections(str(item.get("instanceClass"))),
    )
