"""What a cluster's workloads share: charts, namespaces, storage, and the schema check itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes import Provider, core

from components.workloads import charts, pods, storage
from components.workloads import data as kinds
from components.workloads.charts import CHARTS, Chart
from components.workloads.cluster import tier_pool
from components.workloads.helm import release
from components.workloads.namespaces import namespace
from components.workloads.network_policies import allow_from, network_policy, pods_elsewhere
from tests.components.aws.mock_cloud import Registered, Run, run
from tests.components.workloads import strict
from tests.components.workloads.standin import tier


def _on(make: Callable[[pulumi.Resource], Any]) -> Run[Any]:
    """Run `make` with a parent that has a cluster's provider."""

    def program() -> Any:  # noqa: ANN401  (whatever is made)
        provider = Provider("letta-test-cluster", kubeconfig="{}")
        opts = pulumi.ResourceOptions(providers=[provider])
        return make(pulumi.ComponentResource("letta:test:Parent", "parent", None, opts))

    return run(program)


def _release(chart: Chart) -> Registered:
    result = _on(lambda parent: release(parent, "one", chart, {"a": {"b": 1}}, namespace="there"))
    return result.one(":Release")


@pytest.mark.parametrize("chart", CHARTS.values(), ids=lambda chart: chart.name)
def test_every_chart_is_pinned_to_one_version_of_a_named_source(chart: Chart) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", chart.version)
    assert re.match(r"(https|oci)://[a-z0-9.-]+/?", chart.repository)
    for kind in chart.kinds:
        assert re.fullmatch(r"[a-z0-9.-]+\.[a-z0-9]+/v\w+/[A-Z]\w+", kind)


def test_a_chart_of_a_repository_and_one_of_a_registry_are_told_apart() -> None:
    inputs = _release(charts.KEDA).inputs
    assert inputs["chart"] == "keda"
    assert inputs["repositoryOpts"] == {"repo": "https://kedacore.github.io/charts"}
    inputs = _release(charts.LEADER_WORKER_SET).inputs
    assert inputs["chart"] == "oci://registry.k8s.io/lws/charts/lws"
    assert "repositoryOpts" not in inputs


def test_a_release_is_awaited_and_taken_back_whole_when_it_fails() -> None:
    found = _release(charts.KEDA)
    inputs = found.inputs
    assert (inputs["atomic"], inputs["cleanupOnFail"], inputs["waitForJobs"]) == (True, True, True)
    assert "skipAwait" not in inputs
    assert inputs["timeout"] > 0
    assert inputs["version"] == charts.KEDA.version
    assert inputs["values"] == {"a": {"b": 1}}
    assert found.provider == "letta-test-cluster"


def test_a_release_bears_the_charts_name_in_a_namespace_that_is_not_helms() -> None:
    """Its services' addresses are known in advance, and nothing of it is left behind."""
    found = _release(charts.PROMETHEUS)
    assert (found.inputs["name"], found.inputs["namespace"]) == ("prometheus", "there")
    assert found.inputs["createNamespace"] is False
    assert found.delete_before_replace


def test_a_namespace_says_what_its_pods_may_do_and_what_controllers_look_for() -> None:
    result = _on(
        lambda parent: namespace(
            parent, "one", "there", level="baseline", extra_labels={"wanted/by": "somebody"}
        )
    )
    metadata = result.one(":Namespace").inputs["metadata"]
    assert metadata["name"] == "there"
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"
    assert metadata["labels"]["wanted/by"] == "somebody"
    assert strict.problems(result.resources) == []


def test_pods_of_another_namespace_are_let_in_by_both_names() -> None:
    """Two entries instead of one would let in every pod of the namespace, or of every other."""
    peers = pods_elsewhere("monitoring", {"app": "scraper"})
    result = _on(
        lambda parent: network_policy(parent, "one", "llm", ingress=[allow_from(peers, 80)])
    )
    (rule,) = result.one(":NetworkPolicy").inputs["spec"]["ingress"]
    (peer,) = rule["from"]
    assert peer["namespaceSelector"] == {
        "matchLabels": {"kubernetes.io/metadata.name": "monitoring"}
    }
    assert peer["podSelector"] == {"matchLabels": {"app": "scraper"}}


def _classes() -> Run[Any]:
    table = {
        name: storage.StorageClass(provisioner="csi.example.com", parameters={"encrypted": "true"})
        for name in (kinds.FAST_SSD, kinds.EXTREME_IOPS, kinds.STANDARD, kinds.LOCAL)
    }
    return _on(lambda parent: storage.storage_classes(parent, "letta-test", table))


