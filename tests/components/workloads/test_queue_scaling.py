"""Scaling on the engines' own queue: from zero if asked, between bounds, slowly."""

from __future__ import annotations

from typing import Any

import pytest

from components.models.llms import LLMS
from components.workloads.charts import PROMETHEUS
from tests.components.workloads.served import NAME, custom_problems, peers, vllm

MODEL = LLMS["qwen-2.5-7b"].repository
METRICS = f"{NAME}-metrics"
SPREAD = {"model": "llama-3.3-70b", "instance_type": "g6.12xlarge"}


def _spec(**changes: Any) -> dict[str, Any]:  # noqa: ANN401  (fields of the arguments)
    found: dict[str, Any] = vllm(**changes).one(":ScaledObject").inputs["spec"]
    return found


def _triggers(**changes: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    return {each["name"]: each for each in _spec(**changes)["triggers"]}


def _values() -> dict[str, Any]:
    found: dict[str, Any] = vllm().one(":Release").inputs["values"]
    return found


@pytest.mark.parametrize("changes", [{}, {"min_replicas": 0}, SPREAD])
def test_it_holds_against_the_published_definition(changes: dict[str, Any]) -> None:
    assert custom_problems(vllm(**changes).one(":ScaledObject")) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({}, "Deployment"), ({"model_cache": "volume"}, "StatefulSet"), (SPREAD, "LeaderWorkerSet")],
)
def test_it_moves_what_the_engines_are(changes: dict[str, Any], kind: str) -> None:
    target = _spec(**changes)["scaleTargetRef"]
    (moved,) = [
        each
        for each in vllm(**changes).resources
        if each.inputs.get("kind") == kind and each.name == NAME
    ]
    assert target == {
        "apiVersion": moved.inputs["apiVersion"],
        "kind": kind,
        "name": moved.inputs["metadata"]["name"],
    }
    assert moved.ignore_changes == ("spec.replicas",)


def test_copies_stay_between_the_bounds() -> None:
    spec = _spec(min_replicas=2, max_replicas=9)
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (2, 9)


def test_requests_that_wait_ask_for_copies() -> None:
    trigger = _triggers(waiting_per_replica=7)["waiting"]
    assert trigger["metadata"]["threshold"] == "7"
    assert trigger["metricType"] == "AverageValue"
    # The router has a series of another meaning for each engine; only the engines name a model.
    assert f'vllm:num_requests_waiting{{model_name="{MODEL}"}}' in trigger["metadata"]["query"]
    assert trigger["metadata"]["query"].endswith("or vector(0)")


def test_a_copy_stays_while_the_others_could_not_hold_its_requests() -> None:
    trigger = _triggers()["memory"]
    assert "vllm:kv_cache_usage_perc" in trigger["metadata"]["query"]
    assert 0.5 < float(trigger["metadata"]["threshold"]) < 1


def test_a_request_wakes_the_first_copy_and_one_alone() -> None:
    assert "requests" not in _triggers(min_replicas=1)
    trigger = _triggers(min_replicas=0)["requests"]["metadata"]
    # Counted by the router, engine or not.
    assert 'haproxy_backend_http_requests_total{proxy="engines"}' in trigger["query"]
    assert trigger["query"].startswith("clamp_max(")
    assert (trigger["threshold"], trigger["activationThreshold"]) == ("1", "0")


def test_the_router_counts_under_the_name_that_wakes() -> None:
    config = vllm().one(":ConfigMap").inputs["data"]["haproxy.cfg"]
    assert "\nbackend engines\n" in config
    assert "default_backend engines" in config


def test_a_copy_that_was_dear_to_start_is_not_given_up_at_once() -> None:
    spec = _spec(min_replicas=0)
    assert spec["cooldownPeriod"] >= 900
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    assert down["stabilizationWindowSeconds"] >= 900
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 300}]


@pytest.mark.parametrize(("least", "kept"), [(0, 1), (1, 1), (3, 3)])
def test_blindness_takes_no_copy_away_and_leaves_at_least_one(least: int, kept: int) -> None:
    spec = _spec(min_replicas=least, max_replicas=4)
    assert spec["fallback"]["replicas"] == kept
    assert spec["fallback"]["behavior"] == "currentReplicasIfHigher"
    assert {trigger["metadata"]["ignoreNullValues"] for trigger in spec["triggers"]} == {"false"}


def test_it_asks_the_one_prometheus_under_the_name_that_its_chart_gives_it() -> None:
    release = vllm().one(":Release").inputs
    assert (release["name"], release["namespace"]) == (PROMETHEUS.name, "letta")
    host = f"{release['name']}-{_values()['server']['name']}.letta.svc.cluster.local"
    addresses = {each["metadata"]["serverAddress"] for each in _spec()["triggers"]}
    assert addresses == {f"http://{host}:80"}


def test_prometheus_reads_engines_and_routers_and_nothing_that_needs_rights() -> None:
    values = _values()
    on = {
        job: job_set
        for job, job_set in values["scrapeConfigs"].items()
        if job_set.get("enabled", True)
    }
    sources = {job: each["dns_sd_configs"][0] for job, each in on.items()}
    assert {(each["names"][0], each["port"]) for each in sources.values()} == {
        ("vllm-engines.letta.svc.cluster.local", 8000),
        ("vllm-routers.letta.svc.cluster.local", 8404),
    }
    assert values["rbac"] == {"create": False}
    assert values["serviceAccounts"]["server"]["automountServiceAccountToken"] is False
    for chart in (
        "alertmanager",
        "kube-state-metrics",
        "prometheus-node-exporter",
        "prometheus-pushgateway",
    ):
        assert values[chart] == {"enabled": False}


def test_a_request_is_remembered_over_many_readings() -> None:
    interval = int(_values()["server"]["global"]["scrape_interval"].removesuffix("s"))
    assert "[5m]" in _triggers(min_replicas=0)["requests"]["metadata"]["query"]
    assert 4 * interval < 5 * 60


def test_the_pods_of_prometheus_are_not_taken_for_the_applications_servers() -> None:
    assert _values()["server"]["name"] != "server"


def test_prometheus_keeps_a_day_on_a_plain_volume() -> None:
    claim = vllm().one(":PersistentVolumeClaim", METRICS).inputs
    assert claim["metadata"]["labels"]["letta.cloud/data"] == "logs"
    assert claim["spec"]["storageClassName"] == "standard"
    server = _values()["server"]
    assert server["persistentVolume"] == {
        "enabled": True,
        "existingClaim": claim["metadata"]["name"],
    }
    kept_gb = int(server["retentionSize"].removesuffix("GB"))
    assert kept_gb < int(claim["spec"]["resources"]["requests"]["storage"].removesuffix("Gi"))


def test_only_keda_asks_prometheus() -> None:
    spec = vllm().one(":NetworkPolicy", METRICS).inputs["spec"]
    assert spec["podSelector"]["matchLabels"] == {"app.kubernetes.io/instance": PROMETHEUS.name}
    ((keda, ports),) = peers(spec["ingress"], "from")
    assert ports == [9090]
    assert keda[0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "keda"}
    assert sorted(ports[0] for _, ports in peers(spec["egress"], "to")) == [8000, 8404]


def test_it_is_asked_for_once_everything_it_needs_is_there() -> None:
    waits = vllm().one(":ScaledObject").depends_on
    assert {f"Deployment {NAME}", f"Deployment {NAME}-router", f"Release {METRICS}"} <= waits
