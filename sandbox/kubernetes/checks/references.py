"""What an object names must exist, or its pods never start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.errors import Problem
from sandbox.kubernetes import managed, workloads
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, items
from sandbox.kubernetes.workloads import Pods

_BUILT_IN_PRIORITIES: Final = frozenset({"system-cluster-critical", "system-node-critical"})
_BUILT_IN_CONFIG: Final = frozenset({"kube-root-ca.crt"})
_SCALED: Final = {
    "Deployment": "apps/v1:Deployment",
    "LeaderWorkerSet": "leaderworkerset.x-k8s.io/v1:LeaderWorkerSet",
    "ReplicaSet": "apps/v1:ReplicaSet",
    "StatefulSet": "apps/v1:StatefulSet",
}


def of_pods(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """Everything that the object's pods name."""
    for pods in workloads.of_object(object_):
        for place, kind, name in _named(pods):
            if not _exists(kind, pods.namespace, name, cloud):
                at = f"{pods.place}.{place}" if pods.place else place
                yield Problem(
                    "spec",
                    f'{at}: {kind} "{name}" not found in namespace {pods.namespace}: make it, and '
                    "take its name from its metadata, so that this object waits for it",
                )


def _named(pods: Pods) -> Iterator[tuple[str, str, str]]:
    spec = get(pods.template, "spec") or {}
    account = get(spec, "serviceAccountName")
    if account:
        yield "spec.serviceAccountName", "ServiceAccount", account
    priority = get(spec, "priorityClassName")
    if priority:
        yield "spec.priorityClassName", "PriorityClass", priority
    for index, volume in enumerate(items(spec, "volumes")):
        at = f"spec.volumes[{index}]"
        claim = get(volume, "persistentVolumeClaim.claimName")
        if claim:
            yield f"{at}.persistentVolumeClaim", "PersistentVolumeClaim", claim
        yield from _sources(at, volume)
    for kind in ("containers", "initContainers"):
        for index, container in enumerate(items(spec, kind)):
            yield from _of_container(f"spec.{kind}[{index}]", container)


def _sources(at: str, volume: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if not get(volume, "configMap.optional") and get(volume, "configMap.name"):
        yield f"{at}.configMap", "ConfigMap", get(volume, "configMap.name")
    if not get(volume, "secret.optional") and get(volume, "secret.secretName"):
        yield f"{at}.secret", "Secret", get(volume, "secret.secretName")
    for number, source in enumerate(items(volume, "projected.sources")):
        for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            name = get(source, f"{key}.name")
            if name and not get(source, f"{key}.optional"):
                yield f"{at}.projected.sources[{number}].{key}", kind, name


def _of_container(at: str, container: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for index, entry in enumerate(items(container, "env")):
        for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            name = get(entry, f"valueFrom.{key}.name")
            if name and not get(entry, f"valueFrom.{key}.optional"):
                yield f"{at}.env[{index}]", kind, name
    for index, entry in enumerate(items(container, "envFrom")):
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            name = get(entry, f"{key}.name")
            if name and not get(entry, f"{key}.optional"):
                yield f"{at}.envFrom[{index}]", kind, name


def _exists(kind: str, namespace: str, name: str, cloud: KubernetesCloud) -> bool:
    if kind == "PriorityClass":
        found = cloud.named("scheduling.k8s.io/v1:PriorityClass", "", name)
        return name in _BUILT_IN_PRIORITIES or found is not None
    if kind == "Secret" and cloud.made_secret(namespace, name) is not None:
        return True
    if kind == "ServiceAccount" and name == "default":
        return True
    if kind == "ConfigMap" and name in _BUILT_IN_CONFIG:
        return True
    return cloud.named(f"core/v1:{kind}", namespace, name) is not None


def classes_of_claims(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """The classes of the claims that pods get each."""
    for claim in workloads.claim_templates(object_):
        name = get(claim, "metadata.name")
        for problem in storage_class(claim, cloud):
            yield Problem("spec", f"volumeClaimTemplates {name}: {problem.reason}")


def storage_class(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """The class of a claim, and the driver that makes its volumes."""
    kind = cloud.managed
    name = get(object_, "spec.storageClassName") or (kind.default_class if kind else "")
    if not name:
        yield Problem(
            "spec",
            "spec.storageClassName: it is missing, and the cluster has no default class: name one",
        )
        return
    found = cloud.named("storage.k8s.io/v1:StorageClass", "", name)
    there = kind.classes if kind else {}
    if found is None and name not in there:
        yield Problem(
            "spec",
            f'spec.storageClassName: storageclass.storage.k8s.io "{name}" not found: make it first',
        )
        return
    provisioner = found.get("provisioner") if found else there[name]
    driver = managed.driver(provisioner)
    lacking = driver.missing(cloud) if driver else ""
    if lacking:
        yield Problem(
            "spec",
            f"spec.storageClassName: waiting for a volume to be created by {provisioner}: "
            f"{lacking}",
        )


def _not_measured(cloud: KubernetesCloud) -> str:
    """What the cluster lacks to measure CPU and memory of pods; empty where it does."""
    if cloud.serves("v1beta1.metrics.k8s.io"):
        return ""
    return cloud.managed.measures(cloud) if cloud.managed else "nothing serves metrics.k8s.io"


def scale_target(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """The object whose pods are counted, and the requests that a share of is measured by."""
    kind = get(object_, "spec.scaleTargetRef.kind") or "Deployment"
    name = get(object_, "spec.scaleTargetRef.name")
    if kind not in _SCALED:
        yield Problem(
            "spec", f"spec.scaleTargetRef.kind: {kind!r} is not one of {', '.join(_SCALED)}"
        )
        return
    target = cloud.named(_SCALED[kind], get(object_, "metadata.namespace"), name)
    if target is None:
        yield Problem("spec", f'spec.scaleTargetRef: {kind} "{name}" not found')
        return
    measured = {
        get(metric, "resource.name")
        for metric in items(object_, "spec.metrics")
        if get(metric, "type") == "Resource"
    }
    lacking = _not_measured(cloud) if measured else ""
    if lacking:
        yield Problem(
            "spec",
            f"spec.metrics: unable to fetch metrics from resource metrics API: {lacking}",
        )
    for pods in workloads.of_object(target.outputs):
        for container in items(pods.template, "spec.containers"):
            given = {
                *(get(container, "resources.requests") or {}),
                *(get(container, "resources.limits") or {}),
            }
            for resource in sorted(measured - given):
                yield Problem(
                    "spec",
                    f"spec.metrics: missing request for {resource} in container "
                    f"{get(container, 'name')} of {kind} {name}: give it one",
                )


def authentications(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """How a trigger of KEDA is let in."""
    for index, trigger in enumerate(items(object_, "spec.triggers")):
        name = get(trigger, "authenticationRef.name")
        kind = get(trigger, "authenticationRef.kind") or "TriggerAuthentication"
        if name is None or kind != "TriggerAuthentication":
            continue
        namespace = get(object_, "metadata.namespace")
        if cloud.named("keda.sh/v1alpha1:TriggerAuthentication", namespace, name) is None:
            yield Problem(
                "spec",
                f'spec.triggers[{index}].authenticationRef: TriggerAuthentication "{name}" not '
                "found",
            )


def backends(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """The Services behind the routes of an Ingress."""
    namespace = get(object_, "metadata.namespace")
    for rule in items(object_, "spec.rules"):
        for path in items(rule, "http.paths"):
            name = get(path, "backend.service.name")
            if name and cloud.named("core/v1:Service", namespace, name) is None:
                yield Problem("spec", f'spec.rules: services "{name}" not found')
