"""The router: a list of models that is always there, and engines behind an address that stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.models.images import ROUTER_IMAGE
from components.models.llms import LLMS
from components.workloads.router import configuration, models
from tests.components.aws.mock_cloud import Registered
from tests.components.workloads.served import NAME, container, option, peers, pod, vllm

ROUTER = f"{NAME}-router"


def _deployment(**changes: Any) -> Registered:  # noqa: ANN401  (fields of the arguments)
    return vllm(**changes).one(":Deployment", ROUTER)


def _lines(section: str, config: str) -> list[str]:
    """Lines of a section of the proxy's configuration."""
    blocks = [block.splitlines() for block in config.split("\n\n")]
    (found,) = [block for block in blocks if block[0] == section]
    return [line.strip() for line in found[1:]]


def test_the_application_finds_it_under_an_address_that_never_changes() -> None:
    assert vllm().result.environment == {
        "VLLM_API_BASE": "http://vllm.letta.svc.cluster.local:8000/v1"
    }
    service = vllm().one(":Service", ROUTER).inputs
    assert service["metadata"]["name"] == "vllm"
    labels = _deployment().inputs["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert labels["app.kubernetes.io/component"] == "llm"


def test_the_model_is_listed_with_its_context_though_no_engine_has_started() -> None:
    listed = json.loads(models(LLMS["llama-3.3-70b"], 32_768))["data"]
    assert [(each["id"], each["max_model_len"]) for each in listed] == [
        ("meta-llama/Llama-3.3-70B-Instruct", 32_768)
    ]
    files = vllm(min_replicas=0, context_tokens=8192).one(":ConfigMap").inputs["data"]
    assert json.loads(files["models.json"])["data"][0]["max_model_len"] == 8192
    front = _lines("frontend models", files["haproxy.cfg"])
    (answer,) = [line for line in front if "/v1/models" in line]
    assert answer.startswith("http-request return status 200 content-type application/json file")
    folder = container(_deployment())["volumeMounts"][0]["mountPath"]
    assert f"file {folder}/models.json " in answer


def test_the_list_names_the_model_as_the_engines_do() -> None:
    files = vllm().one(":ConfigMap").inputs["data"]
    listed = json.loads(files["models.json"])["data"][0]["id"]
    served = container(vllm().one(":Deployment", NAME))["args"]
    assert listed == option(served, "--served-model-name")


def test_requests_go_to_the_least_busy_of_the_engines_that_are_ready() -> None:
    config = vllm(max_replicas=7).one(":ConfigMap").inputs["data"]["haproxy.cfg"]
    back = _lines("backend engines", config)
    assert "balance leastconn" in back
    assert "option httpchk GET /health" in back
    (server,) = [line for line in back if line.startswith("server-template")]
    assert " 7 vllm-engines.letta.svc.cluster.local:8000 check " in server
    # Without engines it starts all the same.
    assert "init-addr none" in server


def test_only_the_models_own_paths_reach_an_engine() -> None:
    front = _lines("frontend models", configuration("vllm-engines", 8000, 1))
    assert "http-request deny deny_status 404 unless { path_beg /v1/ }" in front


def test_silence_is_borne_as_long_as_the_application_may_wait_for_a_model() -> None:
    defaults = _lines("defaults", configuration("vllm-engines", 8000, 1))
    for side in ("client", "server"):
        (line,) = [line for line in defaults if line.startswith(f"timeout {side} ")]
        assert int(line.split()[-1].removesuffix("s")) > 1800
    # A request that an engine has begun is not sent to a second one.
    assert "retry-on conn-failure" in defaults


def test_a_changed_setting_rolls_the_copies_and_the_old_one_stays_until_then() -> None:
    before, after = vllm(context_tokens=8192), vllm(context_tokens=16_384)
    names = [run.one(":ConfigMap").inputs["metadata"]["name"] for run in (before, after)]
    assert names[0] != names[1]
    for run, name in zip((before, after), names, strict=True):
        (volume,) = pod(run.one(":Deployment", ROUTER))["volumes"]
        assert volume["configMap"]["name"] == name
        assert run.one(":ConfigMap").inputs["immutable"] is True
        assert not run.one(":ConfigMap").delete_before_replace


def test_two_copies_run_apart_on_nodes_that_are_always_there() -> None:
    deployment = _deployment()
    spec = deployment.inputs["spec"]
    assert spec["replicas"] == 2
    assert pod(deployment)["nodeSelector"] == {"letta.cloud/pool": "api"}
    assert pod(deployment).get("tolerations", []) == []
    assert {each["topologyKey"] for each in pod(deployment)["topologySpreadConstraints"]} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    budget = vllm().one(":PodDisruptionBudget", ROUTER).inputs["spec"]
    assert budget["maxUnavailable"] == 1
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_it_has_no_rights_in_the_cluster_and_writes_nothing() -> None:
    deployment = _deployment()
    found = container(deployment)
    assert found["image"] == ROUTER_IMAGE
    assert pod(deployment)["automountServiceAccountToken"] is False
    assert found["securityContext"]["readOnlyRootFilesystem"] is True
    assert found["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert [each["readOnly"] for each in found["volumeMounts"]] == [True]
    assert not vllm().all(":Role")


def test_servers_call_it_and_it_calls_engines_and_nobody_else() -> None:
    spec = vllm().one(":NetworkPolicy", ROUTER).inputs["spec"]
    servers, scraper = peers(spec["ingress"], "from")
    assert servers[0][0]["podSelector"]["matchExpressions"][0]["values"] == ["server"]
    assert servers[1] == [8000]
    assert scraper[0][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "prometheus"
    assert scraper[1] == [8404]
    ((engines, ports),) = peers(spec["egress"], "to")
    assert engines[0]["podSelector"]["matchExpressions"][0]["values"] == ["llm-engine"]
    assert ports == [8000]


@pytest.mark.parametrize(("least", "copies"), [(1, True), (2, False)])
def test_the_metrics_of_each_copy_are_found_where_somebody_reads_them(
    least: int, copies: bool
) -> None:
    result = vllm(min_replicas=least, max_replicas=2)
    headless = [each for each in result.all(":Service") if each.name == f"{ROUTER}-copies"]
    assert bool(headless) is copies
    for each in headless:
        assert each.inputs["metadata"]["name"] == "vllm-routers"
        assert each.inputs["spec"]["clusterIP"] == "None"
        assert [port["port"] for port in each.inputs["spec"]["ports"]] == [8404]
    bind = _lines("frontend metrics", configuration("vllm-engines", 8000, 1))
    assert bind[0] == "bind :8404"
