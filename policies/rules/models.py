"""Models that the stack serves itself: memory, GPUs, images and addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from components.letta.environment import REDIS_HOST
from components.letta.providers import HUGGING_FACE_TOKEN, PROVIDERS
from components.models import embeddings, llms, memory
from policies.facts.model import (
    Deployment,
    EmbeddingServer,
    Machines,
    ModelServer,
    Server,
    unborne,
)
from policies.rules.rule import Config, Rule, Violation, violation

GPU_TAINT = "nvidia.com/gpu"
"""Key of the taint that keeps other pods off machines with GPUs."""
CLUSTER_DOMAIN = ".svc.cluster.local"


def _llm(server: ModelServer) -> list[llms.Llm]:
    """The catalogue's entry of a server's model, if it has one."""
    return [model for model in llms.LLMS.values() if _called(model, server.engine) == server.model]


def _called(model: llms.Llm, engine: str) -> str:
    if engine == "vllm":
        return model.repository
    return model.ollama.tag if model.ollama else ""


def gpu_memory_holds_model(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for server in deployment.model_servers:
        models = _llm(server)
        if not models:
            yield violation(
                server,
                f"serves {server.model or 'no model that can be told'}, which is not in the "
                "catalogue: nobody can say what memory it needs",
                "choose a model of components/models/llms.py",
            )
        for model in models:
            for machines in server.pod.machines:
                yield from _misfit(server, model, machines)


def _misfit(server: ModelServer, model: llms.Llm, machines: Machines) -> Iterable[Violation]:
    engine = (
        replace(memory.VLLM, usable_share=server.memory_share)
        if server.engine == "vllm"
        else memory.OLLAMA
    )
    machine = memory.GpuMachine(
        name=machines.type,
        gpus=server.tensor_parallel,
        gpu=machines.gpu,
        gpu_memory_gib=machines.gpu_memory_gib,
        memory_gib=machines.memory_gib,
        local_nvme_gib=0,
    )
    try:
        fit = memory.fits(
            model,
            machine,
            nodes=server.pipeline_parallel,
            context_tokens=server.context_tokens or model.architecture.max_context_tokens,
            concurrency=server.concurrency,
            engine=engine,
        )
    except ValueError as error:
        yield violation(server, f"cannot run its model: {error}", "change model or machine")
        return
    match fit:
        case memory.Misfit(reason=reason):
            yield violation(server, reason, "lower context or concurrency, or choose more memory")


def tensor_parallel_equals_gpus(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for server in deployment.model_servers:
        if not server.gpus:
            yield violation(server, "serves a model without a GPU", "limit its container to GPUs")
        elif server.tensor_parallel != server.gpus:
            yield violation(
                server,
                f"splits its model over {server.tensor_parallel} GPUs of a machine, and a pod "
                f"has {server.gpus}",
                "make both the same",
            )
        if server.pipeline_parallel != server.machines:
            yield violation(
                server,
                f"splits its model over {server.pipeline_parallel} machines, and a copy has "
                f"{server.machines}",
                "make both the same",
            )


def gpus_reserved_and_usable(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for machines in deployment.machines:
        if not (machines.pool and machines.gpus):
            continue
        if not any(taint.key == GPU_TAINT for taint in machines.taints):
            yield violation(
                machines,
                "has GPUs and lets any pod in",
                f"taint it {GPU_TAINT}=present:NoSchedule",
            )
        if not machines.gpu_driver:
            yield violation(
                machines, "has GPUs and an image without their driver", "choose the NVIDIA image"
            )
        reaching = [
            plugin
            for plugin in deployment.device_plugins
            if not unborne(machines.taints, plugin.tolerations)
        ]
        if not reaching:
            taints = ", ".join(map(str, machines.taints)) or "no taint"
            yield violation(
                machines,
                f"no device plugin runs there (it bears {taints}): its GPUs are invisible",
                "install the NVIDIA device plugin with these tolerations",
            )


def embedding_image_fits_card(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for server in deployment.embedding_servers:
        for machines in server.pod.machines:
            card = machines.gpu if server.gpus else ""
            yield from _wrong_image(server, card)
            yield from _too_small(server, card, machines)


def _wrong_image(server: EmbeddingServer, card: str) -> Iterable[Violation]:
    where = card or "CPUs"
    try:
        expected = embeddings.tei_image(card or None)
    except ValueError as error:
        yield violation(server, f"cannot run on {where}: {error}", "choose another machine")
        return
    if server.image != expected:
        yield violation(server, f"runs {server.image}, {where} need {expected}", "set its image")


def _too_small(server: EmbeddingServer, card: str, machines: Machines) -> Iterable[Violation]:
    models = [one for one in embeddings.EMBEDDINGS.values() if one.repository == server.model]
    if not models:
        yield violation(
            server,
            f"serves {server.model or 'no model that can be told'}, which is not in the catalogue",
            "choose a model of components/models/embeddings.py",
        )
    for model in models:
        if card:
            try:
                embeddings.check_card(model, card, machines.gpu_memory_gib)
            except ValueError as error:
                yield violation(server, str(error), "choose another machine")


def model_address_in_cluster(deployment: Deployment, _: Config) -> Iterable[Violation]:
    known = {
        (service.host, port) for service in deployment.cluster_services for port in service.ports
    }
    engines = sorted({server.engine for server in deployment.model_servers})
    variables = [PROVIDERS[engine].required["base_url"] for engine in engines]
    for service in deployment.services:
        for server in service.task.servers:
            yield from _unknown_hosts(server, known, variables)
            for variable in variables:
                if not server.environment.get(variable):
                    yield violation(
                        server,
                        f"container {server.container} has no {variable}, so it never finds the "
                        "model that this stack serves",
                        f"set {variable} to the address of its service",
                    )


def _unknown_hosts(
    server: Server, known: set[tuple[str, int]], own: Collection[str]
) -> Iterable[Violation]:
    """`own`: variables that must name a model server of the stack."""
    for variable, value in server.environment.items():
        if not value or (variable not in own and CLUSTER_DOMAIN not in value):
            continue
        if variable == REDIS_HOST:
            # The cache's address is a name alone; its client knows the port.
            if value not in {host for host, _ in known}:
                yield _nobody_answers(server, variable, value)
            continue
        address = urlsplit(value)
        if _place(address) not in known or (variable in own and address.scheme != "http"):
            yield _nobody_answers(server, variable, value)


def _nobody_answers(server: Server, variable: str, value: str) -> Violation:
    return violation(
        server,
        f"{variable} is {value}, where no service of this stack answers",
        "name a service of the stack, with its namespace and port",
    )


def _place(address: SplitResult) -> tuple[str, int]:
    try:
        return address.hostname or "", address.port or 0
    except ValueError:
        return "", 0


def gated_model_has_token(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for server in deployment.model_servers:
        if server.engine != "vllm" or server.token:
            continue
        for model in _llm(server):
            if model.gated:
                yield violation(
                    server,
                    f"{model.repository} is given only to those who accepted its licence, and "
                    f"the server has no {HUGGING_FACE_TOKEN}",
                    "set letta:llm.vllm.hugging_face_token or hugging_face_token_secret",
                )


RULES = (
    Rule(
        name="gpu-memory-holds-model",
        description="GPUs hold the model and what it remembers of all requests at once.",
        severity="high",
        check=gpu_memory_holds_model,
    ),
    Rule(
        name="tensor-parallel-equals-gpus",
        description="A model is split over just the GPUs and the machines that it is given.",
        severity="high",
        check=tensor_parallel_equals_gpus,
    ),
    Rule(
        name="gpus-reserved-and-usable",
        description="Machines with GPUs are kept for them, and bring driver and device plugin.",
        severity="high",
        check=gpus_reserved_and_usable,
    ),
    Rule(
        name="embedding-image-fits-card",
        description="The embedding server's image and model fit the card, or the CPU.",
        severity="high",
        check=embedding_image_fits_card,
    ),
    Rule(
        name="model-address-in-cluster",
        description="Servers find the stack's own models by addresses that exist.",
        severity="high",
        check=model_address_in_cluster,
    ),
    Rule(
        name="gated-model-has-token",
        description="A model that is given to licensees only comes with an access token.",
        severity="high",
        check=gated_model_has_token,
    ),
)
