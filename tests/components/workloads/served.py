"""Models that a cluster serves, as the stand-in engine is told of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pulumi

from components.args import EmbeddingArgs, OllamaArgs, VllmArgs
from components.aws.offer import CATALOG
from components.models import memory
from components.models.llms import llm
from components.roles import NodePool
from components.workloads.cluster import placement
from components.workloads.embedding import EmbeddingServer
from components.workloads.machines import Machine
from components.workloads.ollama import Ollama
from components.workloads.vllm import Vllm
from components.workloads.vllm_pods import Engine
from sandbox.kubernetes import schemas
from tests.components.aws.mock_cloud import Registered, Run, run
from tests.components.workloads.standin import cluster, stored

NAME = "letta-test-llm"
EMBEDDING = "letta-test-embed"
NODES = "NodeGroup letta-test-nodes"
T4 = "NVIDIA T4"
TOKEN = "HF_TOKEN"


def vllm(**changes: Any) -> Run[Vllm]:  # noqa: ANN401  (fields of the arguments)
    """vLLM with these arguments."""
    return copies_of(engine(**changes))


@cache
def copies_of(copy: Engine) -> Run[Vllm]:
    """vLLM with copies like this."""

    def program() -> Vllm:
        pool = _pool("llm", copy.fit.machine.name, copy.fit.machine.gpus)
        return Vllm(
            NAME,
            copy,
            {TOKEN: stored(TOKEN)},
            cluster(),
            placement(pool),
            pulumi.ResourceOptions(depends_on=[_nodes()]),
        )

    return run(program)


def engine(**changes: Any) -> Engine:  # noqa: ANN401  (fields of the arguments)
    """A copy of a model: by default one that anybody may load, on one small machine."""
    small = {"model": "qwen-2.5-7b", "instance_type": "g6.xlarge"}
    args = VllmArgs(**{**small, "context_tokens": 16_384, "concurrency": 2, **changes})
    machine = CATALOG.gpu_machine(str(args.instance_type))
    fit = memory.smallest_fit(llm(args.model), args.context_tokens, args.concurrency, (machine,))
    return Engine(
        model=llm(args.model), fit=fit, args=args, machine=_machine(machine.name, machine.gpus)
    )


@cache
def ollama(**changes: Any) -> Run[Ollama]:  # noqa: ANN401  (fields of the arguments)
    """Ollama with these arguments."""

    def program() -> Ollama:
        args = OllamaArgs(**{"instance_type": "g5.4xlarge", **changes})
        return Ollama(
            NAME,
            args,
            _machine("g5.4xlarge", 1),
            cluster(),
            placement(_pool("llm", "g5.4xlarge", 1)),
            pulumi.ResourceOptions(depends_on=[_nodes()]),
        )

    return run(program)


@cache
def embedding(hosting: str = "gpu", **changes: Any) -> Run[EmbeddingServer]:  # noqa: ANN401
    """An embedding server with these arguments."""
    on_gpu = hosting == "gpu"
    kind = "g4dn.xlarge" if on_gpu else "c5.2xlarge"
    model = "bge-large-en-v1.5" if on_gpu else "all-MiniLM-L6-v2"

    def program() -> EmbeddingServer:
        return EmbeddingServer(
            EMBEDDING,
            EmbeddingArgs(**{"hosting": hosting, "model": model, "instance_type": kind, **changes}),
            _machine(kind, 1 if on_gpu else 0),
            T4 if on_gpu else None,
            cluster(),
            placement(_pool("embedding", kind, 1 if on_gpu else 0)),
            pulumi.ResourceOptions(depends_on=[_nodes()]),
        )

    return run(program)


def pod(resource: Registered) -> dict[str, Any]:
    """The pod template's specification of a workload."""
    found: dict[str, Any] = resource.inputs["spec"]["template"]["spec"]
    return found


def container(resource: Registered) -> dict[str, Any]:
    """The one container of a workload's pods."""
    (found,) = pod(resource)["containers"]
    one: dict[str, Any] = found
    return one


def variables(container: dict[str, Any]) -> dict[str, Any]:
    """Environment of a container: values, and references."""
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


def option(arguments: list[str], name: str) -> str:
    """Value of an option of a command line."""
    return arguments[arguments.index(name) + 1]


def mounted(resource: Registered) -> set[str]:
    """Paths that a workload's container can write or read files at."""
    return {each["mountPath"] for each in container(resource)["volumeMounts"]}


def peers(rules: list[dict[str, Any]], direction: str) -> list[tuple[Any, Any]]:
    """Who and which ports each rule of a network policy names; no port stands for all."""
    return [(rule[direction], [port.get("port") for port in rule["ports"]]) for rule in rules]


def custom_problems(resource: Registered) -> list[str]:
    """What the published definition of a custom resource finds wrong with an object."""
    schema = schemas.of_kind(resource.inputs["apiVersion"], resource.inputs["kind"])
    assert schema is not None
    assert schema.custom
    return [
        f"{list(error.absolute_path)}: {error.message}"
        for validator in schema.validators.values()
        for error in validator.iter_errors(resource.inputs)
    ]


def _pool(role: str, kind: str, gpus: int) -> NodePool:
    return NodePool(
        role=role,
        instance_type=kind,
        initial=1,
        minimum=1,
        maximum=1,
        disk_gib=100,
        gpus=gpus,
    )


def _machine(kind: str, gpus: int) -> Machine:
    cores, memory_gib = CATALOG.machine_size(kind)
    return Machine(cores=cores, vcpus=cores - 0.1, memory_mib=memory_gib * 1024 * 0.9, gpus=gpus)


def _nodes() -> pulumi.Resource:
    return pulumi.CustomResource("test:index:NodeGroup", "letta-test-nodes")
