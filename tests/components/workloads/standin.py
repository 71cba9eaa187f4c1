"""A cluster that is there, and what a tier refers to, for tests of workloads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pulumi
from pulumi_kubernetes import Provider

from components.args import NodesArgs, WorkerArgs
from components.roles import Reference, ServerArgs
from components.workloads.cluster import Cluster, RemoteKey
from components.workloads.namespaces import workloads_namespace

CALLERS = ("10.0.0.0/24", "10.0.1.0/24")
STORES = ("10.0.64.0/24",)
NETWORK = "10.0.0.0/16"
SERVICES = "172.20.0.0/16"


def stored(
    variable: str,
    *,
    revision: pulumi.Input[str] = "1",
    kind: Literal["secret", "parameter"] = "secret",
    key: str | None = None,
) -> Reference:
    """A value that a store keeps."""
    name = pulumi.Output.from_input(f"arn:{variable}")
    return Reference(
        name=name,
        readable=name,
        revision=pulumi.Output.from_input(revision),
        kind=kind,
        property=key,
    )


def cluster() -> Cluster:
    """A cluster with the workloads' namespace; to be called inside a running program."""
    parent = pulumi.ComponentResource("letta:test:Cluster", "letta-test-cluster")
    provider = Provider(
        "letta-test-cluster", kubeconfig="{}", opts=pulumi.ResourceOptions(parent=parent)
    )
    ready = workloads_namespace(
        parent, "letta-test-base", opts=pulumi.ResourceOptions(provider=provider)
    )
    return Cluster(
        provider=provider,
        remote_key=_remote_key,
        ready=ready,
        callers=CALLERS,
        stores=STORES,
        private=(NETWORK, SERVICES),
    )


def server(*, revision: str = "1", image: str = "letta/letta:0.16.4") -> ServerArgs:
    """What runs in a tier: one value is a key among others, one lies in a second store."""
    return ServerArgs(
        image=image,
        environment={"LETTA_ENVIRONMENT": "PRODUCTION"},
        references={
            "LETTA_PG_URI": stored("LETTA_PG_URI", revision=revision, key="uri"),
            "LETTA_REDIS_HOST": stored("LETTA_REDIS_HOST", kind="parameter"),
        },
    )


def tier(**changes: Any) -> WorkerArgs:  # noqa: ANN401  (fields of the arguments)
    """The sizes of a tier on Kubernetes."""
    values: dict[str, Any] = {
        "compute": "kubernetes",
        "instance_type": "c6i.2xlarge",
        "vcpus": 8,
        "memory_gib": 16,
        "replicas": 3,
        "min_replicas": 2,
        "max_replicas": 6,
        "task_vcpus": 2,
        "task_memory_mib": 4096,
        "nodes": NodesArgs(initial=2, minimum=1, maximum=4),
    }
    return WorkerArgs(**{**values, **changes})


def nested(value: object) -> Iterator[object]:
    """Everything within a value, itself included."""
    yield value
    within: Any = ()
    if isinstance(value, dict):
        within = value.values()
    elif isinstance(value, list):
        within = value
    for each in within:
        yield from nested(each)


def _remote_key(wanted: Reference) -> RemoteKey:
    return RemoteKey(store=f"{wanted.kind}-store", key=wanted.name, property=wanted.property)
