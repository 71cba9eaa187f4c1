"""Sidecars: what runs beside a server in each of its pods.

They are init containers that go on running: they are there before the server starts, which looks
for its stores once, and they end after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_kubernetes import core

from components.roles import Reference, ServerArgs, SidecarArgs
from components.workloads import pods
from components.workloads.secrets import Secrets

VCPUS = 0.1
"""CPU that is set aside for each, vCPU; more is theirs where nobody else needs it (a choice of this
project)."""
MOST_VCPUS = 1.0
_STARTUP_SECONDS = 30


def upstream_ports(name: str, sidecars: Sequence[SidecarArgs]) -> tuple[int, ...]:
    """Ports of the stores that the sidecars of the workload `name` call.

    Raises `ValueError` where one is a store itself: copies would each have their own.
    """
    ports = tuple(each.upstream_port for each in sidecars if each.upstream_port is not None)
    if len(ports) < len(sidecars):
        raise ValueError(
            f"{name}: containers beside the server that keep data, such as a cache, are for a "
            "single copy; the settings refuse this"
        )
    return ports


def references(server: ServerArgs) -> Mapping[str, Reference]:
    """What the containers of a server's pod refer to, all together."""
    beside = {
        variable: reference
        for sidecar in server.sidecars
        for variable, reference in sidecar.references.items()
    }
    return {**server.references, **beside}


def sidecar(args: SidecarArgs, values: Secrets) -> core.v1.ContainerArgs:
    """The container. `values`: what it refers to."""
    return core.v1.ContainerArgs(
        name=args.name,
        image=args.image,
        image_pull_policy="IfNotPresent",
        command=list(args.command),
        env=[
            *(
                core.v1.EnvVarArgs(name=name, value=value)
                for name, value in sorted(args.environment.items())
            ),
            *values.environment,
        ],
        restart_policy="Always",
        resources=pods.resources(
            request_vcpus=VCPUS,
            request_memory_mib=args.memory_mib,
            limit_vcpus=MOST_VCPUS,
            limit_memory_mib=args.memory_mib,
        ),
        security_context=pods.container_security(),
        # It listens on the loopback alone, where no check from outside the pod reaches it.
        startup_probe=core.v1.ProbeArgs(
            exec_=core.v1.ExecActionArgs(command=list(args.check)),
            period_seconds=1,
            timeout_seconds=5,
            failure_threshold=_STARTUP_SECONDS,
        ),
    )