def test_storage_has_neutral_names_and_appears_where_its_pod_is() -> None:
    result = _classes()
    made = {each.inputs["metadata"]["name"]: each for each in result.all(":StorageClass")}
    assert set(made) == {"fast-ssd", "extreme-iops", "standard", "local-ephemeral"}
    for each in made.values():
        assert each.inputs["volumeBindingMode"] == "WaitForFirstConsumer"
        assert each.inputs["allowVolumeExpansion"] is True
        assert each.inputs["reclaimPolicy"] == "Delete"
        assert each.delete_before_replace
    assert strict.problems(result.resources) == []


@pytest.mark.parametrize(
    ("data", "size_gib", "storage_class"),
    [
        ("database", 50, "fast-ssd"),
        ("database", 500, "fast-ssd"),
        ("vectors", 1024, "extreme-iops"),
        ("logs", 20, "standard"),
        ("cache", 50, "local-ephemeral"),
        ("models", 700, "fast-ssd"),
    ],
)
def test_a_claim_gets_the_class_of_its_data(
    data: kinds.Data, size_gib: int, storage_class: str
) -> None:
    result = _on(lambda parent: storage.claim(parent, "one", data, size_gib, component="llm"))
    inputs = result.one(":PersistentVolumeClaim").inputs
    assert inputs["spec"]["storageClassName"] == storage_class
    assert inputs["spec"]["resources"] == {"requests": {"storage": f"{size_gib}Gi"}}
    assert inputs["metadata"]["labels"]["letta.cloud/data"] == data
    assert strict.problems(result.resources) == []


@pytest.mark.parametrize(
    ("data", "size_gib"),
    [("database", 49), ("database", 501), ("vectors", 99), ("logs", 101), ("cache", 9)],
)
def test_a_claim_outside_the_sizes_of_its_data_is_refused(data: kinds.Data, size_gib: int) -> None:
    kind = kinds.KINDS[data]
    with pytest.raises(ValueError, match=f"{kind.least_gib} to {kind.most_gib} GiB"):
        _on(lambda parent: storage.claim(parent, "one", data, size_gib, component="llm"))


def test_memory_that_is_a_folder_is_marked_and_bounded() -> None:
    folder = pods.Folder(name="shm", path="/dev/shm", size_gib=2, memory=True)
    (volume,) = pods.volumes([folder])
    assert volume.empty_dir is not None
    result = _on(lambda parent: _pod(parent, volume))
    (made,) = result.one(":Pod").inputs["spec"]["volumes"]
    assert made == {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "2048Mi"}}


def test_gpus_are_requested_and_limited_alike() -> None:
    made = pods.resources(
        request_vcpus=4,
        request_memory_mib=1024,
        limit_vcpus=8,
        limit_memory_mib=2048,
        extended={"nvidia.com/gpu": 8},
    )
    requests, limits = dict(made.requests or {}), dict(made.limits or {})  # type: ignore[arg-type]
    assert requests["nvidia.com/gpu"] == limits["nvidia.com/gpu"] == "8"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"spec": {"replicas": "three"}}, "spec.replicas"),
        ({"specification": {}}, "specification"),
        ({"apiVersion": "apps/v9"}, "apps/v9"),
        ({"apiVersion": "example.com/v1", "kind": "Thing"}, "Thing"),
    ],
)
def test_the_schema_check_finds_what_is_wrong(change: dict[str, Any], expected: str) -> None:
    result = _classes()
    good = result.all(":StorageClass")[0]
    selector = {"matchLabels": {"a": "b"}}
    spec = {"selector": selector, "template": {"metadata": {"labels": {"a": "b"}}}}
    inputs = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}
    changed = {**inputs, **change, "spec": {**spec, **change.get("spec", {})}}
    wrong = replace(good, inputs=changed, type="kubernetes:apps/v1:Deployment")
    (problem,) = strict.problems([good, wrong])
    assert expected in problem


def test_the_pool_of_a_tier_is_what_the_settings_decided() -> None:
    pool = tier_pool("worker", tier(capacity="spot", root_volume_gib=100))
    assert (pool.role, pool.instance_type, pool.disk_gib) == ("worker", "c6i.2xlarge", 100)
    assert (pool.initial, pool.minimum, pool.maximum) == (2, 1, 4)
    assert pool.spot is True
    with pytest.raises(ValueError, match="settings"):
        tier_pool("worker", tier(nodes=None))


def _pod(parent: pulumi.Resource, volume: Any) -> pulumi.Resource:  # noqa: ANN401
    return core.v1.Pod(
        "one",
        spec=core.v1.PodSpecArgs(volumes=[volume], containers=[]),
        opts=pulumi.ResourceOptions(parent=parent),
    )
