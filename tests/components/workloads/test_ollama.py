"""Ollama on a cluster: one pod on one machine, with its model on a volume before it is ready."""

from __future__ import annotations

import pytest

from components.models.images import OLLAMA_IMAGE
from components.models.llms import LLMS
from tests.components.workloads import strict
from tests.components.workloads.served import (
    NAME,
    NODES,
    container,
    mounted,
    ollama,
    peers,
    pod,
    variables,
    vllm,
)


def test_every_object_holds_against_the_schemas_of_the_oldest_version() -> None:
    kinds = {each.inputs["kind"] for each in strict.objects(ollama().resources)}
    assert {"Deployment", "Service", "ServiceAccount", "PersistentVolumeClaim"} <= kinds
    assert strict.problems(ollama().resources) == []


def test_the_application_finds_it_under_an_address_that_never_changes() -> None:
    assert ollama().result.environment == {
        "OLLAMA_BASE_URL": "http://ollama.letta.svc.cluster.local:11434"
    }
    service = ollama().one(":Service").inputs
    assert service["metadata"]["name"] == "ollama"
    labels = ollama().one(":Deployment").inputs["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert variables(container(ollama().one(":Deployment")))["OLLAMA_HOST"] == "0.0.0.0:11434"


def test_the_model_is_pulled_before_the_pod_can_be_ready_and_only_if_it_is_missing() -> None:
    deployment = ollama(model="qwen-2.5-7b").one(":Deployment")
    (pull,) = pod(deployment)["initContainers"]
    assert variables(pull)["MODEL"] == "qwen2.5:7b"
    script = pull["command"][-1]
    assert script.index('ollama show "$MODEL"') < script.index('|| ollama pull "$MODEL"')
    assert pull["image"] == container(deployment)["image"] == OLLAMA_IMAGE
    assert variables(pull)["OLLAMA_MODELS"] == variables(container(deployment))["OLLAMA_MODELS"]
    # The server that pulls is for nobody else.
    assert variables(pull)["OLLAMA_HOST"].startswith("127.0.0.1:")
    assert pull["securityContext"]["readOnlyRootFilesystem"] is True


def test_models_lie_on_a_volume_of_the_size_asked_for() -> None:
    result = ollama(volume_gib=250)
    claim = result.one(":PersistentVolumeClaim").inputs
    assert claim["metadata"]["labels"]["letta.cloud/data"] == "models"
    assert claim["spec"]["storageClassName"] == "fast-ssd"
    assert claim["spec"]["resources"]["requests"]["storage"] == "250Gi"
    deployment = result.one(":Deployment")
    used = [each for each in pod(deployment)["volumes"] if "persistentVolumeClaim" in each]
    assert used[0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert mounted(deployment) == {"/models", "/tmp"}
    assert variables(container(deployment))["OLLAMA_MODELS"].startswith("/models")
    assert variables(container(deployment))["HOME"].startswith("/models")


def test_the_new_pod_comes_after_the_old_one_since_there_is_one_machine_and_one_volume() -> None:
    spec = ollama().one(":Deployment").inputs["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}


def test_the_memory_of_its_gpu_is_used_as_it_was_reckoned() -> None:
    found = variables(container(ollama(context_tokens=16_384, concurrency=3).one(":Deployment")))
    assert found["OLLAMA_CONTEXT_LENGTH"] == "16384"
    assert found["OLLAMA_NUM_PARALLEL"] == "3"
    assert found["OLLAMA_MAX_LOADED_MODELS"] == "1"
    assert found["OLLAMA_KEEP_ALIVE"] == "-1"


def test_it_has_the_machine_with_its_gpu_to_itself() -> None:
    deployment = ollama().one(":Deployment")
    assert container(deployment)["resources"]["limits"]["nvidia.com/gpu"] == "1"
    tolerated = {(each["key"], each["value"]) for each in pod(deployment)["tolerations"]}
    assert tolerated == {("letta.cloud/pool", "llm"), ("nvidia.com/gpu", "present")}
    (pull,) = pod(deployment)["initContainers"]
    assert "nvidia.com/gpu" not in pull["resources"]["limits"]


def test_only_servers_call_it_and_it_calls_only_the_library_of_models() -> None:
    spec = ollama().one(":NetworkPolicy", NAME).inputs["spec"]
    ((callers, ports),) = peers(spec["ingress"], "from")
    assert ports == [11434]
    assert callers[0]["podSelector"]["matchExpressions"][0]["values"] == ["server"]
    assert [ports for _, ports in peers(spec["egress"], "to")] == [[443]]


def test_servers_wait_until_the_model_can_be_listed() -> None:
    deployment = ollama().one(":Deployment")
    assert NODES in deployment.depends_on
    assert "skipAwait" not in str(deployment.inputs["metadata"])
    waits = 60 * int(deployment.timeouts["create"].removesuffix("m"))
    assert waits > deployment.inputs["spec"]["progressDeadlineSeconds"]
    assert ollama().value(ollama().result.done.urn) == deployment.urn


def test_a_stack_may_go_over_to_vllm_and_back_for_their_objects_bear_the_same_names() -> None:
    here = ollama().one("letta:workloads:Ollama")
    there = vllm().one("letta:workloads:Vllm")
    assert here.former_types == (there.type,)
    assert there.former_types == (here.type,)
    named = [
        {
            (each.type, each.inputs["metadata"]["name"]): each.name
            for each in strict.objects(result.resources)
            if each.parent == NAME
        }
        for result in (ollama(), vllm())
    ]
    shared = named[0].keys() & named[1].keys()
    assert len(shared) > 1
    assert all(named[0][each] == named[1][each] for each in shared)


def test_a_model_without_a_tag_is_refused() -> None:
    untagged = next(name for name, model in LLMS.items() if model.ollama is None)
    with pytest.raises(ValueError, match="no Ollama tag"):
        ollama(model=untagged)
