"""Reads the databases that CloudNativePG runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.kubernetes.live.environment import OBJECT_STORE, Configuration
from sandbox.live.postgres_spec import SUPERUSER, Server, followed
from sandbox.live.spec import LiveError, Objects

CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster"

PORT = 5432
MAX_CONNECTIONS = 100
"""PostgreSQL's default, which the operator leaves alone."""
DATABASE = "app"
"""CloudNativePG, BootstrapInitDB, `database` and `owner`."""
_TAG = re.compile(r".*:(\d+)[.-].*")
_BUCKET = re.compile(r"s3://([^/]+)/.*")

_Spec = Mapping[str, Any]


def servers(objects: Objects) -> tuple[Server, ...]:
    """The servers of the stack's Clusters, each primary before its replicas. Raises LiveError."""
    return tuple(each for item in objects.all(CLUSTER) for each in _servers(objects, item))


def buckets(objects: Objects) -> tuple[str, ...]:
    """The owner's buckets in which databases are archived."""
    found = (
        _BUCKET.fullmatch(item.get("spec")["configuration"]["destinationPath"])
        for item in objects.all(OBJECT_STORE)
    )
    return tuple(dict.fromkeys(match[1] for match in found if match))


def _servers(objects: Objects, item: CloudObject) -> Iterator[Server]:
    metadata, spec = item.get("metadata"), item.get("spec")
    name, namespace = metadata["name"], metadata["namespace"]
    bootstrap: _Spec = (spec.get("bootstrap") or {}).get("initdb") or {}
    if not spec.get("enableSuperuserAccess") or "superuserSecret" not in spec:
        raise LiveError(
            f"{item.label}: its superuser has no Secret of the stack's; without one nobody here "
            "can prepare the database"
        )
    secrets = Configuration(objects=objects, namespace=namespace)
    admin = secrets.secret(spec["superuserSecret"]["name"])
    owner = secrets.secret(bootstrap["secret"]["name"])
    settings: _Spec = spec.get("postgresql") or {}
    synchronous: _Spec = settings.get("synchronous") or {}
    instances = int(spec.get("instances", 1))
    # One of the replicas has every commit before it is acknowledged.
    standby = bool(synchronous) and instances > 1
    if synchronous and (synchronous.get("method"), synchronous.get("number")) != ("any", 1):
        raise LiveError(f"{item.label}: synchronous is {synchronous}; only any 1 runs here")
    version = _TAG.fullmatch(spec["imageName"])
    if version is None:
        raise LiveError(f"{item.label}: the image {spec['imageName']} does not say its version")

    def server(number: int, service: str) -> Server:
        return Server(
            identifier=f"{name}-{number}",
            version=version[1],
            # The service of all replicas leads to the first of them here.
            host=f"{name}-{service}.{namespace}.svc.cluster.local",
            port=PORT,
            source="" if number == 1 else f"{name}-1",
            multi_az=standby and number == 1,
            user=SUPERUSER,
            password="" if number > 1 else admin["password"],
            database=bootstrap.get("database", DATABASE),
            parameters=followed(item.label, dict(settings.get("parameters") or {})),
            max_connections=MAX_CONNECTIONS,
            owner=bootstrap.get("owner", DATABASE),
            owner_password="" if number > 1 else owner["password"],
        )

    yield server(1, "rw")
    for number in range(2, instances + 1 - standby):
        yield server(number, "ro" if number == 2 else f"ro-{number}")
