"""Reads the instances of Cloud SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.gcp import catalog
from sandbox.cloud import CloudObject
from sandbox.live.postgres_spec import Server, followed
from sandbox.live.spec import LiveError, Objects

INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance"
DATABASE = "gcp:sql/database:Database"
USER = "gcp:sql/user:User"

PORT = 5432
OWN_PREFIX = "cloudsql."
"""Of flags that PostgreSQL itself does not have."""
ONLY_TLS = ("ENCRYPTED_ONLY",)
"""Modes in which plain connections are refused and no certificate of the client is asked for."""
_ENGINE = "POSTGRES_"


def servers(objects: Objects) -> tuple[Server, ...]:
    """The instances of the stack, primaries before their replicas. Raises LiveError."""
    found = (_server(objects, item) for item in objects.all(INSTANCE))
    return tuple(sorted(found, key=lambda server: server.source != ""))


def _server(objects: Objects, item: CloudObject) -> Server:
    version = str(item.get("databaseVersion"))
    if not version.startswith(_ENGINE):
        raise LiveError(f"{item.label} runs {version}; only PostgreSQL runs here")
    mode = item.get("settings.ipConfiguration.sslMode")
    if mode not in ONLY_TLS:
        raise LiveError(f"{item.label}: sslMode is {mode}; only {' or '.join(ONLY_TLS)} runs here")
    listed: Sequence[Mapping[str, str]] = item.get("settings.databaseFlags") or ()
    flags = {each["name"]: str(each["value"]) for each in listed}
    name, source = str(item.get("name")), str(item.get("masterInstanceName") or "")
    user = objects.only(USER, "instance", source or name)
    database = objects.only(DATABASE, "instance", source or name)
    return Server(
        identifier=name,
        version=version.removeprefix(_ENGINE),
        host=str(item.get("privateIpAddress")),
        port=PORT,
        source=source,
        multi_az=item.get("settings.availabilityType") == "REGIONAL" and not source,
        user=str(user.get("name")),
        password="" if source else str(user.get("password")),
        database=str(database.get("name")),
        parameters=followed(
            item.label,
            {flag: each for flag, each in flags.items() if not flag.startswith(OWN_PREFIX)},
        ),
        max_connections=catalog.max_connections(str(item.get("settings.tier"))),
    )
