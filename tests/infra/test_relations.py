"""Relations between roles: which choices go together."""

from __future__ import annotations

from typing import Any

import pytest

from components.args import NodesArgs
from infra import platforms
from infra.settings import SettingsError, load
from tests.infra.loading import loaded, refused, values
from tests.infra.stack_files import GOOD, LARGE


def test_a_worker_that_is_not_there_may_be_of_any_kind() -> None:
    worker = {"enabled": False, "compute": "instances"}
    assert not loaded({**GOOD, **LARGE, "worker": worker}).worker.enabled
    off = {"compute": "kubernetes", "enabled": False}
    assert not loaded({**GOOD, "worker": off}).worker.enabled


def test_a_worker_fits_what_fargate_offers() -> None:
    worker = {"compute": "fargate", "vcpus": 2, "memory_gib": 2}
    assert "letta:worker: fargate has no copy of 2" in refused({**GOOD, "worker": worker})


def test_nodes_get_the_clouds_name_of_their_size() -> None:
    settings = loaded({**GOOD, **LARGE})
    assert settings.api.instance_type == "m5.2xlarge"
    assert settings.worker.instance_type == "c5.2xlarge"


def test_a_cluster_stands_behind_a_load_balancer() -> None:
    ingress = {**LARGE["ingress"], "kind": "proxy", "nat": "none", "waf": None}
    report = refused({**GOOD, "ingress": ingress, "api": "kubernetes", "worker": "kubernetes"})
    assert "letta:api.compute: kubernetes needs a load balancer before it" in report


def test_a_plain_token_beside_an_encrypted_key_is_found() -> None:
    llm = {
        "hosting": "vllm",
        "vllm": {"model": "llama-3.3-70b", "hugging_face_token": "hf_plain"},
        "providers": {"openai": {"api_key": "sk-kept"}},
    }
    written = {**llm, "providers": {"openai": {"api_key": {"secure": "v1:x"}}}}
    with pytest.raises(SettingsError) as caught:
        load(
            values({**GOOD, **LARGE, "llm": llm}),
            secret_keys=("llm",),
            written={"llm": written},
            clouds=platforms.CLOUDS,
            catalog=platforms.catalog,
        )
    [problem] = caught.value.problems
    assert problem.startswith("letta:llm.vllm.hugging_face_token: stands in the file")
    assert "hf_plain" not in problem


KUBERNETES: dict[str, Any] = {
    "ingress": LARGE["ingress"],
    "api": "kubernetes",
    "worker": "kubernetes",
}
"""What moves any tier's good file to a cluster."""


def network(**change: Any) -> dict[str, Any]:  # noqa: ANN401  (values of a stack file)
    return {**GOOD, **LARGE, "ingress": {**LARGE["ingress"], **change}}


def test_the_network_has_room_for_the_nodes_of_a_cluster() -> None:
    report = refused(network(vpc_cidr="10.0.0.0/22"))
    assert "1 problem" in report
    assert (
        "letta:ingress.vpc_cidr: 10.0.0.0/22 has addresses for 1 of a cluster's machines" in report
    )
    # Ten for the API, six for workers, one for embeddings and one while they are updated.
    assert "up to 6 may stand in one (18 over 3 zones" in report
    assert "a range such as 10.0.0.0/20" in report
    assert loaded(network(vpc_cidr="10.0.0.0/20")).ingress.vpc_cidr == "10.0.0.0/20"
    assert "letta:ingress.vpc_cidr" in refused(network(vpc_cidr="10.0.0.0/21"))
    assert loaded({**GOOD, "ingress": {**GOOD["ingress"], "vpc_cidr": "10.0.0.0/22"}})


def test_machines_of_models_take_addresses_too() -> None:
    def report(llm: object) -> str:
        return refused({**network(vpc_cidr="10.0.0.0/22"), "embedding": "api", "llm": llm})

    assert "(16 over 3 zones" in report("api")
    assert "(17 over 3 zones" in report("ollama")
    assert "(20 over 3 zones" in report({"hosting": "vllm", "vllm": {"max_replicas": 4}})
    spread = {"model": "mixtral-8x22b", "instance_type": "p4d.24xlarge", "max_replicas": 3}
    nodes = loaded({**GOOD, **LARGE, "llm": {"hosting": "vllm", "vllm": spread}})
    assert "multi_node" in nodes.features
    assert "(22 over 3 zones" in report({"hosting": "vllm", "vllm": spread})


def test_where_no_range_has_room_fewer_machines_are_the_way_out() -> None:
    nodes = {"initial": 8, "minimum": 2, "maximum": 1000}
    report = refused({**GOOD, **LARGE, "api": {"nodes": nodes}})
    assert "10.0.0.0/16 has addresses for 123 of a cluster's machines" in report
    assert "a range such as" not in report
    assert "; lower letta:api.nodes.maximum" in report


