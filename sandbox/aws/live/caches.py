"""Reads the nodes of ElastiCache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.aws import catalog
from sandbox.cloud import CloudObject
from sandbox.live.redis import Node
from sandbox.live.spec import LiveError, Objects

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
PARAMETER_GROUP = "aws:elasticache/parameterGroup:ParameterGroup"


def nodes(objects: Objects) -> tuple[Node, ...]:
    """The nodes of the stack's replication groups, each primary before its replicas."""
    return tuple(node for item in objects.all(GROUP) for node in _nodes(objects, item))


def _nodes(objects: Objects, item: CloudObject) -> Sequence[Node]:
    if item.get("engine") != "redis" or item.get("transitEncryptionEnabled"):
        raise LiveError(f"{item.label}: only engine redis without TLS runs here")
    group = objects.one(PARAMETER_GROUP, "name", item.get("parameterGroupName"))
    parameters: Sequence[Mapping[str, str]] = group.get("parameters") or ()
    primary = str(item.get("primaryEndpointAddress"))
    return [
        Node(
            identifier=identifier,
            version=str(item.get("engineVersion")),
            host=f"{identifier}.{primary.partition('.')[2]}" if number else primary,
            port=int(item.get("port")),
            source=primary if number else "",
            parameters={parameter["name"]: parameter["value"] for parameter in parameters},
            memory_gib=catalog.cache_node_type(str(item.get("nodeType"))).memory_gib,
        )
        for number, identifier in enumerate(item.get("memberClusters"))
    ]
