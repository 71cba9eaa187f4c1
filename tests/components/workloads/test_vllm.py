"""vLLM on a cluster: a command line that fits the machine, weights with room, a start with time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from components.args import VllmArgs
from components.models import memory
from components.models.images import VLLM_IMAGE
from components.models.llms import LLMS
from components.workloads.disks import VLLM_IMAGES_GIB
from components.workloads.vllm_pods import arguments
from tests.components.aws.mock_cloud import Registered, Run
from tests.components.workloads import strict
from tests.components.workloads.served import (
    NAME,
    NODES,
    TOKEN,
    container,
    copies_of,
    custom_problems,
    engine,
    mounted,
    option,
    peers,
    pod,
    variables,
    vllm,
)

LARGE = {"model": "qwen-2.5-72b", "instance_type": "p4d.24xlarge"}
SPREAD = {"model": "llama-3.3-70b", "instance_type": "g6.12xlarge", "concurrency": 2}
"""More than one such machine holds."""


def _engine_of(result: Run[Any]) -> Registered:
    (found,) = [
        each
        for each in result.resources
        if each.name == NAME and each.inputs.get("kind") in {"Deployment", "StatefulSet"}
    ]
    return found


@pytest.mark.parametrize("changes", [{}, LARGE, {"model_cache": "volume"}, SPREAD])
def test_every_object_holds_against_the_schemas_of_the_oldest_version(
    changes: dict[str, Any],
) -> None:
    found = vllm(**changes).resources
    assert {"Deployment", "Service", "NetworkPolicy", "ScaledObject"} <= {
        each.inputs["kind"] for each in strict.objects(found)
    }
    assert strict.problems(found) == []


def test_the_application_asks_for_the_model_by_the_name_in_its_handle() -> None:
    found = container(_engine_of(vllm(**LARGE)))
    repository = LLMS["qwen-2.5-72b"].repository
    assert found["image"] == VLLM_IMAGE
    assert found["command"] == ["vllm", "serve"]
    assert found["args"][0] == repository
    assert option(found["args"], "--served-model-name") == repository
    assert LLMS["qwen-2.5-72b"].vllm_handle == f"vllm/{repository}"


def test_a_copy_takes_all_gpus_of_its_machine_and_splits_the_model_over_them() -> None:
    found = container(_engine_of(vllm(**LARGE)))
    assert option(found["args"], "--tensor-parallel-size") == "8"
    assert found["resources"]["limits"]["nvidia.com/gpu"] == "8"
    tolerated = {(each["key"], each["value"]) for each in pod(_engine_of(vllm()))["tolerations"]}
    assert tolerated == {("letta.cloud/pool", "llm"), ("nvidia.com/gpu", "present")}


def test_the_memory_of_the_gpus_is_used_as_it_was_reckoned() -> None:
    given = container(_engine_of(vllm(context_tokens=8192, concurrency=4)))["args"]
    assert option(given, "--max-model-len") == "8192"
    assert float(option(given, "--gpu-memory-utilization")) == memory.VLLM.usable_share
    assert option(given, "--max-num-batched-tokens") == str(memory.MAX_BATCHED_TOKENS)
    assert int(option(given, "--max-num-seqs")) == memory.MAX_SEQUENCES
    many = engine(
        model="llama-3.1-8b", instance_type="p4d.24xlarge", context_tokens=1024, concurrency=300
    )
    assert int(option(arguments(many), "--max-num-seqs")) == 300


@pytest.mark.parametrize(
    ("model", "parser", "template"),
    [
        ("llama-3.1-8b", "llama3_json", True),
        ("qwen-2.5-7b", "hermes", False),
        ("mistral-7b", "mistral", False),
    ],
)
def test_an_agent_can_call_tools(model: str, parser: str, template: bool) -> None:
    given = arguments(engine(model=model, context_tokens=8192, concurrency=1))
    assert "--enable-auto-tool-choice" in given
    assert option(given, "--tool-call-parser") == parser
    assert ("--chat-template" in given) == template


def test_a_gpu_without_bfloat16_is_told_to_compute_in_half_precision() -> None:
    old = engine(model="llama-3.3-70b-awq", instance_type="g4dn.12xlarge")
    assert old.fit.machine.gpu == "NVIDIA T4"
    assert option(arguments(old), "--dtype") == "half"
    assert "--dtype" not in arguments(engine())


def test_processes_share_memory_that_counts_to_the_containers_own() -> None:
    deployment = _engine_of(vllm(**LARGE))
    (shared,) = [each for each in pod(deployment)["volumes"] if each["name"] == "shm"]
    assert shared["emptyDir"] == {"medium": "Memory", "sizeLimit": f"{16 * 1024}Mi"}
    assert "/dev/shm" in mounted(deployment)
    limit = int(container(deployment)["resources"]["limits"]["memory"].removesuffix("Mi"))
    assert limit > 4 * 16 * 1024


def test_it_tells_nobody_of_its_use_and_writes_only_into_its_cache() -> None:
    deployment = _engine_of(vllm())
    found = variables(container(deployment))
    assert found["VLLM_NO_USAGE_STATS"] == found["DO_NOT_TRACK"] == "1"
    assert found["HOME"] == "/models"
    assert found["HF_HOME"].startswith("/models/")
    assert mounted(deployment) == {"/models", "/tmp", "/dev/shm"}
    assert container(deployment)["securityContext"]["readOnlyRootFilesystem"] is True
    assert pod(deployment)["securityContext"]["runAsNonRoot"] is True
    # The service called vllm would set VLLM_PORT, which the engine reads.
    assert pod(deployment)["enableServiceLinks"] is False


def _cache(resource: Registered) -> dict[str, Any]:
    (found,) = [each for each in pod(resource)["volumes"] if each["name"] == "models"]
    one: dict[str, Any] = found
    return one


def test_weights_lie_on_the_machines_own_disks_where_these_have_room() -> None:
    small = engine()
    assert small.on_local_disks
    assert small.fit.machine.local_nvme_gib >= small.disk_gib + VLLM_IMAGES_GIB
    assert _cache(_engine_of(vllm())) == {
        "name": "models",
        "emptyDir": {"sizeLimit": f"{small.disk_gib * 1024}Mi"},
    }


@pytest.mark.parametrize("short_gib", [0, 1])
def test_weights_lie_on_a_volume_of_the_pods_own_where_the_machine_has_no_room(
    short_gib: int,
) -> None:
    whole = engine()
    disks = whole.disk_gib + VLLM_IMAGES_GIB - short_gib
    narrow = replace(
        whole,
        fit=replace(whole.fit, machine=replace(whole.fit.machine, local_nvme_gib=disks)),
    )
    assert narrow.on_local_disks is (short_gib == 0)
    cache = _cache(_engine_of(copies_of(narrow)))
    if short_gib == 0:
        assert "emptyDir" in cache
        return
    claim = cache["ephemeral"]["volumeClaimTemplate"]
    assert claim["metadata"]["labels"] == {"letta.cloud/data": "models"}
    assert claim["spec"]["storageClassName"] == "fast-ssd"
    assert claim["spec"]["resources"]["requests"]["storage"] == f"{whole.disk_gib}Gi"


def test_weights_on_volumes_outlive_pods_and_go_with_the_stack() -> None:
    result = vllm(model_cache="volume")
    stateful = _engine_of(result)
    assert stateful.inputs["kind"] == "StatefulSet"
    spec = stateful.inputs["spec"]
    (claim,) = spec["volumeClaimTemplates"]
    assert claim["metadata"]["labels"] == {"letta.cloud/data": "models"}
    assert claim["spec"]["storageClassName"] == "fast-ssd"
    disk = engine(model_cache="volume").disk_gib
    assert claim["spec"]["resources"]["requests"]["storage"] == f"{disk}Gi"
    assert spec["persistentVolumeClaimRetentionPolicy"] == {
        "whenScaled": "Retain",
        "whenDeleted": "Delete",
    }
    assert claim["metadata"]["name"] in {
        mount["name"] for mount in container(stateful)["volumeMounts"]
    }
    assert "models" not in {each["name"] for each in pod(stateful)["volumes"]}
    assert spec["serviceName"] == "vllm-engines"


@pytest.mark.parametrize(("changes", "least"), [({}, 1200), (LARGE, 1386 + 600)])
def test_a_start_has_the_time_that_the_weights_take_and_never_less_than_twenty_minutes(
    changes: dict[str, Any], least: int
) -> None:
    deployment = _engine_of(vllm(**changes))
    startup = container(deployment)["startupProbe"]
    seconds = startup["failureThreshold"] * startup["periodSeconds"]
    assert seconds >= least
    assert startup["httpGet"]["path"] == "/health"
    assert deployment.inputs["spec"]["progressDeadlineSeconds"] >= seconds + 600
    waits = int(deployment.timeouts["create"].removesuffix("s"))
    assert waits >= deployment.inputs["spec"]["progressDeadlineSeconds"]


def test_requests_in_flight_end_before_a_copy_is_killed() -> None:
    deployment = _engine_of(vllm())
    drains = int(option(container(deployment)["args"], "--shutdown-timeout"))
    assert 300 < drains < pod(deployment)["terminationGracePeriodSeconds"]


def test_an_update_takes_the_old_copy_away_first_for_there_are_no_gpus_to_spare() -> None:
    strategy = _engine_of(vllm()).inputs["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}


def test_the_autoscaler_of_the_nodes_moves_no_copy() -> None:
    template = _engine_of(vllm()).inputs["spec"]["template"]
    assert template["metadata"]["annotations"] == {
        "cluster-autoscaler.kubernetes.io/safe-to-evict": "false"
    }


def test_a_token_is_fetched_for_gated_models_alone_and_never_written_down() -> None:
    gated = vllm(model="llama-3.1-8b", context_tokens=8192, concurrency=1)
    token = variables(container(_engine_of(gated)))[TOKEN]
    assert token["secretKeyRef"]["key"] == TOKEN
    assert gated.one(":ExternalSecret").inputs["spec"]["data"][0]["secretKey"] == TOKEN
    assert not vllm().all(":ExternalSecret")
    assert TOKEN not in variables(container(_engine_of(vllm())))


def test_only_the_router_and_the_metrics_server_reach_an_engine() -> None:
    spec = vllm().one(":NetworkPolicy", NAME).inputs["spec"]
    router, scraper = peers(spec["ingress"], "from")
    assert router[0][0]["podSelector"]["matchExpressions"][0]["values"] == ["llm"]
    assert scraper[0][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "prometheus"
    assert router[1] == scraper[1] == [8000]
    assert [ports for _, ports in peers(spec["egress"], "to")] == [[443]]


def test_engines_are_found_by_name_once_they_are_ready() -> None:
    service = vllm().one(":Service", f"{NAME}-engines").inputs
    assert service["metadata"]["name"] == "vllm-engines"
    assert service["spec"]["clusterIP"] == "None"
    assert "publishNotReadyAddresses" not in service["spec"]
    labels = _engine_of(vllm()).inputs["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert labels["app.kubernetes.io/component"] == "llm-engine"


def test_copies_start_on_their_machines_and_servers_wait_for_the_router_alone() -> None:
    result = vllm(min_replicas=2, max_replicas=3)
    deployment = _engine_of(result)
    assert deployment.inputs["spec"]["replicas"] == 2
    assert NODES in deployment.depends_on
    router = result.one(":Deployment", f"{NAME}-router")
    assert result.value(result.result.done.urn) == router.urn
    assert f"Deployment {NAME}" not in router.depends_on
    assert NODES not in router.depends_on


def test_the_number_of_copies_is_pulumis_where_nothing_else_moves_it() -> None:
    assert _engine_of(vllm()).ignore_changes == ("spec.replicas",)
    fixed = vllm(min_replicas=2, max_replicas=2)
    assert _engine_of(fixed).ignore_changes == ()
    assert not fixed.all(":ScaledObject")
    assert not fixed.all(":Release")
    assert len(peers(fixed.one(":NetworkPolicy", NAME).inputs["spec"]["ingress"], "from")) == 1


# Across machines


def _group() -> Registered:
    return vllm(**SPREAD).one(":LeaderWorkerSet")


def _templates() -> tuple[dict[str, Any], dict[str, Any]]:
    template = _group().inputs["spec"]["leaderWorkerTemplate"]
    return template["leaderTemplate"], template["workerTemplate"]


def _arguments(template: dict[str, Any]) -> list[str]:
    found: list[str] = template["spec"]["containers"][0]["args"]
    return found


def test_a_copy_across_machines_holds_against_the_published_definition() -> None:
    assert custom_problems(_group()) == []
    assert custom_problems(vllm(**SPREAD, model_cache="volume").one(":LeaderWorkerSet")) == []


def test_a_group_has_a_pod_for_each_machine_and_the_layers_are_split_over_them() -> None:
    nodes = engine(**SPREAD).fit.nodes
    assert nodes > 1
    assert _group().inputs["spec"]["leaderWorkerTemplate"]["size"] == nodes
    for template in _templates():
        given = _arguments(template)
        assert option(given, "--pipeline-parallel-size") == str(nodes)
        assert option(given, "--nnodes") == str(nodes)
        assert option(given, "--tensor-parallel-size") == "4"
        assert option(given, "--node-rank") == "$(LWS_WORKER_INDEX)"
        assert option(given, "--master-addr") == "$(LWS_LEADER_ADDRESS)"


def test_only_the_leader_answers_requests() -> None:
    leader, worker = _templates()
    assert "--headless" not in _arguments(leader)
    assert "--headless" in _arguments(worker)
    probes = {"startupProbe", "readinessProbe", "livenessProbe"}
    for template, asked in ((leader, True), (worker, False)):
        assert (probes <= template["spec"]["containers"][0].keys()) is asked
    selector = vllm(**SPREAD).one(":Service", f"{NAME}-engines").inputs["spec"]["selector"]
    assert selector["leaderworkerset.sigs.k8s.io/worker-index"] == "0"


def test_the_pods_of_a_group_reach_each_other_on_every_port() -> None:
    spec = vllm(**SPREAD).one(":NetworkPolicy", NAME).inputs["spec"]
    for direction, rules in (("from", spec["ingress"]), ("to", spec["egress"])):
        open_ports = [who for who, ports in peers(rules, direction) if ports == [None]]
        (group,) = open_ports
        assert group[0]["podSelector"]["matchExpressions"][0]["values"] == ["llm-engine"]


def test_a_group_that_lost_a_pod_starts_anew_and_an_update_needs_no_machine_more() -> None:
    spec = _group().inputs["spec"]
    assert spec["leaderWorkerTemplate"]["restartPolicy"] == "RecreateGroupAfterStart"
    assert spec["rolloutStrategy"]["rollingUpdateConfiguration"] == {
        "maxSurge": 0,
        "maxUnavailable": 1,
    }


def test_pulumi_waits_for_groups_where_there_are_any_from_the_start() -> None:
    waits = {"pulumi.com/waitFor": "condition=Available"}
    assert _group().inputs["metadata"]["annotations"] == waits
    asleep = vllm(**SPREAD, min_replicas=0).one(":LeaderWorkerSet").inputs["metadata"]
    assert "annotations" not in asleep


def test_volumes_of_a_group_outlive_its_pods() -> None:
    template = (
        vllm(**SPREAD, model_cache="volume")
        .one(":LeaderWorkerSet")
        .inputs["spec"]["leaderWorkerTemplate"]
    )
    assert template["volumeClaimTemplates"][0]["spec"]["storageClassName"] == "fast-ssd"
    assert template["persistentVolumeClaimRetentionPolicy"]["whenScaled"] == "Retain"


def test_the_defaults_are_served_by_one_large_machine() -> None:
    args = VllmArgs()
    found = engine(model=args.model, instance_type="p4de.24xlarge")
    assert found.fit.nodes == 1
