"""Reads the flexible servers of PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping

from components.azure import catalog
from sandbox.azure_native.checks.ids import tail
from sandbox.cloud import CloudObject
from sandbox.live.postgres_spec import Server, followed
from sandbox.live.spec import LiveError, Objects

SERVER = "azure-native:dbforpostgresql:Server"
DATABASE = "azure-native:dbforpostgresql:Database"
CONFIGURATION = "azure-native:dbforpostgresql:Configuration"

PORT = 5432
ONLY_TLS = "require_secure_transport"
"""Parameter by which plain connections are refused, as they are where nothing is said."""
OWN_PREFIXES = ("azure.", "pgbouncer.", ONLY_TLS)
"""Of parameters that PostgreSQL itself does not have."""
RESERVED_CONNECTIONS = {"superuser_reserved_connections": "10", "reserved_connections": "5"}
"""The 15 that a server keeps for replication and for Azure's watch over it (Flexible Server
documentation, "Limits"; how they are shared out is a recollection)."""


def servers(objects: Objects) -> tuple[Server, ...]:
    """The servers of the stack, primaries before their replicas. Raises LiveError."""
    found = (_server(objects, item) for item in objects.all(SERVER))
    return tuple(sorted(found, key=lambda server: server.source != ""))


def _server(objects: Objects, item: CloudObject) -> Server:
    name = str(item.get("serverName"))
    source = tail(str(item.get("sourceServerResourceId") or ""))
    primary = objects.one(SERVER, "serverName", source) if source else item
    if primary.get("authConfig.passwordAuth") == "Disabled":
        raise LiveError(f"{primary.label}: passwordAuth is Disabled; only passwords run here")
    values = _parameters(objects, name)
    if values.get(ONLY_TLS, "on").lower() != "on":
        raise LiveError(f"{item.label} takes plain connections; only TLS is offered here")
    return Server(
        identifier=name,
        # A replica has its primary's.
        version=str(primary.get("version")),
        host=str(item.get("fullyQualifiedDomainName")),
        port=PORT,
        source=source,
        multi_az=item.get("highAvailability.mode") in ("SameZone", "ZoneRedundant"),
        user=str(primary.get("administratorLogin")),
        password="" if source else str(item.get("administratorLoginPassword")),
        database=str(objects.only(DATABASE, "serverName", source or name).get("databaseName")),
        parameters=followed(
            item.label,
            {key: each for key, each in values.items() if not key.startswith(OWN_PREFIXES)},
        ),
        max_connections=catalog.database_class(str(item.get("sku.name"))).max_connections,
        reserved_connections=RESERVED_CONNECTIONS,
    )


def _parameters(objects: Objects, server: str) -> Mapping[str, str]:
    return {
        str(item.get("configurationName")): str(item.get("value"))
        for item in objects.all(CONFIGURATION)
        if item.get("serverName") == server
    }
