"""Parameters of a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator

from components.azure import catalog
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

SERVER = "azure-native:dbforpostgresql:Server"
EXTENSIONS = (
    "azure_ai",
    "hstore",
    "pgcrypto",
    "pg_stat_statements",
    "pg_trgm",
    "uuid-ossp",
    "vector",
)
_RANGES = {
    "max_connections": (25, 5000),
    "shared_buffers": (16, 1_073_741_823),
    "effective_cache_size": (1, 2_147_483_647),
    "work_mem": (4096, 2_097_151),
    "maintenance_work_mem": (1024, 2_097_151),
    "max_parallel_workers_per_gather": (0, 1024),
    "random_page_cost": (0, 1.79769e308),
    "log_min_duration_statement": (-1, 2_147_483_647),
    "idle_in_transaction_session_timeout": (0, 2_147_483_647),
}
_BOUNCER = "pgbouncer.enabled"
_WORDS = {
    "require_secure_transport": ("on", "off"),
    _BOUNCER: ("true", "false"),
    "log_connections": ("on", "off"),
    "log_disconnections": ("on", "off"),
}
_SHARED_BUFFERS_SHARE = 0.75
_KIB_PER_PAGE = 8
_KIB_PER_GIB = 2**20


def known(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Parameters are known, and within what the server takes (Flexible Server documentation,
    "Server parameters")."""
    name, value = str(properties["configurationName"]), str(properties["value"])
    if name == "azure.extensions":
        for one in value.split(","):
            if one and one.lower() not in EXTENSIONS:
                yield Problem(
                    "value", f"{one} is not known here; known: {', '.join(EXTENSIONS).upper()}"
                )
    elif name in _RANGES:
        low, high = _RANGES[name]
        try:
            fits = low <= float(value) <= high
        except ValueError:
            fits = False
        if not fits:
            yield Problem("value", f"{name} {value} must be a number between {low} and {high:.15g}")
    elif name in _WORDS:
        if value.lower() not in _WORDS[name]:
            yield Problem("value", f"{name} {value} must be one of {', '.join(_WORDS[name])}")
    else:
        names = sorted({*_RANGES, *_WORDS, "azure.extensions"})
        yield Problem("configurationName", f"{name} is not known here; known: {', '.join(names)}")


def fits_the_server(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Memory that is set aside fits the server, and a burstable one has no PgBouncer."""
    server = cloud.find(SERVER, "serverName", properties["serverName"])
    if server is None:
        return
    name, value = properties["configurationName"], str(properties["value"])
    if name == _BOUNCER and value == "true" and server.get("sku.tier") == "Burstable":
        yield Problem("value", f"{server.label} is of the tier Burstable, which has no PgBouncer")
    if name == "shared_buffers":
        memory = catalog.database_class(str(server.get("sku.name"))).memory_gib
        most = memory * _SHARED_BUFFERS_SHARE * _KIB_PER_GIB / _KIB_PER_PAGE
        if float(value) > most:
            yield Problem(
                "value", f"{name} {value} exceeds {most:.0f} pages of 8 KiB for {memory} GiB"
            )
