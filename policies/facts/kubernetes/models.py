"""Servers of models, told by their images and read by their command lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.letta.providers import HUGGING_FACE_TOKEN
from components.models.images import OLLAMA_IMAGE, TEI_REPOSITORY, VLLM_IMAGE
from components.models.memory import OLLAMA, VLLM
from policies.facts.commands import option, repository
from policies.facts.graph import Graph
from policies.facts.kubernetes.pods import Workload
from policies.facts.model import Container, EmbeddingServer, ModelServer, PodContainer
from policies.facts.resource import Node
from policies.facts.unknown import Undecidable, Unknown, derived

_PULLED_MODEL = "MODEL"
"""Variable that names it (`components/workloads/ollama.py`)."""
_CONCURRENCY = "concurrency"
"""What the component `components/workloads/vllm.py` says of itself."""
_GROUP_SIZE = "$(LWS_GROUP_SIZE)"
"""What the controller puts in place of the number of pods in a group."""


def model_servers(graph: Graph, found: Iterable[Workload]) -> tuple[ModelServer, ...]:
    """The servers of language models; of a group of pods the one that leads it."""
    return tuple(_model_servers(graph, found))


def _model_servers(graph: Graph, found: Iterable[Workload]) -> Iterator[ModelServer]:
    for workload in found:
        if not workload.template.leads:
            continue
        for container in _running(workload, VLLM_IMAGE):
            yield _vllm(workload, container, _stated(graph, workload))
        ollama = tuple(_running(workload, OLLAMA_IMAGE))
        for container in ollama:
            if not container.first:
                yield _ollama(workload, container, _pulled(ollama))


def embedding_servers(found: Iterable[Workload]) -> tuple[EmbeddingServer, ...]:
    """The servers of embedding models; a container of an image that is not known may be one."""
    return tuple(
        EmbeddingServer(
            name=workload.pod.name,
            urn=workload.pod.urn,
            pod=workload.pod,
            image=container.container.image,
            model=_flag(container.container, "--model-id", "MODEL_ID", ""),
            gpus=container.gpus,
        )
        for workload in found
        for container in _known(workload)
        if _runs(container, TEI_REPOSITORY, otherwise=True)
    )


def _running(workload: Workload, image: str) -> Iterator[PodContainer]:
    """The containers of an image, as far as it can be told."""
    for container in _known(workload):
        if _runs(container, image, otherwise=False):
            yield container


def _runs(container: PodContainer, image: str, *, otherwise: bool) -> bool:
    found = derived(repository, container.container.image)
    return otherwise if isinstance(found, Unknown) else found == repository(image)


def _known(workload: Workload) -> tuple[PodContainer, ...]:
    try:
        return tuple(workload.pod.containers)
    except Undecidable:
        return ()


def _stated(graph: Graph, workload: Workload) -> Node | None:
    """The component that says how many requests of full context a copy is meant for."""
    return next(
        (
            ancestor.root
            for ancestor in graph.ancestors(workload.template.resource)
            if ancestor.root.given(_CONCURRENCY)
        ),
        None,
    )


def _vllm(workload: Workload, container: PodContainer, stated: Node | None) -> ModelServer:
    running = container.container
    return ModelServer(
        name=workload.pod.name,
        urn=workload.pod.urn,
        pod=workload.pod,
        engine="vllm",
        model=derived(_served, running.arguments),
        tensor_parallel=_number(workload, running, "--tensor-parallel-size", "1"),
        pipeline_parallel=_number(workload, running, "--pipeline-parallel-size", "1"),
        gpus=container.gpus,
        machines=workload.template.group,
        context_tokens=_number(workload, running, "--max-model-len", "0"),
        # The server admits more requests than that, for most are far from full.
        concurrency=stated.integer(_CONCURRENCY)
        if stated
        else _number(workload, running, "--max-num-seqs", ""),
        memory_share=_share(running),
        token=derived(lambda names: HUGGING_FACE_TOKEN in names, running.references),
    )


def _served(arguments: tuple[str, ...]) -> str:
    """`vllm serve MODEL …`, or `--model MODEL`."""
    words = list(arguments)
    if "serve" in words:
        following = words[words.index("serve") + 1 :]
        if following and not following[0].startswith("-"):
            return following[0]
    return option(words, "--model") or ""


def _pulled(containers: Iterable[PodContainer]) -> str:
    """The model that is fetched before the server starts."""
    return derived(
        lambda *environments: next(
            (variables[_PULLED_MODEL] for variables in environments if _PULLED_MODEL in variables),
            "",
        ),
        *(container.container.environment for container in containers),
    )


def _ollama(workload: Workload, container: PodContainer, model: str) -> ModelServer:
    running = container.container
    return ModelServer(
        name=workload.pod.name,
        urn=workload.pod.urn,
        pod=workload.pod,
        engine="ollama",
        model=model,
        tensor_parallel=container.gpus,
        pipeline_parallel=1,
        gpus=container.gpus,
        machines=workload.template.group,
        context_tokens=_whole(
            running, "OLLAMA_CONTEXT_LENGTH", _variable(running, "OLLAMA_CONTEXT_LENGTH", "")
        ),
        concurrency=_whole(
            running, "OLLAMA_NUM_PARALLEL", _variable(running, "OLLAMA_NUM_PARALLEL", "1")
        ),
        memory_share=OLLAMA.usable_share,
        token=False,
    )


def _share(running: Container) -> float:
    text = _flag(running, "--gpu-memory-utilization", "", str(VLLM.usable_share))
    return derived(lambda known: _float(running, known), text)


def _float(running: Container, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return _senseless(  # type: ignore[no-any-return]
            running, "--gpu-memory-utilization", text
        )


def _number(workload: Workload, running: Container, flag: str, default: str) -> int:
    return derived(
        lambda text: (
            workload.template.group if text == _GROUP_SIZE else _whole(running, flag, text)
        ),
        _flag(running, flag, "", default),
    )


def _whole(running: Container, what: str, text: str) -> int:
    return derived(
        lambda known: int(known) if known.isdecimal() else _senseless(running, what, known), text
    )


def _flag(running: Container, flag: str, variable: str, default: str) -> str:
    """An option of the command line, or the variable that stands for it."""
    return derived(
        lambda words: str(option(words, flag) or _variable(running, variable, default)),
        running.arguments,
    )


def _variable(running: Container, name: str, default: str) -> str:
    environment: Mapping[str, str] = running.environment
    return derived(lambda variables: str(variables.get(name, default)), environment)


def _senseless(running: Container, what: str, text: str) -> Any:  # noqa: ANN401
    return Unknown(
        running.name,
        running.urn,
        f"{what} of container {running.container} in `{running.name}` is "
        f"{text or 'not given'}; give it as a number",
    )
