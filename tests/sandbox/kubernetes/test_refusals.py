"""What Kubernetes refuses: a good object with one change, and the words against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import admin
from sandbox.values import ASSET_SIGNATURE, SIGNATURE_KEY, Value
from tests.sandbox.engine import Refused
from tests.sandbox.kubernetes.estate import GOOD, TARGET_GROUP, Estate, Inputs


def put(path: str, value: Value) -> Callable[[Inputs], None]:
    """A change that sets what is at `a.b[0].c`; None takes it away."""
    *way, last = path.replace("[", ".").replace("]", "").split(".")

    def change(inputs: Inputs) -> None:
        here: Any = inputs
        for key in way:
            here = here[int(key)] if key.isdigit() else here.setdefault(key, {})
        if value is None:
            here.pop(last)
        else:
            here[int(last) if last.isdigit() else last] = value

    return change


@dataclass(frozen=True)
class Case:
    """A bad object, and what is said of it."""

    key: str
    change: Callable[[Inputs], object]
    words: str

    @property
    def about(self) -> str:
        return f"{self.key}: {self.words[:50]}"


FILE = {SIGNATURE_KEY: ASSET_SIGNATURE, "text": "a: 1"}
POD = "spec.template.spec"
BOX = f"{POD}.containers[0]"

SCHEMA = [
    Case("Deployment", put("spec.replica", 2), "unknown field 'replica', did you mean 'replicas'?"),
    Case("Deployment", put("spec.replicas", "two"), "spec.replicas: expected integer, got 'two'"),
    Case("Deployment", put("spec.template", None), "spec: missing field template"),
    Case("Deployment", put(f"{BOX}.imagePull", "x"), "containers[0]: unknown field 'imagePull'"),
    Case("Deployment", put(f"{BOX}.imagePullPolicy", "Sometimes"), "Always, IfNotPresent, Never"),
    Case("Deployment", put("extra", 1), "there is no such property"),
    Case("Deployment", put("apiVersion", "apps/v2"), "'apps/v2' is not allowed"),
    Case("SecretStore", put("spec.provider.aws.servce", "x"), "did you mean 'service'?"),
    Case("SecretStore", put("spec.provider.aws.service", "Vault"), "SecretsManager"),
    Case("ExternalSecret", put("spec.data[0].remoteRef", None), "missing field remoteRef"),
    Case("TargetGroupBinding", put("spec.serviceRef.prt", 80), "unknown field 'prt'"),
    Case("ScaledObject", put("spec.maxReplicas", 3), "unknown field 'maxReplicas'"),
    Case(
        "LeaderWorkerSet",
        put("spec.leaderWorkerTemplate.workerTemplate.spec.containers[0].imag", "x"),
        "workerTemplate.spec.containers[0]: unknown field 'imag'",
    ),
]

METADATA = [
    Case("ConfigMap", put("metadata.name", "Big_Name"), "RFC 1123"),
    Case("Service", put("metadata.name", "s" * 64), "has 64 characters, a Service may have 63"),
    Case("Job", put("metadata.name", "j" * 64), "a Job may have 63"),
    Case("Service", put("metadata.name", "1st"), "'1st' is not allowed"),
    Case("ConfigMap", put("metadata.namespace", "No"), "'No' is not allowed"),
    Case("ConfigMap", put("metadata.namespace", "elsewhere"), 'namespaces "elsewhere" not found'),
    Case("PriorityClass", put("metadata.namespace", "letta"), "stands outside the namespaces"),
    Case("ConfigMap", put("metadata.labels", {"a": "not this"}), "is no label value"),
    Case("ConfigMap", put("metadata.labels", {"-a": "b"}), "'-a' is no key"),
    Case("ConfigMap", put("metadata.annotations", {"a": "b" * 300_000}), "at most 262144"),
]

PODS = [
    Case("Deployment", put(f"{BOX}.name", "Letta"), "'Letta' is not allowed"),
    Case("Deployment", put(f"{BOX}.image", None), "image: it is required and missing"),
    Case("Deployment", put(f"{BOX}.resources.requests.cpu", "3"), "must be less than or equal"),
    Case("Deployment", put(f"{BOX}.resources.requests.cpu", "half"), "'half' is no quantity"),
    Case("Deployment", put(f"{BOX}.volumeMounts[0].name", "other"), "there is no volume 'other'"),
    Case("Deployment", put(f"{BOX}.ports[0].name", "x" * 16), "at most 15"),
    Case("Deployment", put(f"{BOX}.ports[0].containerPort", 70000), "not in 1 to 65535"),
    Case("Deployment", put(f"{BOX}.startupProbe", {"periodSeconds": 5}), "give one of exec, grpc"),
    Case("Deployment", put(f"{BOX}.startupProbe.periodSeconds", 0), "0 must be 1 or more"),
    Case("Deployment", put(f"{BOX}.env[0].value", "x"), "give value or valueFrom, not both"),
    Case("Deployment", put(f"{POD}.restartPolicy", "Never"), "use Always"),
    Case("Deployment", put("spec.selector.matchLabels.app", "b"), "does not pick the pods"),
    Case("Deployment", put("spec.selector", {}), "an empty selector picks every pod"),
    Case("Job", put(f"{POD}.restartPolicy", "Always"), "use OnFailure or Never"),
    Case("CronJob", put("spec.jobTemplate.spec.template.spec.restartPolicy", None), "OnFailure"),
    Case(
        "Deployment",
        lambda inputs: inputs["spec"]["template"]["spec"]["containers"].append(
            dict(inputs["spec"]["template"]["spec"]["containers"][0])
        ),
        "the name 'letta' is given to 2 containers",
    ),
    Case(
        "Deployment",
        put(f"{BOX}.resources", {"limits": {"nvidia.com/gpu": "0.5"}}),
        "is no whole number",
    ),
]

REFERENCES = [
    Case("Deployment", put(f"{POD}.serviceAccountName", "x"), 'ServiceAccount "x" not found'),
    Case("Deployment", put(f"{POD}.priorityClassName", "x"), 'PriorityClass "x" not found'),
    Case("Deployment", put(f"{BOX}.envFrom[0].configMapRef.name", "x"), 'ConfigMap "x" not found'),
    Case("Job", put(f"{BOX}.env[0].valueFrom.secretKeyRef.name", "x"), 'Secret "x" not found'),
    Case(
        "Deployment",
        put(f"{POD}.volumes[0].persistentVolumeClaim.claimName", "x"),
        'PersistentVolumeClaim "x" not found',
    ),
    Case(
        "PersistentVolumeClaim",
        put("spec.storageClassName", "x"),
        'storageclass.storage.k8s.io "x" not found',
    ),
    Case("PersistentVolumeClaim", put("spec.storageClassName", None), "no default class"),
    Case(
        "StatefulSet",
        put("spec.volumeClaimTemplates[0].spec.storageClassName", "x"),
        'volumeClaimTemplates models: spec.storageClassName: storageclass.storage.k8s.io "x" not',
    ),
    Case("HorizontalPodAutoscaler", put("spec.scaleTargetRef.name", "x"), 'Deployment "x" not'),
    Case(
        "HorizontalPodAutoscaler",
        put("spec.metrics[0].resource.name", "ephemeral-storage"),
        "missing request for ephemeral-storage in container letta of Deployment deployment",
    ),
    Case("ScaledObject", put("spec.scaleTargetRef.name", "x"), 'Deployment "x" not found'),
    Case("ScaledObject", put("spec.scaleTargetRef.kind", "Job"), "'Job' is not one of Deployment"),
    Case(
        "ScaledObject",
        put("spec.triggers[0].authenticationRef.name", "x"),
        'TriggerAuthentication "x" not found',
    ),
    Case("Service", put("spec.selector.app", "x"), "Service does not target any Pods"),
    Case("Service", put("spec.ports[0].targetPort", "x"), "no container behind it has a port"),
    Case(
        "Ingress",
        put("spec.rules[0].http.paths[0].backend.service.name", "x"),
        'services "x" not found',
    ),
    Case("TargetGroupBinding", put("spec.serviceRef.name", "x"), 'services "x" not found'),
    Case("TargetGroupBinding", put("spec.serviceRef.port", 81), "81 is no port of Service service"),
    Case(
        "TargetGroupBinding",
        put("spec.targetGroupARN", f"{TARGET_GROUP}0"),
        "TargetGroupNotFound",
    ),
    Case("TargetGroupBinding", put("spec.targetType", "instance"), "but the target group has 'ip'"),
    Case("ExternalSecret", put("spec.secretStoreRef.name", "x"), 'SecretStore "x" not found'),
    Case("ExternalSecret", put("spec.data[0].remoteRef.key", "x"), "SecretsManager has no 'x'"),
]

RULES = [
    Case("HorizontalPodAutoscaler", put("spec.maxReplicas", 1), "1 is less than minReplicas, 2"),
    Case("HorizontalPodAutoscaler", put("spec.minReplicas", 0), "must be 1 or more"),
    Case("ScaledObject", put("spec.minReplicaCount", 5), "4 is less than minReplicaCount, 5"),
    Case("ScaledObject", put("spec.idleReplicaCount", 0), "must be less than minReplicaCount"),
    Case("PodDisruptionBudget", put("spec.minAvailable", 1), "only one of them"),
    Case("Service", put("spec.ports", []), "at least one port is needed"),
    Case("Service", put("spec.ports[0].port", 0), "0 is not in 1 to 65535"),
    Case(
        "Service",
        lambda inputs: inputs["spec"]["ports"].append({"port": 81}),
        "several ports need names",
    ),
    Case(
        "LeaderWorkerSet",
        put("spec.leaderWorkerTemplate.volumeClaimTemplates[0].spec.resources", {}),
        "volumeClaimTemplates models: spec.resources.requests.storage: it is required",
    ),
    Case("StorageClass", put("parameters.size", "1"), "ebs.csi.aws.com has no 'size'"),
    Case("StorageClass", put("parameters", {"type": "io2", "iops": "9", "iopsPerGB": "9"}), "both"),
    Case("PersistentVolumeClaim", put("spec.resources.requests.storage", "0"), "more than 0"),
    Case("StorageClass", put("parameters.type", "gp9"), "'gp9' is not one of"),
    Case("StorageClass", put("parameters", {"type": "io2"}), "io2 volumes need iops"),
    Case("StorageClass", put("parameters.type", "gp2"), "only gp3 volumes have it"),
    Case("StorageClass", put("reclaimPolicy", "Keep"), "'Keep' is not one of Delete, Retain"),
    Case("PersistentVolumeClaim", put("spec.accessModes", []), "at least one is required"),
    Case("PersistentVolumeClaim", put("spec.resources", {}), "storage: it is required"),
]

HELM = [
    Case("keda", put("chart", "kedda"), "the sandbox knows no chart 'kedda'"),
    Case("keda", put("version", "1.0.0"), "no version '1.0.0' of chart 'keda': use one of 2.20.2"),
    Case("keda", put("version", None), "pin it"),
    Case("keda", put("repositoryOpts.repo", "https://x"), "use https://kedacore.github.io/charts"),
    Case(
        "keda",
        put("values.operator.replicas", 2),
        "unknown value operator.replicas of chart keda 2.20.2",
    ),
    Case("keda", put("values.operatr", {}), "did you mean 'operator'?"),
    Case("keda", put("values.operator.replicaCount", "2"), "expected integer, got string"),
    Case("keda", put("values.operator", 2), "expected map, got integer"),
    Case("keda", put("name", "Keda"), "invalid release name 'Keda'"),
    Case("keda", put("namespace", "elsewhere"), 'namespaces "elsewhere" not found'),
    Case("keda", put("valueYamlFiles", [FILE]), "the sandbox reads no files of values"),
    Case("aws-load-balancer-controller", put("values.clusterName", None), "clusterName: the chart"),
]


def each(cases: list[Case]) -> pytest.MarkDecorator:
    """Run a test with each of the cases."""
    return pytest.mark.parametrize("case", cases, ids=[case.about for case in cases])


@each([*SCHEMA, *METADATA, *PODS, *REFERENCES, *RULES, *HELM])
def test_a_bad_object_is_refused_with_the_way_out(case: Case, estate: Estate) -> None:
    assert case.words in estate.refusal(case.key, case.change)


@pytest.mark.parametrize(
    ("key", "addon"),
    [
        ("PersistentVolumeClaim", "aws-ebs-csi-driver"),
        ("StatefulSet", "aws-ebs-csi-driver"),
        ("HorizontalPodAutoscaler", "metrics-server"),
    ],
)
def test_what_an_add_on_does_needs_the_add_on(
    key: str, addon: str, estate: Estate, state: Path
) -> None:
    for needed in GOOD[key].needs:
        estate.make(needed)
    admin.remove(state, f"large:{addon}")
    words = estate.said(GOOD[key].token, GOOD[key].inputs)
    assert f"the cluster has no add-on {addon}" in words


def test_a_release_does_not_become_another_chart(estate: Estate) -> None:
    made = estate.make("keda")
    other = {**GOOD["prometheus"].inputs, "name": "keda"}
    with pytest.raises(Refused, match="is another release: give it another name"):
        estate.engine.update(made, other)
