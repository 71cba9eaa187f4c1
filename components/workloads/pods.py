"""Pods: what every pod of the package has in common.

A pod runs as a user without rights, on a root file system that it cannot write, without the
cluster's token, on the nodes of its role. The namespace enforces the first half of it (the
Kubernetes "restricted" Pod Security Standard).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi_kubernetes import core, meta

from components.workloads.cluster import Placement
from components.workloads.labels import selector

USER_ID = 10001
"""User and group of every process: none that an image or a node knows."""
ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"
SHARED_MEMORY = "/dev/shm"  # noqa: S108  (a mount point of its own)


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A writable place of a pod, empty when it starts and gone with it."""

    name: str
    path: str
    size_gib: float
    """Most that may be in it, GiB; beyond it the pod is evicted."""
    memory: bool = False
    """Whether it is memory of the node's; it then counts to the container's limit."""


@dataclass(frozen=True, kw_only=True)
class Probes:
    """The three health checks of a container."""

    startup: core.v1.ProbeArgs
    readiness: core.v1.ProbeArgs
    liveness: core.v1.ProbeArgs


def pod_security() -> core.v1.PodSecurityContextArgs:
    """Security context of every pod."""
    return core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=USER_ID,
        run_as_group=USER_ID,
        fs_group=USER_ID,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security() -> core.v1.SecurityContextArgs:
    """Security context of every container."""
    return core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        privileged=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
        seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def spec(
    name: str,
    *,
    containers: Sequence[core.v1.ContainerArgs],
    placement: Placement,
    volumes: Sequence[core.v1.VolumeArgs],
    grace_seconds: int,
    restart_policy: str = "Always",
    spread: bool = False,
    init_containers: Sequence[core.v1.ContainerArgs] = (),
) -> core.v1.PodSpecArgs:
    """The pods of the workload `name`, which has a service account of the same name.

    `spread`: over zones and machines, for pods that have copies.
    """
    return core.v1.PodSpecArgs(
        service_account_name=name,
        automount_service_account_token=False,
        # A service called letta-redis would set LETTA_REDIS_PORT in every container.
        enable_service_links=False,
        security_context=pod_security(),
        init_containers=list(init_containers) or None,
        containers=list(containers),
        volumes=list(volumes),
        node_selector=dict(placement.node_selector),
        tolerations=[
            core.v1.TolerationArgs(
                key=each.key, operator="Equal", value=each.value, effect=each.effect
            )
            for each in placement.tolerations
        ],
        topology_spread_constraints=spread_constraints(name) if spread else None,
        termination_grace_period_seconds=grace_seconds,
        restart_policy=restart_policy,
    )


def spread_constraints(name: str) -> list[core.v1.TopologySpreadConstraintArgs]:
    """Copies of one revision stand in different zones, and on different machines, wherever
    there is room.

    They are wishes, not conditions: a node group spans zones, and whoever adds a machine to it
    cannot ask for a zone. A condition would leave copies waiting just when load rises.
    """
    return [
        core.v1.TopologySpreadConstraintArgs(
            topology_key=key,
            max_skew=1,
            when_unsatisfiable="ScheduleAnyway",
            label_selector=meta.v1.LabelSelectorArgs(match_labels=selector(name)),
            match_label_keys=["pod-template-hash"],
        )
        for key in (ZONE, HOST)
    ]


def resources(
    *,
    request_vcpus: float,
    request_memory_mib: int,
    limit_vcpus: float,
    limit_memory_mib: int,
    extended: Mapping[str, int] | None = None,
) -> core.v1.ResourceRequirementsArgs:
    """What a container is given and held to. `extended`: device resource -> count, such as
    GPUs, of which requests and limits are one."""
    devices = {key: str(count) for key, count in (extended or {}).items()}
    return core.v1.ResourceRequirementsArgs(
        requests={"cpu": _cpu(request_vcpus), "memory": f"{request_memory_mib}Mi", **devices},
        limits={"cpu": _cpu(limit_vcpus), "memory": f"{limit_memory_mib}Mi", **devices},
    )


def environment(
    variables: Mapping[str, str], secrets: Sequence[core.v1.EnvVarArgs] = ()
) -> list[core.v1.EnvVarArgs]:
    """Plain variables, in order, and entries of secrets behind them."""
    plain = [
        core.v1.EnvVarArgs(name=name, value=value) for name, value in sorted(variables.items())
    ]
    return [*plain, *secrets]


def mounts(folders: Sequence[Folder]) -> list[core.v1.VolumeMountArgs]:
    """Where a container sees its writable places."""
    return [core.v1.VolumeMountArgs(name=each.name, mount_path=each.path) for each in folders]


def volumes(folders: Sequence[Folder]) -> list[core.v1.VolumeArgs]:
    """The writable places of a pod."""
    return [
        core.v1.VolumeArgs(
            name=each.name,
            empty_dir=core.v1.EmptyDirVolumeSourceArgs(
                size_limit=f"{int(each.size_gib * 1024)}Mi",
                medium="Memory" if each.memory else None,
            ),
        )
        for each in folders
    ]


def http_probes(
    path: str,
    port: int,
    *,
    startup_seconds: int,
    period_seconds: int = 10,
    timeout_seconds: int = 5,
) -> Probes:
    """Health checks over HTTP.

    Until the first answer, at most `startup_seconds` after the start, nothing else is asked. A
    pod that misses three checks gets no requests; one that misses twelve is started anew.
    """

    def probe(period: int, failures: int) -> core.v1.ProbeArgs:
        return core.v1.ProbeArgs(
            http_get=core.v1.HTTPGetActionArgs(path=path, port=port, scheme="HTTP"),
            period_seconds=period,
            timeout_seconds=timeout_seconds,
            failure_threshold=failures,
            success_threshold=1,
        )

    period = 5
    return Probes(
        startup=probe(period, -(-startup_seconds // period)),
        readiness=probe(period_seconds, 3),
        liveness=probe(period_seconds, 12),
    )


def _cpu(vcpus: float) -> str:
    return f"{round(vcpus * 1000)}m"
