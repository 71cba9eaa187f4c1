"""Pods of vLLM: what an engine on one machine and one across several have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from pulumi_kubernetes import core, meta

from components.models import memory
from components.models.gpus import gpu_named
from components.models.images import VLLM_IMAGE
from components.workloads import pods
from components.workloads.cluster import Placement
from components.workloads.data import DATA_LABEL, KINDS
from components.workloads.labels import labels
from components.workloads.machines import Machine
from components.workloads.secrets import Secrets
from components.workloads.vllm_layout import Layout

PORT = 8000
HEALTH_PATH = "/health"
SHARED_MEMORY_GIB_PER_GPU = 2
"""What the processes of tensor parallelism exchange data through. vLLM's own example gives eight
GPUs 15 GiB ("Using Kubernetes" of its guide)."""
LEAST_STARTUP_SECONDS = 1200
"""Shortest time that a start is given."""
FETCH_MIB_PER_SECOND = 100
"""Slowest way of weights from Hugging Face through the NAT onto disk and into the GPUs, or from
a gp3 volume (125 MiB/s). What is on disk already survives a restart of the container."""
WARM_UP_SECONDS = 600
"""Compilation, CUDA graphs and profiling after the weights are loaded."""
MACHINE_SECONDS = 900
"""A machine that is started for a copy, and the download of the image."""
DRAIN_SECONDS = 540
"""How long requests in flight may take after the end of a copy is decided."""
GRACE_SECONDS = 600
"""From that decision until the copy is killed. The autoscaler of the nodes must wait as long
for a pod."""

CACHE = "models"
CACHE_PATH = "/models"
TEMPORARY = pods.Folder(name="tmp", path="/tmp", size_gib=8)  # noqa: S108  (a mount point)
_SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict"


@dataclass(frozen=True, kw_only=True)
class Engine(Layout):
    """A copy of a model, and the machines it lies on."""

    machine: Machine
    """One of the machines."""

    @property
    def startup_seconds(self) -> int:
        """Longest start: everything is fetched, loaded and compiled."""
        fetch = ceil(self.model.weights_bytes / 2**20 / FETCH_MIB_PER_SECOND)
        return max(LEAST_STARTUP_SECONDS, fetch + WARM_UP_SECONDS)

    @property
    def rollout_seconds(self) -> int:
        """Longest standstill of a deployment."""
        return MACHINE_SECONDS + self.startup_seconds


def arguments(engine: Engine) -> list[str]:
    """The command line that every process of an engine has in common."""
    fit, model = engine.fit, engine.model
    architecture = model.architecture
    chosen = [
        *(model.repository, "--served-model-name", model.repository),
        *("--host", "0.0.0.0", "--port", str(PORT)),  # noqa: S104  (a pod's own address)
        *("--tensor-parallel-size", str(fit.tensor_parallel)),
        *("--max-model-len", str(engine.args.context_tokens)),
        *("--max-num-seqs", str(max(memory.MAX_SEQUENCES, engine.args.concurrency))),
        *("--max-num-batched-tokens", str(memory.MAX_BATCHED_TOKENS)),
        *("--gpu-memory-utilization", f"{memory.VLLM.usable_share:g}"),
        # Letta calls tools in every step and lets the model choose them.
        "--enable-auto-tool-choice",
        *("--tool-call-parser", architecture.tool_parser),
        *("--shutdown-timeout", str(DRAIN_SECONDS)),
    ]
    if architecture.chat_template:
        chosen += ["--chat-template", architecture.chat_template]
    if gpu_named(fit.machine.gpu).compute_capability < (8, 0):
        # Such GPUs have no bfloat16, which the weights ask for.
        chosen += ["--dtype", "half"]
    return chosen


def template(
    name: str,
    engine: Engine,
    placement: Placement,
    secrets: Secrets,
    *,
    arguments: Sequence[str],
    serves: bool = True,
    variables: Sequence[core.v1.EnvVarArgs] = (),
) -> core.v1.PodTemplateSpecArgs:
    """Pods of the workload `name`. `serves`: whether they answer over HTTP. `variables`: more
    for the environment."""
    shared = pods.Folder(
        name="shm",
        path=pods.SHARED_MEMORY,
        size_gib=SHARED_MEMORY_GIB_PER_GPU * engine.fit.machine.gpus,
        memory=True,
    )
    folders = (shared, TEMPORARY)
    container = core.v1.ContainerArgs(
        name="vllm",
        image=VLLM_IMAGE,
        image_pull_policy="IfNotPresent",
        command=["vllm", "serve"],
        args=list(arguments),
        env=[*pods.environment(_VARIABLES, secrets.environment), *variables],
        resources=engine.machine.resources(),
        security_context=pods.container_security(),
        volume_mounts=[
            core.v1.VolumeMountArgs(name=CACHE, mount_path=CACHE_PATH),
            *pods.mounts(folders),
        ],
    )
    if serves:
        probes = pods.http_probes(HEALTH_PATH, PORT, startup_seconds=engine.startup_seconds)
        container.ports = [
            core.v1.ContainerPortArgs(name="http", container_port=PORT, protocol="TCP")
        ]
        container.startup_probe = probes.startup
        container.readiness_probe = probes.readiness
        container.liveness_probe = probes.liveness
    return core.v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(
            labels=labels(name, "llm-engine"),
            # Moving a copy elsewhere costs what starting one does. Machines go when copies do.
            annotations={_SAFE_TO_EVICT: "false"},
        ),
        spec=pods.spec(
            name,
            containers=[container],
            placement=placement,
            volumes=[*_cache(engine), *pods.volumes(folders)],
            grace_seconds=GRACE_SECONDS,
        ),
    )


def claim_templates(engine: Engine) -> list[core.v1.PersistentVolumeClaimArgs]:
    """A volume for each pod, which stays when the pod goes; none where files may go with it."""
    if not engine.keeps_volumes:
        return []
    return [
        core.v1.PersistentVolumeClaimArgs(
            metadata=meta.v1.ObjectMetaArgs(name=CACHE, labels=_DATA), spec=_claim(engine)
        )
    ]


_DATA: Mapping[str, str] = {DATA_LABEL: "models"}
_VARIABLES: Mapping[str, str] = {
    # All caches of kernels and graphs are below the home directory.
    "HOME": CACHE_PATH,
    "HF_HOME": f"{CACHE_PATH}/huggingface",
    # The pod's user is in no list of users, where PyTorch would look for its name.
    "USER": "vllm",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def _cache(engine: Engine) -> list[core.v1.VolumeArgs]:
    if engine.keeps_volumes:
        return []
    if engine.on_local_disks:
        return pods.volumes([pods.Folder(name=CACHE, path=CACHE_PATH, size_gib=engine.disk_gib)])
    return [
        core.v1.VolumeArgs(
            name=CACHE,
            ephemeral=core.v1.EphemeralVolumeSourceArgs(
                volume_claim_template=core.v1.PersistentVolumeClaimTemplateArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=_DATA), spec=_claim(engine)
                )
            ),
        )
    ]


def _claim(engine: Engine) -> core.v1.PersistentVolumeClaimSpecArgs:
    return core.v1.PersistentVolumeClaimSpecArgs(
        storage_class_name=KINDS["models"].storage_class,
        access_modes=["ReadWriteOnce"],
        resources=core.v1.VolumeResourceRequirementsArgs(
            requests={"storage": f"{engine.disk_gib}Gi"}
        ),
    )
