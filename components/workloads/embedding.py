"""Embedding server: text-embeddings-inference on machines of its own (requirement C5)."""

from __future__ import annotations

import pulumi
from pulumi_kubernetes import apps, core, meta

from components.args import EmbeddingArgs
from components.models.embeddings import EmbeddingModel, embedding, tei_image
from components.workloads import companions, network_policies, pods
from components.workloads.cluster import Cluster, Placement, address
from components.workloads.labels import labels, metadata, selector
from components.workloads.machines import Machine

SERVICE = "embeddings"
"""Name of the Service: agents keep its address for life, so it is the same in every stack."""
PORT = 8080
BATCH_TOKENS = 16_384
"""Tokens of one pass through the model: the server's own default, on which the memory of
`components/models/embeddings.py` rests."""
QUEUED_BATCHES = 8
"""Whole batches that may wait at once. The server counts each text of a batch as a request of its
own and refuses what is beyond its limit (`router/src/http/server.rs` of 1.9.3); its default of
512 would refuse any larger batch."""
TEXT_BYTES = 8192
"""Most bytes of a text of a batch on average: 2048 tokens of four letters. The server's default
of 2 MB for a request is less than a batch of 2048 pieces of a file."""
DOWNLOAD_SECONDS = 600
"""Longest start: download and loading of 3 GiB at 10 MiB/s, and warming up."""
GRACE_SECONDS = 60
"""From the decision that a copy ends until it is killed; a full batch takes seconds."""
ROLLOUT_SECONDS = 1800
"""Longest standstill of a deployment: a machine that is started for it, the image, the model."""
TIMEOUT = "45m"

_CACHE_PATH = "/data"
_TEMPORARY = pods.Folder(name="tmp", path="/tmp", size_gib=1)  # noqa: S108  (a mount point)


class EmbeddingServer(pulumi.ComponentResource):
    """A Deployment with its service, disruption budget and network policy.

    Each copy has a machine to itself. A copy loads the model anew when it starts: a few GiB at
    most, so a volume that ties it to a zone is not worth its trouble. A deployment starts the
    new copy on one machine more before it stops the old one.
    """

    endpoint: str
    """Address of the OpenAI-compatible API inside the cluster, `http://…/v1`."""

    def __init__(
        self,
        name: str,
        args: EmbeddingArgs,
        machine: Machine,
        gpu: str | None,
        cluster: Cluster,
        placement: Placement,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`gpu`: name of the machine's GPU, if it has one. The copies start after
        `opts.depends_on`.

        Raises `ValueError` if the model is not in the catalogue or no image fits the GPU."""
        model = embedding(str(args.model))
        super().__init__(
            "letta:workloads:EmbeddingServer",
            name,
            {"model": model.repository, "gpu": gpu, "replicas": args.replicas},
            companions.within(cluster, opts),
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=cluster.ready)
        account = companions.service_account(
            self, name, "embedding", child, namespace=cluster.namespace
        )
        access = network_policies.network_policy(
            self,
            name,
            "embedding",
            ingress=[network_policies.allow_from(network_policies.pods("server"), PORT)],
            # The model comes from Hugging Face.
            egress=[network_policies.allow_to(network_policies.internet(cluster), 443)],
            namespace=cluster.namespace,
            opts=child,
        )
        companions.service(
            self,
            name,
            "embedding",
            child,
            instance=name,
            address=SERVICE,
            ports={"http": PORT},
            namespace=cluster.namespace,
        )
        companions.disruption_budget(self, name, "embedding", child, namespace=cluster.namespace)
        cache = pods.Folder(name="models", path=_CACHE_PATH, size_gib=cache_gib(model))
        apps.v1.Deployment(
            name,
            metadata=metadata(name, "embedding", namespace=cluster.namespace),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=args.replicas,
                selector=meta.v1.LabelSelectorArgs(match_labels=selector(name)),
                strategy=apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.v1.RollingUpdateDeploymentArgs(
                        max_surge=1, max_unavailable=0
                    ),
                ),
                progress_deadline_seconds=ROLLOUT_SECONDS,
                revision_history_limit=5,
                template=core.v1.PodTemplateSpecArgs(
                    metadata=meta.v1.ObjectMetaArgs(labels=labels(name, "embedding")),
                    spec=pods.spec(
                        name,
                        containers=[_container(args, model, machine, gpu, (cache, _TEMPORARY))],
                        placement=placement,
                        volumes=pods.volumes((cache, _TEMPORARY)),
                        grace_seconds=GRACE_SECONDS,
                        spread=True,
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions(
                    parent=self,
                    depends_on=[account, access],
                    custom_timeouts=pulumi.CustomTimeouts(create=TIMEOUT, update=TIMEOUT),
                ),
                pulumi.ResourceOptions(depends_on=opts.depends_on),
            ),
        )
        self.endpoint = f"{address(SERVICE, PORT, cluster.namespace)}/v1"
        self.register_outputs({"endpoint": self.endpoint})


def cache_gib(model: EmbeddingModel) -> float:
    """Room for a model's files, GiB: the repositories hold the weights in several formats, of
    which the server may try three."""
    return 3 * model.weights_bytes / 2**30 + 1


def _container(
    args: EmbeddingArgs,
    model: EmbeddingModel,
    machine: Machine,
    gpu: str | None,
    folders: tuple[pods.Folder, ...],
) -> core.v1.ContainerArgs:
    probes = pods.http_probes("/health", PORT, startup_seconds=DOWNLOAD_SECONDS)
    variables = {"HOME": _CACHE_PATH, "HUGGINGFACE_HUB_CACHE": _CACHE_PATH}
    if gpu is None:
        # The image assumes eight.
        variables["RAYON_NUM_THREADS"] = str(machine.cores)
    return core.v1.ContainerArgs(
        name="embedding",
        image=tei_image(gpu),
        image_pull_policy="IfNotPresent",
        args=[
            *("--model-id", model.repository),
            *("--port", str(PORT)),
            *("--dtype", "float16" if gpu else "float32"),
            *("--max-client-batch-size", str(args.batch_limit)),
            *("--max-concurrent-requests", str(args.batch_limit * QUEUED_BATCHES)),
            *("--max-batch-tokens", str(BATCH_TOKENS)),
            *("--payload-limit", str(args.batch_limit * TEXT_BYTES)),
            *("--auto-truncate", "true"),
            "--json-output",
        ],
        env=pods.environment(variables),
        ports=[core.v1.ContainerPortArgs(name="http", container_port=PORT, protocol="TCP")],
        resources=machine.resources(),
        security_context=pods.container_security(),
        startup_probe=probes.startup,
        readiness_probe=probes.readiness,
        liveness_probe=probes.liveness,
        volume_mounts=pods.mounts(folders),
    )
