"""What a change of an object means: in place, a new object, or not at all; and drift."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import admin
from sandbox.values import UNKNOWN, Secret, Value
from tests.sandbox.engine import Refused
from tests.sandbox.kubernetes.estate import GOOD, Estate, changed
from tests.sandbox.kubernetes.test_refusals import put

NEW = [
    ("ConfigMap", "data.MODE", "slow"),
    ("Secret", "stringData.token", "new"),
    ("Deployment", "spec.selector.matchLabels.tier", "api"),
    ("StatefulSet", "spec.serviceName", "other"),
    ("Job", "spec.template.spec.containers[0].image", "x:2"),
    ("PersistentVolumeClaim", "spec.storageClassName", "other"),
    ("StorageClass", "parameters.type", "io2"),
    ("StorageClass", "reclaimPolicy", "Delete"),
    ("Service", "spec.clusterIP", "172.20.0.10"),
    ("RoleBinding", "roleRef.name", "other"),
    ("TargetGroupBinding", "spec.targetGroupARN", "arn:other"),
    ("ConfigMap", "metadata.name", "other"),
    ("keda", "namespace", "default"),
]
IN_PLACE = [
    ("Deployment", "spec.replicas", 3),
    ("Deployment", "spec.template.spec.containers[0].image", "x:2"),
    ("PersistentVolumeClaim", "spec.resources.requests.storage", "40Gi"),
    ("Service", "spec.ports[0].port", 81),
    ("PodDisruptionBudget", "spec.maxUnavailable", 2),
    ("keda", "values.operator.replicaCount", 3),
    ("ConfigMap", "metadata.labels", {"a": "b"}),
]


def ids(value: Value) -> str:
    return value if isinstance(value, str) else ""


@pytest.mark.parametrize(("key", "path", "value"), NEW, ids=ids)
def test_what_cannot_change_needs_a_new_object(
    key: str, path: str, value: Value, estate: Estate
) -> None:
    made = estate.make(key)
    inputs = changed(key, put(path, value))
    if key == "Deployment":
        put("spec.template.metadata.labels.tier", value)(inputs)
    if path.startswith("parameters"):
        inputs["parameters"] = {"type": value, "iops": "1000", "encrypted": "true"}
    diff = estate.engine.diff(made, inputs)
    assert diff.replaces == [path.partition(".")[0]]
    assert diff.delete_before_replace == (path not in ("metadata.name", "namespace"))


@pytest.mark.parametrize(("key", "path", "value"), IN_PLACE, ids=ids)
def test_everything_else_changes_in_place(
    key: str, path: str, value: Value, estate: Estate
) -> None:
    made = estate.make(key)
    inputs = changed(key, put(path, value))
    assert estate.engine.diff(made, inputs).replaces == []
    updated = estate.engine.update(made, inputs)
    assert estate.engine.diff(updated, inputs).changes == {}
    found = estate.engine.read(updated)
    assert found is not None
    assert found.outputs == updated.outputs


def test_an_automatic_name_lets_the_new_object_stand_beside_the_old_one(estate: Estate) -> None:
    estate.make("Namespace")
    inputs = changed("ConfigMap", put("metadata.name", None))
    made = estate.create("core/v1:ConfigMap", inputs)
    inputs["data"] = {"MODE": "slow"}
    diff = estate.engine.diff(made, inputs)
    assert diff.replaces == ["data"]
    assert not diff.delete_before_replace
    assert estate.create("core/v1:ConfigMap", inputs).id != made.id


def test_a_volume_does_not_shrink(estate: Estate) -> None:
    made = estate.make("PersistentVolumeClaim")
    smaller = changed("PersistentVolumeClaim", put("spec.resources.requests.storage", "10Gi"))
    with pytest.raises(Refused, match=r"less than status\.capacity, 20Gi"):
        estate.engine.update(made, smaller)


def test_a_volume_grows_only_where_its_class_allows_it(estate: Estate) -> None:
    estate.make("Namespace")
    fixed = changed("StorageClass", put("allowVolumeExpansion", False))
    estate.create("storage.k8s.io/v1:StorageClass", fixed)
    token = "core/v1:PersistentVolumeClaim"
    made = estate.create(token, GOOD["PersistentVolumeClaim"].inputs)
    larger = changed("PersistentVolumeClaim", put("spec.resources.requests.storage", "40Gi"))
    with pytest.raises(Refused, match="does not allow expansion"):
        estate.engine.update(made, larger)


def test_drift_is_seen_and_mended(estate: Estate, state: Path) -> None:
    made = estate.make("Deployment")
    admin.set_property(state, made.id, "spec.replicas", 7)
    found = estate.engine.read(made)
    assert found is not None
    assert found.outputs["spec"]["replicas"] == 7
    assert estate.engine.diff(found, GOOD["Deployment"].inputs).changes == {
        "spec.replicas": "UPDATE"
    }


def test_what_the_cluster_fills_in_is_no_change(estate: Estate) -> None:
    made = estate.make("Service")
    assert made.outputs["spec"]["clusterIP"].startswith("172.20.")
    assert made.outputs["spec"]["type"] == "ClusterIP"
    found = estate.engine.read(made)
    assert found is not None
    assert estate.engine.diff(found, GOOD["Service"].inputs).changes == {}


def test_values_that_are_not_known_yet_fit_everywhere(estate: Estate) -> None:
    inputs = changed("Deployment", put("spec.replicas", UNKNOWN))
    for path in (
        "metadata.namespace",
        "spec.template.metadata.labels",
        "spec.template.spec.serviceAccountName",
        "spec.template.spec.containers[0].image",
        "spec.template.spec.containers[0].resources.limits.memory",
        "spec.template.spec.containers[0].startupProbe.httpGet.port",
        "spec.template.spec.volumes",
    ):
        put(path, UNKNOWN)(inputs)
    inputs["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = UNKNOWN
    previewed = estate.engine.preview("kubernetes:apps/v1:Deployment", "web", inputs)
    assert previewed["metadata"]["name"] == "deployment"
    assert previewed["spec"]["replicas"] is UNKNOWN


def test_a_secret_value_is_not_shown_when_it_is_refused(estate: Estate) -> None:
    inputs = changed("ConfigMap", put("data", {"MODE": Secret("fast")}))
    inputs["immutable"] = Secret("topsecret")
    words = estate.said("core/v1:ConfigMap", inputs)
    assert "expected boolean, got [secret]" in words
    assert "topsecret" not in words


@pytest.mark.parametrize("version", ["1.31", "1.32", "1.35", "1.99"])
def test_a_good_object_is_good_in_every_version(version: str, estate: Estate, state: Path) -> None:
    admin.set_property(state, "large", "version", version)
    assert estate.refusal("Deployment", lambda inputs: None) == ""


def test_an_object_is_also_checked_against_the_version_of_the_cluster(
    estate: Estate, state: Path
) -> None:
    newer = put("spec.template.spec.resources", {"limits": {"cpu": "2"}})
    assert estate.refusal("Deployment", newer) == ""
    admin.set_property(state, "large", "version", "1.31")
    words = estate.refusal("Deployment", newer)
    assert "unknown field 'resources'" in words
    assert "(Kubernetes 1.31)" in words


def test_a_kind_that_the_cluster_has_no_more_is_refused(estate: Estate, state: Path) -> None:
    token = "networking.k8s.io/v1beta1:ServiceCIDR"
    inputs = {"metadata": {"name": "more"}, "spec": {"cidrs": ["10.9.0.0/16"]}}
    assert estate.said(token, inputs) == ""
    admin.set_property(state, "large", "version", "1.37")
    assert "runs Kubernetes 1.37, which has no ServiceCIDR" in estate.said(token, inputs)