def test_a_cluster_spans_two_zones_at_least() -> None:
    report = refused(network(zones=1))
    assert "letta:ingress.zones: 1 is below 2" in report
    assert loaded({**GOOD, "ingress": {**GOOD["ingress"], "zones": 1}}).ingress.zones == 1


@pytest.mark.parametrize(
    "cidr", ["10.1.0.0/16", "172.16.0.0/12", "192.168.1.0/24", "100.64.0.0/16", "127.0.0.1/32"]
)
def test_a_control_plane_opens_to_public_ranges_alone(cidr: str) -> None:
    plane = {"allowed_cidrs": ["203.0.113.0/24", cidr]}
    report = refused(network(control_plane=plane))
    assert f"letta:ingress.control_plane.allowed_cidrs.1: '{cidr}': {cidr} is a private" in report
    assert "the public address that your VPN or office calls from" in report


def test_a_control_plane_may_stand_open_as_far_as_settings_go() -> None:
    settings = loaded(network(control_plane={"allowed_cidrs": ["0.0.0.0/0"]}))
    assert settings.ingress.control_plane is not None


@pytest.mark.parametrize(
    ("role", "nodes", "words"),
    [
        ("api", (1, 0, 1), ("api.nodes.minimum: 0 is below 2", "api.nodes.maximum: 1 is below 2")),
        ("api", (2, 1, 4), ("letta:api.nodes.minimum: 1 is below 2",)),
        ("worker", (1, 0, 2), ("letta:worker.nodes.minimum: 0 is below 1",)),
    ],
)
def test_a_tier_keeps_enough_machines_for_its_copies(
    role: str, nodes: tuple[int, int, int], words: tuple[str, ...]
) -> None:
    given = dict(zip(("initial", "minimum", "maximum"), nodes, strict=True))
    report = refused({**GOOD, **LARGE, role: {"nodes": given}})
    assert len(words) == report.count("is below")
    for word in words:
        assert word in report


def test_one_copy_of_the_api_still_has_two_machines() -> None:
    api = {"compute": "kubernetes", "replicas": 1, "min_replicas": 1, "max_replicas": 1}
    nodes = loaded({**GOOD, **KUBERNETES, "api": api}).api.nodes
    assert nodes == NodesArgs(initial=2, minimum=2, maximum=2)


def test_a_tier_that_moves_to_a_cluster_has_the_limits_of_one() -> None:
    settings = loaded({**GOOD, **KUBERNETES})
    for tier in (settings.api, settings.worker):
        assert (tier.task_vcpus, tier.task_memory_mib) == (2, 4096)
    told = loaded({**GOOD, **KUBERNETES, "api": {"compute": "kubernetes", "task_vcpus": 1.5}}).api
    assert (told.task_vcpus, told.task_memory_mib) == (1.5, 4096)
    assert loaded({**GOOD, "api": "instances"}).api.task_memory_mib == 3584


UNUSED: dict[str, tuple[dict[str, Any], str]] = {
    "vLLM beside a provider": (
        {"llm": {"vllm": {"context_tokens": 16_384}}},
        "letta:llm.vllm: given, but hosting is api; set letta:llm.hosting to vllm, or remove it",
    ),
    "vLLM beside Ollama": (
        {"llm": {"hosting": "ollama", "vllm": {}}},
        "letta:llm.vllm: given, but hosting is ollama",
    ),
    "Ollama beside vLLM": (
        {"llm": {"hosting": "vllm", "ollama": {"concurrency": 4}}},
        "letta:llm.ollama: given, but hosting is vllm",
    ),
    "copies of a provider's embeddings": (
        {"embedding": {"hosting": "api", "replicas": 2}},
        "letta:embedding.replicas: given, but hosting is api",
    ),
    "batches of a provider's embeddings": (
        {"embedding": {"hosting": "api", "batch_limit": 32}},
        "letta:embedding.batch_limit: given, but hosting is api",
    ),
    "spot capacity of no worker": (
        {"worker": {"enabled": False, "capacity": "spot"}},
        "letta:worker.capacity: given, but there is no worker tier",
    ),
    "machine of no worker": (
        {"worker": {"enabled": False, "instance_type": "c5.2xlarge"}},
        "letta:worker.instance_type: given, but there is no worker tier",
    ),
}


@pytest.mark.parametrize("case", UNUSED)
def test_a_value_that_nothing_would_read_is_reported(case: str) -> None:
    change, words = UNUSED[case]
    report = refused({**GOOD, **LARGE, **change})
    assert words in report
    assert "1 problem" in report
