"""Reads the instances of RDS for PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.alicloud import catalog
from sandbox.cloud import CloudObject
from sandbox.live.postgres_spec import PAGE_KIB, Server, followed
from sandbox.live.spec import LiveError, Objects

INSTANCE = "alicloud:rds/instance:Instance"
READ_ONLY = "alicloud:rds/readOnlyInstance:ReadOnlyInstance"
ACCOUNT = "alicloud:rds/account:Account"
DATABASE = "alicloud:rds/database:Database"

PORT = 5432
"""Of an instance that names none."""
OWN_PREFIX = "rds_"
"""Of parameters that PostgreSQL itself does not have."""
PRIVILEGED = "Super"
EDITION = "HighAvailability"
"""The edition whose instances have a standby."""
SYNCHRONOUS_COMMIT = "off"
"""What RDS sets where nobody says otherwise: the standby may lack the last commits (RDS
documentation, "Change the data replication mode")."""
SHARED_BUFFERS_SHARE = 0.25
"""Of the memory; RDS sets it itself (recollection)."""
_KIB_PER_GIB = 2**20
_ENGINE = "PostgreSQL"


def servers(objects: Objects) -> tuple[Server, ...]:
    """The instances of the stack, primaries before their read-only ones. Raises LiveError."""
    return (
        *(_primary(objects, item) for item in objects.all(INSTANCE)),
        *(_read_only(objects, item) for item in objects.all(READ_ONLY)),
    )


def _primary(objects: Objects, item: CloudObject) -> Server:
    if item.get("engine") != _ENGINE:
        raise LiveError(f"{item.label} runs {item.get('engine')}; only {_ENGINE} runs here")
    if item.get("sslAction") != "Open":
        raise LiveError(f"{item.label}: sslAction is {item.get('sslAction')}; only Open runs here")
    account = _account(objects, item.id)
    return _server(
        objects,
        item,
        primary=item,
        password=str(account.get("accountPassword")),
        multi_az=item.get("category") == EDITION,
    )


def _read_only(objects: Objects, item: CloudObject) -> Server:
    if item.get("sslEnabled") != 1:
        raise LiveError(f"{item.label}: sslEnabled is {item.get('sslEnabled')}; only 1 runs here")
    return _server(
        objects,
        item,
        primary=objects.one(INSTANCE, "id", item.get("masterDbInstanceId")),
        password="",
        multi_az=False,
    )


def _server(
    objects: Objects, item: CloudObject, *, primary: CloudObject, password: str, multi_az: bool
) -> Server:
    size = catalog.any_database_class(str(item.get("instanceType")))
    listed: Sequence[Mapping[str, str]] = item.get("parameters") or ()
    given = {each["name"]: str(each["value"]) for each in listed}
    return Server(
        identifier=item.id,
        version=str(item.get("engineVersion")).partition(".")[0],
        host=str(item.get("connectionString")),
        port=int(item.get("port") or PORT),
        source="" if item is primary else primary.id,
        multi_az=multi_az,
        user=str(_account(objects, primary.id).get("accountName")),
        password=password,
        database=str(objects.only(DATABASE, "instanceId", primary.id).get("dataBaseName")),
        parameters=followed(
            item.label,
            {
                "shared_buffers": _shared_buffers(size.memory_gib),
                "synchronous_commit": SYNCHRONOUS_COMMIT,
                **{name: each for name, each in given.items() if not name.startswith(OWN_PREFIX)},
            },
        ),
        max_connections=size.max_connections,
    )


def _shared_buffers(memory_gib: float) -> str:
    return str(int(SHARED_BUFFERS_SHARE * memory_gib * _KIB_PER_GIB / PAGE_KIB))


def _account(objects: Objects, instance: str) -> CloudObject:
    """The privileged account of an instance, who owns its database."""
    found = objects.only(ACCOUNT, "dbInstanceId", instance)
    if found.get("accountType") != PRIVILEGED:
        raise LiveError(
            f"{found.label}: accountType is {found.get('accountType')}; without a privileged "
            "account nobody here can prepare the database"
        )
    return found
