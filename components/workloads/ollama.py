"""Ollama: a small language model on one GPU machine (requirement L4)."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.args import OllamaArgs
from components.models.images import OLLAMA_IMAGE
from components.models.llms import llm
from components.workloads import companions, network_policies, pods
from components.workloads.cluster import Cluster, Placement, address
from components.workloads.labels import labels, metadata, selector
from components.workloads.machines import Machine
from components.workloads.storage import claim

SERVICE = "ollama"
"""Name of the Service: the application writes its address down once."""
PORT = 11434
ADDRESS_VARIABLE = "OLLAMA_BASE_URL"
STARTUP_SECONDS = 120
"""Longest start of the server itself; the model is there before."""
LOAD_MINUTES = 10
"""Longest loading of a model from the volume into the GPU: 70 GiB at gp3's 125 MiB/s."""
GRACE_SECONDS = 120
"""From the decision that the pod ends until it is killed."""
DOWNLOAD_SECONDS = 3600
"""Longest standstill of a deployment: a machine that is started for it, the image, and 40 GiB of
model at 20 MiB/s."""
TIMEOUT = "75m"

_FOLDER = "/models"
_TEMPORARY = pods.Folder(name="tmp", path="/tmp", size_gib=1)  # noqa: S108  (a mount point)
_VOLUME = "models"
_PULL_ADDRESS = "127.0.0.1:11434"
_PULL = """\
set -e
ollama serve &
until ollama list >/dev/null 2>&1; do sleep 1; done
ollama show "$MODEL" >/dev/null 2>&1 || ollama pull "$MODEL"
"""
"""A model that is on the volume already starts without the library being asked."""


class Ollama(pulumi.ComponentResource):
    """One pod, which keeps its models on a volume.

    The pod is ready only when its model is there: whoever asks it for a list of models, as the
    application does when it starts, finds it in the list.
    """

    environment: dict[str, str]
    """How the application finds it: variable -> address."""
    done: pulumi.Resource
    """There once the model can be listed."""

    def __init__(
        self,
        name: str,
        args: OllamaArgs,
        machine: Machine,
        cluster: Cluster,
        placement: Placement,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """The pod starts after `opts.depends_on`.

        Raises `ValueError` if the model is not in the catalogue or has no Ollama tag."""
        model = llm(args.model)
        if model.ollama is None:
            raise ValueError(f"{model.name} has no Ollama tag; the settings refuse it")
        super().__init__(
            "letta:workloads:Ollama",
            name,
            {"model": model.ollama.tag, "gpus": machine.gpus},
            companions.within(cluster, opts, former="letta:workloads:Vllm"),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=cluster.ready)
        account = companions.service_account(self, name, "llm", child)
        access = network_policies.network_policy(
            self,
            name,
            "llm",
            ingress=[network_policies.allow_from(network_policies.pods("server"), PORT)],
            # The model comes from Ollama's library.
            egress=[network_policies.allow_to(network_policies.internet(cluster), 443)],
            opts=child,
        )
        companions.service(
            self, name, "llm", child, instance=name, address=SERVICE, ports={"http": PORT}
        )
        volume = claim(self, name, "models", args.volume_gib, component="llm", opts=child)
        self.done = apps.v1.Deployment(
            name,
            metadata=metadata(name, "llm"),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=1,
                selector=meta.v1.LabelSelectorArgs(match_labels=selector(name)),
                # There is one machine and one volume: the new pod comes after the old one.
                strategy=apps.v1.DeploymentStrategyArgs(type="Recreate"),
                progress_deadline_seconds=DOWNLOAD_SECONDS,
                revision_history_limit=5,
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=labels(name, "llm")),
                    spec=pods.spec(
                        name,
                        init_containers=[_pull(model.ollama.tag)],
                        containers=[_server(args, machine)],
                        placement=placement,
                        volumes=[
                            core.v1.VolumeArgs(
                                name=_VOLUME,
                                persistent_volume_claim=core.v1.PersistentVolumeClaimVolumeSourceArgs(
                                    claim_name=name
                                ),
                            ),
                            *pods.volumes((_TEMPORARY,)),
                        ],
                        grace_seconds=GRACE_SECONDS,
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[account, access, volume],
                    custom_timeouts=pulumi.CustomTimeouts(create=TIMEOUT, update=TIMEOUT),
                ),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        self.environment = {ADDRESS_VARIABLE: address(SERVICE, PORT)}
        self.register_outputs(dict(self.environment))


def _variables(**further: str) -> list[core.v1.EnvVarArgs]:
    return pods.environment(
        {
            "HOME": _FOLDER,
            "OLLAMA_MODELS": f"{_FOLDER}/models",
            # It offers models that run at the maker's.
            "OLLAMA_NO_CLOUD": "1",
            **further,
        }
    )


def _mounts() -> list[core.v1.VolumeMountArgs]:
    return [
        core.v1.VolumeMountArgs(name=_VOLUME, mount_path=_FOLDER),
        *pods.mounts((_TEMPORARY,)),
    ]


def _pull(tag: str) -> core.v1.ContainerArgs:
    """Brings the model onto the volume before the server starts."""
    return core.v1.ContainerArgs(
        name="pull",
        image=OLLAMA_IMAGE,
        image_pull_policy="IfNotPresent",
        command=["/bin/sh", "-c", _PULL],
        env=_variables(MODEL=tag, OLLAMA_HOST=_PULL_ADDRESS),
        resources=pods.resources(
            request_vcpus=1, request_memory_mib=2048, limit_vcpus=4, limit_memory_mib=8192
        ),
        security_context=pods.container_security(),
        volume_mounts=_mounts(),
    )


def _server(args: OllamaArgs, machine: Machine) -> core.v1.ContainerArgs:
    probes = pods.http_probes("/api/version", PORT, startup_seconds=STARTUP_SECONDS)
    return core.v1.ContainerArgs(
        name="ollama",
        image=OLLAMA_IMAGE,
        image_pull_policy="IfNotPresent",
        args=["serve"],
        env=_variables(
            OLLAMA_HOST=f"0.0.0.0:{PORT}",
            OLLAMA_CONTEXT_LENGTH=str(args.context_tokens),
            OLLAMA_NUM_PARALLEL=str(args.concurrency),
            OLLAMA_MAX_LOADED_MODELS="1",
            # Once loaded it stays.
            OLLAMA_KEEP_ALIVE="-1",
            OLLAMA_LOAD_TIMEOUT=f"{LOAD_MINUTES}m",
            # Else the whole attention matrix of a long context is kept in memory.
            OLLAMA_FLASH_ATTENTION="1",
        ),
        ports=[core.v1.ContainerPortArgs(name="http", container_port=PORT, protocol="TCP")],
        resources=machine.resources(),
        security_context=pods.container_security(),
        startup_probe=probes.startup,
        readiness_probe=probes.readiness,
        liveness_probe=probes.liveness,
        volume_mounts=_mounts(),
    )
