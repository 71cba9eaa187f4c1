"""Models served by the stack itself: which machine holds which model, and what that asks of
the other roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from components.args import EmbeddingArgs, LlmArgs, OllamaArgs, VllmArgs
from components.letta import providers
from components.models import embeddings, llms, memory
from components.offer import Catalog, Feature
from infra.tiers import EMBEDDING_HANDLE

EMBEDDING_MODELS: Mapping[str, str] = {"cpu": "all-MiniLM-L6-v2", "gpu": "bge-large-en-v1.5"}
"""Hosting -> model served where none is named (requirement C5)."""
MAX_NODES = 4
"""Most machines that one copy of a model spans: past it, another machine type is the way."""


def resolved(
    roles: Mapping[str, Any], offer: Catalog, region: str, problems: list[str]
) -> dict[str, Any]:
    """The roles with models, handles and machines filled in."""
    on_cluster = roles["api"].compute == "kubernetes"
    problems += [
        f"letta:{role}.hosting: {roles[role].hosting} needs a Kubernetes cluster; set letta:api "
        f"and letta:worker to kubernetes (tier large has it), or letta:{role}.hosting to api"
        for role in ("embedding", "llm")
        if roles[role].hosting != "api" and not on_cluster
    ]
    return {
        **roles,
        "embedding": _embedding(roles["embedding"], offer, region, problems),
        "llm": _llm(roles["llm"], offer, region, problems),
    }


def features(embedding: EmbeddingArgs, llm: LlmArgs, offer: Catalog) -> frozenset[Feature]:
    """What a cluster must be able to do for these models, once they are resolved."""
    found: set[Feature] = set()
    if embedding.hosting == "gpu" or llm.hosting != "api":
        found.add("gpu")
    if llm.hosting == "vllm":
        if llm.vllm.min_replicas < llm.vllm.max_replicas:
            found.add("queue_scaling")
        if fit(llm.vllm, (offer.gpu_machine(str(llm.vllm.instance_type)),)).nodes > 1:
            found.add("multi_node")
    return frozenset(found)


def machines(embedding: EmbeddingArgs, llm: LlmArgs, offer: Catalog) -> int:
    """Most machines that these models stand on at a time, once they are resolved."""
    # An update of the embedding server starts the new copy before the old one goes.
    count = 0 if embedding.hosting == "api" else embedding.replicas + 1
    if llm.hosting == "ollama":
        count += 1
    elif llm.hosting == "vllm":
        found = fit(llm.vllm, (offer.gpu_machine(str(llm.vllm.instance_type)),))
        count += llm.vllm.max_replicas * found.nodes
    return count


def fit(args: VllmArgs, machines: Sequence[memory.GpuMachine]) -> memory.Fit:
    """How a model lies on the first of some machines that holds it.

    Raises `ValueError` with what it needs, what the machines have, and what to change.
    """
    return memory.smallest_fit(
        llms.llm(args.model), args.context_tokens, args.concurrency, machines, max_nodes=MAX_NODES
    )


def _embedding(
    args: EmbeddingArgs, offer: Catalog, region: str, problems: list[str]
) -> EmbeddingArgs:
    if args.hosting == "api":
        handle = args.model or EMBEDDING_HANDLE
        if "/" not in handle:
            problems.append(
                f"letta:embedding.model: {handle!r} is no handle provider/model; "
                "with hosting cpu or gpu it is a name of the catalogue"
            )
        elif (name := handle.partition("/")[0]) not in providers.EMBEDDING_HANDLES:
            problems.append(
                f"letta:embedding.model: {name!r} of {handle!r} is no provider of embeddings; "
                f"known: {', '.join(sorted(providers.EMBEDDING_HANDLES))}"
            )
        if args.instance_type:
            problems.append(
                "letta:embedding.instance_type: an external provider needs no machine; "
                "remove it, or set hosting to cpu or gpu"
            )
        return args.model_copy(update={"model": handle})
    name = args.model or EMBEDDING_MODELS[args.hosting]
    if not offer.machines:
        try:
            embeddings.embedding(name)
        except ValueError as error:
            problems.append(f"letta:embedding: {error.args[0]}")
        return args.model_copy(update={"model": name})
    machine = args.instance_type or offer.embedding_machine(args.hosting)
    found = args.model_copy(update={"model": name, "instance_type": machine})
    try:
        model = embeddings.embedding(name)
        _check_architecture(machine, offer)
        if args.hosting == "gpu":
            card = offer.gpu_machine(machine)
            embeddings.check_card(model, card.gpu, card.gpu_memory_gib)
    except ValueError as error:
        problems.append(f"letta:embedding: {error.args[0]}")
        return found
    problems += _offered("embedding", machine, offer, region)
    return found


def _llm(args: LlmArgs, offer: Catalog, region: str, problems: list[str]) -> LlmArgs:
    if args.hosting == "api":
        return args
    if args.hosting in args.providers:
        problems.append(
            f"letta:llm.providers.{args.hosting}: the stack serves it itself; remove the entry, "
            "or set letta:llm.hosting to api"
        )
    try:
        if args.hosting == "vllm":
            served = _vllm(args.vllm, offer, region)
            handle = llms.llm(served.model).vllm_handle
            machine = served.instance_type
            found = args.model_copy(update={"vllm": served})
        else:
            ollama = _ollama(args.ollama, offer)
            handle = llms.llm(ollama.model).ollama_handle
            machine = ollama.instance_type
            found = args.model_copy(update={"ollama": ollama})
    except ValueError as error:
        problems.append(f"letta:llm.{args.hosting}: {error.args[0]}")
        return args
    problems += _offered(f"llm.{args.hosting}", str(machine), offer, region)
    return found.model_copy(update={"model": args.model or handle})


def _vllm(args: VllmArgs, offer: Catalog, region: str) -> VllmArgs:
    model = llms.llm(args.model)
    if args.instance_type:
        _check_architecture(args.instance_type, offer)
    token = args.hugging_face_token or args.hugging_face_token_secret
    if model.gated and not token:
        raise ValueError(
            f"{model.repository} is given only to those who accepted its licence; set "
            "hugging_face_token (pulumi config set --secret --path) or "
            "hugging_face_token_secret"
        )
    if token and not model.gated:
        raise ValueError(
            f"a token of Hugging Face is given, but {model.repository} needs none; remove "
            "hugging_face_token or hugging_face_token_secret, or set model to a gated one"
        )
    named = args.instance_type
    machines = (offer.gpu_machine(named),) if named else offer.gpu_machines(region)
    return args.model_copy(update={"instance_type": fit(args, machines).machine.name})


def _ollama(args: OllamaArgs, offer: Catalog) -> OllamaArgs:
    name = args.instance_type or offer.ollama_machine
    _check_architecture(name, offer)
    machine = offer.gpu_machine(name)
    memory.smallest_fit(
        llms.llm(args.model),
        args.context_tokens,
        args.concurrency,
        (machine,),
        max_nodes=1,
        engine=memory.OLLAMA,
    )
    return args.model_copy(update={"instance_type": machine.name})


def _check_architecture(machine: str, offer: Catalog) -> None:
    architecture = offer.machine_architecture(machine)
    if architecture != "x86_64":
        raise ValueError(
            f"instance_type {machine} is an {architecture} machine, and what serves models is "
            "built for x86_64 alone; choose an x86_64 type, or leave instance_type out"
        )


def _offered(role: str, machine: str, offer: Catalog, region: str) -> list[str]:
    if offer.offered("machine", machine, region):
        return []
    return [
        f"letta:{role}.instance_type: {machine} is not offered in {region}; "
        "choose another type or region"
    ]
