"""Embedding servers on a cluster: the right image, batches as Letta sends them, one address."""

from __future__ import annotations

import json

import pytest

from components.args import EmbeddingArgs
from components.letta.embedding import embedding_config
from components.models.embeddings import EMBEDDINGS, tei_image
from components.workloads.embedding import GRACE_SECONDS, cache_gib
from tests.components.workloads import strict
from tests.components.workloads.served import (
    EMBEDDING,
    NODES,
    T4,
    container,
    embedding,
    mounted,
    option,
    peers,
    pod,
    variables,
)


@pytest.mark.parametrize("hosting", ["cpu", "gpu"])
def test_every_object_holds_against_the_schemas_of_the_oldest_version(hosting: str) -> None:
    found = embedding(hosting).resources
    kinds = {each.inputs["kind"] for each in strict.objects(found)}
    assert {
        "Deployment",
        "Service",
        "ServiceAccount",
        "PodDisruptionBudget",
        "NetworkPolicy",
    } <= kinds
    assert strict.problems(found) == []


@pytest.mark.parametrize(("hosting", "gpu"), [("cpu", None), ("gpu", T4)])
def test_the_image_is_the_one_for_the_card(hosting: str, gpu: str | None) -> None:
    found = container(embedding(hosting).one(":Deployment"))
    assert found["image"] == tei_image(gpu)
    assert option(found["args"], "--dtype") == ("float16" if gpu else "float32")


def test_a_pod_on_a_gpu_asks_for_it_and_bears_the_taints_of_its_node() -> None:
    deployment = embedding("gpu").one(":Deployment")
    resources = container(deployment)["resources"]
    assert resources["limits"]["nvidia.com/gpu"] == resources["requests"]["nvidia.com/gpu"] == "1"
    keys = {each["key"]: each["value"] for each in pod(deployment)["tolerations"]}
    assert keys == {"letta.cloud/pool": "embedding", "nvidia.com/gpu": "present"}
    assert pod(deployment)["nodeSelector"] == {"letta.cloud/pool": "embedding"}


def test_a_pod_on_cpus_uses_all_of_them_and_asks_for_no_gpu() -> None:
    deployment = embedding("cpu").one(":Deployment")
    assert "nvidia.com/gpu" not in container(deployment)["resources"]["limits"]
    assert variables(container(deployment))["RAYON_NUM_THREADS"] == "8"
    assert [each["key"] for each in pod(deployment)["tolerations"]] == ["letta.cloud/pool"]


def test_only_one_pod_fits_a_machine_and_it_leaves_room_for_those_of_the_node() -> None:
    for hosting, cores, memory_mib in (("gpu", 4, 16 * 1024), ("cpu", 8, 16 * 1024)):
        requests = container(embedding(hosting).one(":Deployment"))["resources"]["requests"]
        asked_vcpus = int(requests["cpu"].removesuffix("m")) / 1000
        asked_mib = int(requests["memory"].removesuffix("Mi"))
        assert cores / 2 < asked_vcpus <= cores - 1
        assert memory_mib / 2 < asked_mib <= memory_mib - 2048


def test_a_batch_as_large_as_the_limit_is_neither_refused_nor_cut() -> None:
    arguments = container(embedding("gpu", batch_limit=2048).one(":Deployment"))["args"]
    assert option(arguments, "--max-client-batch-size") == "2048"
    # Each text of a batch counts as a request of its own.
    assert int(option(arguments, "--max-concurrent-requests")) >= 2 * 2048
    assert int(option(arguments, "--payload-limit")) > 2048 * 300 * 4
    assert option(arguments, "--auto-truncate") == "true"


def test_the_address_is_the_same_whatever_the_stack_is_called() -> None:
    result = embedding("gpu")
    assert result.result.endpoint == "http://embeddings.letta.svc.cluster.local:8080/v1"
    service = result.one(":Service").inputs
    assert (service["metadata"]["name"], service["metadata"]["namespace"]) == (
        "embeddings",
        "letta",
    )
    assert [port["port"] for port in service["spec"]["ports"]] == [8080]
    labels = result.one(":Deployment").inputs["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert option(container(result.one(":Deployment"))["args"], "--port") == "8080"


def test_a_deployment_never_leaves_less_than_the_copies_asked_for() -> None:
    spec = embedding("gpu", replicas=3).one(":Deployment").inputs["spec"]
    assert spec["replicas"] == 3
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_a_pod_writes_only_where_it_must_and_has_room_for_the_model() -> None:
    deployment = embedding("gpu").one(":Deployment")
    assert mounted(deployment) == {"/data", "/tmp"}
    assert container(deployment)["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod(deployment)["securityContext"]["runAsNonRoot"] is True
    assert pod(deployment)["automountServiceAccountToken"] is False
    (cache,) = [each for each in pod(deployment)["volumes"] if each["name"] == "models"]
    model = EMBEDDINGS["bge-large-en-v1.5"]
    assert cache_gib(model) * 2**30 > 2 * model.weights_bytes
    assert cache["emptyDir"]["sizeLimit"] == f"{int(cache_gib(model) * 1024)}Mi"
    assert cache_gib(model) < 50 / 2


def test_probes_ask_for_health_and_give_the_download_time() -> None:
    found = container(embedding("gpu").one(":Deployment"))
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert (found[probe]["httpGet"]["path"], found[probe]["httpGet"]["port"]) == (
            "/health",
            8080,
        )
    startup = found["startupProbe"]
    assert startup["failureThreshold"] * startup["periodSeconds"] >= 600
    spec = embedding("gpu").one(":Deployment").inputs["spec"]
    assert spec["progressDeadlineSeconds"] > 600
    assert pod(embedding("gpu").one(":Deployment"))["terminationGracePeriodSeconds"] == (
        GRACE_SECONDS
    )


def test_only_servers_call_it_and_it_calls_only_the_internet_for_its_model() -> None:
    spec = embedding("gpu").one(":NetworkPolicy", EMBEDDING).inputs["spec"]
    ((callers, ports),) = peers(spec["ingress"], "from")
    assert ports == [8080]
    assert callers[0]["podSelector"]["matchExpressions"][0]["values"] == ["server"]
    ((internet, ports),) = peers(spec["egress"], "to")
    assert ports == [443]
    assert "ipBlock" in internet[0]


def test_the_copies_start_once_there_are_machines() -> None:
    assert NODES in embedding("gpu").one(":Deployment").depends_on


def test_a_model_that_is_not_in_the_catalogue_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"bge-large-en-v1\.5"):
        embedding("gpu", model="bge-large")


@pytest.mark.parametrize("name", sorted(EMBEDDINGS))
def test_an_agent_is_given_the_model_as_the_server_knows_it(name: str) -> None:
    config = embedding_config(name, "http://embeddings/v1")
    model = EMBEDDINGS[name]
    assert config["embedding_model"] == model.repository
    assert config["embedding_dim"] == model.dimensions
    assert config["embedding_endpoint"] == "http://embeddings/v1"
    chunk = config["embedding_chunk_size"]
    assert isinstance(chunk, int)
    assert 100 < chunk < model.max_tokens
    assert json.loads(json.dumps(config)) == config


def test_the_batch_limit_is_what_the_application_sends_unless_asked_otherwise() -> None:
    assert EmbeddingArgs().batch_limit == 2048
