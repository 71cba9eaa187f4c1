"""What stands against deleting, what goes along, and what stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import admin
from tests.sandbox.engine import Refused
from tests.sandbox.kubernetes.estate import GOOD, Estate, changed
from tests.sandbox.kubernetes.test_refusals import put


@pytest.mark.parametrize(
    ("key", "chart"),
    [
        ("SecretStore", "external-secrets"),
        ("TargetGroupBinding", "aws-load-balancer-controller"),
        ("ScaledObject", "keda"),
        ("LeaderWorkerSet", "lws"),
    ],
)
def test_a_release_stays_while_objects_need_what_it_brought(
    key: str, chart: str, estate: Estate
) -> None:
    made = estate.make(key)
    with pytest.raises(Refused, match=f"{key} {made.id} needs the chart .*{chart}"):
        estate.engine.delete(estate.made[chart])
    for later in reversed(list(estate.made.values())):
        estate.engine.delete(later)


@pytest.mark.parametrize("key", ["SecretStore", "TargetGroupBinding", "ScaledObject"])
def test_a_custom_resource_needs_the_release_that_brings_it(key: str, estate: Estate) -> None:
    for needed in GOOD[key].needs:
        if "chart" not in GOOD[needed].inputs and needed != "TriggerAuthentication":
            estate.make(needed)
    words = estate.said(GOOD[key].token, GOOD[key].inputs)
    assert f'no matches for kind "{key}" in version' in words
    assert "install the chart" in words


@pytest.mark.parametrize(("path", "value"), [("values.installCRDs", False), ("skipCrds", True)])
def test_a_release_that_leaves_out_its_definitions_brings_none(
    path: str, value: bool, estate: Estate
) -> None:
    estate.make("Namespace")
    bare = changed("external-secrets", put(path, value))
    estate.create("helm.sh/v3:Release", bare)
    store = GOOD["SecretStore"]
    assert "no matches for kind" in estate.said(store.token, store.inputs)


def test_a_target_group_binding_waits_for_its_controller(estate: Estate, state: Path) -> None:
    made = estate.make("TargetGroupBinding")
    admin.remove(state, "kube-system/aws-load-balancer-controller")
    with pytest.raises(Refused, match="its finalizer waits for the controller of the chart"):
        estate.engine.delete(made)


def test_a_namespace_takes_everything_in_it_along(estate: Estate, state: Path) -> None:
    before = admin.status(state)["objects"]
    estate.make("Deployment")
    estate.engine.delete(estate.made["Namespace"])
    left = admin.status(state)
    assert left["objects"] == before + 2, "the classes of priority and storage"
    assert [kept["id"] for kept in left["retained"]] == ["letta/persistentvolumeclaim"]


def test_a_volume_stays_when_its_class_retains_it(estate: Estate, state: Path) -> None:
    estate.engine.delete(estate.make("PersistentVolumeClaim"))
    assert [kept["kind"] for kept in admin.status(state)["retained"]] == ["volume of a claim"]


def test_a_volume_goes_when_its_class_deletes_it(estate: Estate, state: Path) -> None:
    estate.make("Namespace")
    deleting = changed("StorageClass", put("reclaimPolicy", "Delete"))
    estate.create("storage.k8s.io/v1:StorageClass", deleting)
    claim = GOOD["PersistentVolumeClaim"]
    estate.engine.delete(estate.create(claim.token, claim.inputs))
    assert admin.status(state)["retained"] == []


def test_claims_of_a_stateful_set_stay(estate: Estate, state: Path) -> None:
    estate.engine.delete(estate.make("StatefulSet"))
    kept = [item["id"] for item in admin.status(state)["retained"]]
    assert kept == ["letta/models-statefulset-0", "letta/models-statefulset-1"]


def test_claims_of_a_group_of_pods_stay(estate: Estate, state: Path) -> None:
    estate.engine.delete(estate.make("LeaderWorkerSet"))
    kept = [item["id"] for item in admin.status(state)["retained"]]
    assert kept == ["letta/models-leaderworkerset-0", "letta/models-leaderworkerset-0-1"]


def test_a_stateful_set_may_take_its_claims_along(estate: Estate, state: Path) -> None:
    policy = {"whenDeleted": "Delete", "whenScaled": "Retain"}
    inputs = changed("StatefulSet", put("spec.persistentVolumeClaimRetentionPolicy", policy))
    for needed in GOOD["StatefulSet"].needs:
        estate.make(needed)
    estate.engine.delete(estate.create("apps/v1:StatefulSet", inputs))
    assert admin.status(state)["retained"] == []


def test_a_namespace_that_a_release_makes_exists_as_long_as_it(estate: Estate) -> None:
    inputs = changed("keda", put("namespace", "keda"))
    inputs["createNamespace"] = True
    release = estate.create("helm.sh/v3:Release", inputs)
    config = changed("ConfigMap", put("metadata.namespace", "keda"))
    made = estate.create("core/v1:ConfigMap", config)
    estate.engine.delete(made)
    estate.engine.delete(release)
    assert 'namespaces "keda" not found' in estate.said("core/v1:ConfigMap", config)


def test_a_secret_that_an_external_secret_makes_can_be_used(estate: Estate) -> None:
    estate.make("ExternalSecret")
    path = "spec.template.spec.containers[0].env[0].valueFrom.secretKeyRef.name"
    assert estate.refusal("Job", put(path, "fetched")) == ""
    second = changed("ExternalSecret", put("metadata.name", "second"))
    words = estate.said("external-secrets.io/v1:ExternalSecret", second)
    assert "the Secret letta/fetched is made by another object already" in words
