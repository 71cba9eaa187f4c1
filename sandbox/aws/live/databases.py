"""Reads the database instances of RDS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.aws import catalog
from sandbox.cloud import CloudObject
from sandbox.live.postgres_spec import Server, followed
from sandbox.live.spec import LiveError, Objects

INSTANCE = "aws:rds/instance:Instance"
PARAMETER_GROUP = "aws:rds/parameterGroup:ParameterGroup"

OWN_PREFIX = "rds."
"""Of parameters that PostgreSQL itself does not have."""
FORCE_TLS = "rds.force_ssl"
"""On by default since PostgreSQL 15."""
RESERVED_CONNECTIONS: Mapping[str, str] = {
    "superuser_reserved_connections": "3",
    "reserved_connections": "2",
}
"""PostgreSQL's default, which RDS keeps, and what RDS reserves for its administrator's role by a
parameter of its own (`rds.rds_superuser_reserved_connections`)."""


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
        parameters=followed(
            group.label,
            {name: each for name, each in values.items() if not name.startswith(OWN_PREFIX)},
        ),
        max_connections=catalog.default_max_connections(str(item.get("instanceClass"))),
        reserved_connections=RESERVED_CONNECTIONS,
    )
