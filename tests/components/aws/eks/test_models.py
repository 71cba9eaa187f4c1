"""Models on EKS: the machines of each, how many, where, and that servers find them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pulumi
import pytest

from components.args import EmbeddingArgs, LlmArgs
from components.aws import catalog
from components.aws.platform import PLATFORM
from components.aws.site import Site
from components.roles import NodePool
from components.workloads.disks import VLLM_DISK_GIB
from infra.stack import Deployment
from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import Run, run
from tests.components.workloads import strict
from tests.components.workloads.standin import cluster

_INGRESS: dict[str, Any] = {
    "domain": "letta.example.com",
    "hosted_zone": "example.com",
    "control_plane": {"allowed_cidrs": ["203.0.113.0/24"]},
}
_SMALL: dict[str, Any] = {
    "model": "qwen-2.5-7b",
    "instance_type": "g6.xlarge",
    "context_tokens": 16_384,
    "concurrency": 2,
}
_SPREAD: dict[str, Any] = {
    "model": "qwen-2.5-72b",
    "instance_type": "g6.12xlarge",
    "concurrency": 2,
}
_STACKS: dict[str, dict[str, Any]] = {
    "vllm": {"llm": {"hosting": "vllm", "vllm": _SMALL}, "embedding": {"hosting": "gpu"}},
    "nodes": {"llm": {"hosting": "vllm", "vllm": _SPREAD}, "embedding": {"hosting": "cpu"}},
    "ollama": {"llm": {"hosting": "ollama"}, "embedding": {"hosting": "api"}},
}


def _stack(name: str, *, preview: bool = False) -> Run[Deployment]:
    return deployed("large", preview=preview, **{"ingress": _INGRESS, **_STACKS[name]})


class _Machines:
    """A cluster that keeps what it is asked for."""

    def __init__(self) -> None:
        self.workloads = cluster()
        self.pools: dict[str, NodePool] = {}

    def node_group(
        self, name: str, pool: NodePool, opts: pulumi.ResourceOptions
    ) -> pulumi.Resource:
        self.pools[name] = pool
        return pulumi.CustomResource("test:index:NodeGroup", name, opts=opts)


def _pool(role: str, args: EmbeddingArgs | LlmArgs) -> tuple[str, NodePool]:
    """Name and shape of the one pool that a role asks for."""

    def program() -> _Machines:
        machines = _Machines()
        site = cast(Site, SimpleNamespace(kubernetes=machines))
        opts = pulumi.ResourceOptions()
        if isinstance(args, EmbeddingArgs):
            PLATFORM.embedding("letta-test-embed", args, site, opts)
        else:
            PLATFORM.llm("letta-test-llm", args, {}, site, opts)
        return machines

    ((name, pool),) = run(program).result.pools.items()
    assert pool.role == role
    return name, pool


def _vllm(**changes: Any) -> NodePool:  # noqa: ANN401  (fields of the arguments)
    args = LlmArgs.model_validate({"hosting": "vllm", "vllm": {**_SMALL, **changes}})
    return _pool("llm", args)[1]


def _embedding(hosting: str, kind: str, **changes: Any) -> tuple[str, NodePool]:  # noqa: ANN401
    values = {"hosting": hosting, "instance_type": kind, "model": "all-MiniLM-L6-v2", **changes}
    return _pool("embedding", EmbeddingArgs.model_validate(values))


def _ollama() -> NodePool:
    values = {"hosting": "ollama", "ollama": {"instance_type": "g5.4xlarge"}}
    return _pool("llm", LlmArgs.model_validate(values))[1]


@pytest.mark.parametrize("least", [0, 1, 2])
def test_vllm_has_a_machine_for_each_copy_and_none_without_copies(least: int) -> None:
    pool = _vllm(min_replicas=least, max_replicas=4)
    assert (pool.minimum, pool.initial, pool.maximum) == (0, least, 4)
    assert (pool.instance_type, pool.gpus, pool.disk_gib) == ("g6.xlarge", 1, VLLM_DISK_GIB)
    assert not pool.spot


def test_a_copy_across_machines_counts_each_and_keeps_them_close() -> None:
    spread = _vllm(**_SPREAD, max_replicas=3)
    nodes = spread.initial
    assert nodes > 1
    assert spread.maximum == 3 * nodes
    assert spread.close_together
    assert not _vllm().close_together


def test_weights_on_local_disks_need_the_disks_made_ready() -> None:
    assert _vllm(model_cache="local").local_storage
    assert not _vllm(model_cache="volume").local_storage


def test_pods_that_return_to_volumes_have_their_machines_in_one_zone() -> None:
    assert _vllm(model_cache="volume").one_zone
    assert not _vllm(model_cache="local").one_zone
    assert _ollama().one_zone


def test_ollama_has_one_machine_and_never_a_second() -> None:
    pool = _ollama()
    assert (pool.minimum, pool.initial, pool.maximum) == (0, 1, 1)
    assert (pool.instance_type, pool.gpus) == ("g5.4xlarge", 1)


@pytest.mark.parametrize(
    ("hosting", "kind", "disk_gib", "gpus"),
    [("cpu", "c5.2xlarge", 20, 0), ("gpu", "g4dn.xlarge", 50, 1)],
)
def test_embeddings_have_the_machine_of_their_hosting_and_one_to_spare_for_updates(
    hosting: str, kind: str, disk_gib: int, gpus: int
) -> None:
    _, pool = _embedding(hosting, kind, replicas=2)
    assert (pool.minimum, pool.initial, pool.maximum) == (0, 2, 3)
    assert (pool.instance_type, pool.disk_gib, pool.gpus) == (kind, disk_gib, gpus)


def test_another_machine_type_is_another_pool() -> None:
    assert _embedding("cpu", "c5.2xlarge")[0] == "letta-test-embed-c5-2xlarge"
    assert _embedding("gpu", "g4dn.xlarge")[0] == "letta-test-embed-g4dn-xlarge"


def test_a_machine_that_does_not_hold_the_model_is_refused_with_what_helps() -> None:
    with pytest.raises(ValueError, match="more GPU memory"):
        _vllm(model="mixtral-8x22b", context_tokens=65_536, concurrency=64)


# Whole stacks


@pytest.mark.parametrize(
    ("name", "preview"), [("vllm", False), ("nodes", False), ("ollama", False), ("nodes", True)]
)
def test_whole_stacks_with_models_hold_against_the_schemas(name: str, preview: bool) -> None:
    assert strict.problems(_stack(name, preview=preview).resources) == []


def test_a_pod_takes_what_its_node_leaves_but_for_the_agents_of_every_node() -> None:
    deployment = _stack("vllm").one(":Deployment", "letta-test-llm").inputs
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    kind = catalog.instance_type("g6.xlarge")
    asked = container["resources"]["requests"]
    assert int(asked["memory"].removesuffix("Mi")) == int(catalog.node_memory_mib(kind) - 1024)
    assert int(asked["cpu"].removesuffix("m")) == round((catalog.node_vcpus(kind) - 1) * 1000)


@pytest.mark.parametrize(
    ("stack", "variable", "address", "waits"),
    [
        (
            "vllm",
            "VLLM_API_BASE",
            "http://vllm.letta.svc.cluster.local:8000/v1",
            "Deployment letta-test-llm-router",
        ),
        (
            "ollama",
            "OLLAMA_BASE_URL",
            "http://ollama.letta.svc.cluster.local:11434",
            "Deployment letta-test-llm",
        ),
    ],
)
@pytest.mark.parametrize("tier", ["letta-test-api", "letta-test-work"])
def test_servers_know_the_models_address_and_start_once_it_lists_them(
    stack: str, variable: str, address: str, waits: str, tier: str
) -> None:
    server = _stack(stack).one(":Deployment", tier)
    (container,) = server.inputs["spec"]["template"]["spec"]["containers"]
    assert {"name": variable, "value": address} in container["env"]
    assert waits in server.depends_on


def test_servers_do_not_wait_for_a_model_to_be_loaded() -> None:
    server = _stack("vllm").one(":Deployment", "letta-test-api")
    assert "Deployment letta-test-llm" not in server.depends_on


def test_the_stack_says_how_an_agent_is_pointed_at_its_embeddings() -> None:
    outputs = _stack("vllm").result.outputs
    assert outputs["embedding_config"]["embedding_endpoint"] == (
        "http://embeddings.letta.svc.cluster.local:8080/v1"
    )
    assert "embedding_config" not in _stack("ollama").result.outputs
