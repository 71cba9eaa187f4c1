"""Databases and caches of a stack as the sandbox holds them, made by hand for the tests."""

from __future__ import annotations

from typing import Any

from sandbox.cloud import CloudObject
from sandbox.live.spec import Objects
from tests.live.objects import made

PASSWORD = "Adm1nPassw0rdOfTheTests"


def database(
    name: str,
    *,
    parameters: dict[str, str] | None = None,
    **changes: Any,  # noqa: ANN401 - properties of any kind
) -> Objects:
    """A primary and a replica, with a parameter group; `changes` are both instances' own."""
    values = {"shared_buffers": "524288", "work_mem": "65536", "rds.force_ssl": "1"}
    group = made(
        "rds/parameterGroup:ParameterGroup",
        arn=f"arn:{name}:parameters",
        name=f"{name}-parameters",
        parameters=[
            {"name": key, "value": value} for key, value in (values | (parameters or {})).items()
        ],
    )
    return Objects(
        [group, _instance(f"{name}-replica-1", name, **changes), _primary(name, changes)]
    )


def _primary(name: str, changes: dict[str, Any]) -> CloudObject:
    return _instance(name, "", password=PASSWORD, **changes)


def _instance(name: str, source: str, **changes: Any) -> CloudObject:  # noqa: ANN401 - as above
    values = {
        "arn": f"arn:{name}",
        "identifier": name,
        "address": f"{name}.rds.example.com",
        "port": 5432,
        "engine": "postgres",
        "engineVersion": "16",
        "instanceClass": "db.t3.small",
        "username": "letta_admin",
        "dbName": "letta",
        "parameterGroupName": f"{source or name}-parameters",
        "replicateSourceDb": source,
    }
    return made("rds/instance:Instance", **{**values, **changes})


def cache(name: str, nodes: int, *, policy: str = "allkeys-lru", **changes: Any) -> Objects:  # noqa: ANN401 - as above
    """A replication group with its parameters."""
    values = {
        "arn": f"arn:{name}",
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.t4g.medium",
        "port": 6379,
        "primaryEndpointAddress": f"{name}.cache.example.com",
        "memberClusters": [f"{name}-{number:03}" for number in range(1, nodes + 1)],
        "parameterGroupName": f"{name}-parameters",
    }
    return Objects(
        [
            made(
                "elasticache/parameterGroup:ParameterGroup",
                arn=f"arn:{name}:parameters",
                name=f"{name}-parameters",
                parameters=[{"name": "maxmemory-policy", "value": policy}],
            ),
            made("elasticache/replicationGroup:ReplicationGroup", **{**values, **changes}),
        ]
    )
