"""The cluster: who steers it, what is kept in it, and the machines under it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from components.workloads.data import DATA_LABEL, KINDS, Kind
from policies.facts.model import Deployment, Pod, StorageClaim
from policies.rules.rule import Config, Rule, Violation, violation

LEAST_PREFIX = 8
"""Bits that the addresses of a known network share: the largest that one owner was ever given
(IANA IPv4 Address Space Registry)."""
EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
CHART_SOURCES = ("https://", "oci://")
"""Beginnings of addresses that a chart comes from unaltered."""
SECRET_VALUE = re.compile(
    r"(password|passwd|token|credentials?|(api|access|secret|private|encryption)[-_]?key)$",
    re.IGNORECASE,
)
"""Names of a chart's values that are secrets."""
PERFORMANCES = ("standard", "fast", "extreme")
"""What a storage class gives, the slowest first."""
LEAST_PERFORMANCE: Mapping[str, Literal["standard", "fast", "extreme"]] = {
    "database": "fast",
    "vectors": "extreme",
    "models": "fast",
    "logs": "standard",
    "cache": "standard",
}
"""Kind of data -> the slowest volume that it bears (requirement S2)."""
_KINDS: Mapping[str, Kind] = {str(data): kind for data, kind in KINDS.items()}


def control_plane_access(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for plane in deployment.control_planes:
        for network in plane.networks:
            if network.prefixlen < LEAST_PREFIX:
                yield violation(
                    plane,
                    f"can be reached from {network}, must be from networks that you know",
                    "set letta:ingress.control_plane.allowed_cidrs to the networks you deploy "
                    "from, or to []",
                )


def control_plane_guarded(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for plane in deployment.control_planes:
        if not plane.secrets_encrypted:
            yield violation(
                plane,
                "keeps secrets without a key of the stack, must encrypt them with one",
                "give it the stack's key",
            )
        if not plane.audited:
            yield violation(
                plane,
                "does not write down who asked it for what, must",
                "enable its audit log",
            )


def kubernetes_schema(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for each in deployment.cluster_objects:
        for problem in each.problems:
            yield violation(
                each,
                f"{problem}: the cluster would refuse it or drop the field",
                "write it as the API reference of its kind says",
            )


def secrets_from_store(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for secret in deployment.plain_secrets:
        yield violation(
            secret,
            "is a secret whose values stand in the program and in the state",
            "keep them in the cloud's store and let External Secrets fetch them",
        )
    for release in deployment.releases:
        for path, value in release.values.items():
            if SECRET_VALUE.search(path) and value:
                yield violation(
                    release,
                    f"gets the secret {path} through the program",
                    "keep it in the cloud's store, and name a secret that External Secrets fills",
                )
    for pod in deployment.pods:
        if pod.store_less:
            yield violation(
                pod,
                f"takes {', '.join(pod.store_less)} from a secret that nothing fills from the "
                "cloud's store",
                "list the variable in the ExternalSecret of the workload, and let the pods "
                "depend on it",
            )


def storage_fits_data(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for claim in deployment.storage_claims:
        if claim.data not in LEAST_PERFORMANCE:
            yield violation(
                claim,
                f"a volume of {claim.gib:g} GiB does not say which kind of data it keeps",
                f"label it {DATA_LABEL} with one of {', '.join(LEAST_PERFORMANCE)}",
            )
            continue
        yield from _wrong_size(claim)
        yield from _wrong_class(claim)


def _wrong_size(claim: StorageClaim) -> Iterable[Violation]:
    kind = _KINDS[claim.data]
    if not kind.least_gib <= claim.gib <= kind.most_gib:
        yield violation(
            claim,
            f"a volume of {claim.data} has {claim.gib:g} GiB, it may have {kind.least_gib} to "
            f"{kind.most_gib}",
            "change its size",
        )


def _wrong_class(claim: StorageClaim) -> Iterable[Violation]:
    kind = _KINDS[claim.data]
    if not len(claim.classes):
        yield violation(
            claim,
            f"a volume of {claim.data} is of class {claim.storage_class or '(the default)'}, "
            "which this stack does not make",
            f"set its class to {kind.storage_class}",
        )
    needed = LEAST_PERFORMANCE[claim.data]
    for each in claim.classes:
        if PERFORMANCES.index(each.performance) < PERFORMANCES.index(needed):
            yield violation(
                claim,
                f"a volume of {claim.data} is of class {claim.storage_class}, which is "
                f"{each.performance}, must be {needed}",
                f"set its class to {kind.storage_class}",
            )


def volumes_encrypted(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for each in deployment.storage_classes:
        if not each.encrypted:
            yield violation(
                each,
                f"volumes of class {each.storage_class} are not encrypted, must be",
                "switch encryption on in its parameters",
            )
    for disks in deployment.machine_disks:
        if not disks.encrypted:
            yield violation(
                disks,
                "starts machines whose disks are not encrypted, must be",
                "set encrypted to true for each disk of its launch template, the first one too",
            )


def pinned_charts(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for release in deployment.releases:
        if not EXACT_VERSION.fullmatch(str(release.version)):
            yield violation(
                release,
                f"installs version {release.version or '(the latest)'} of {release.chart}, "
                "must be one exact version",
                "pin it like those of components/workloads/charts.py",
            )
        if not release.source.startswith(CHART_SOURCES):
            yield violation(
                release,
                f"installs {release.chart} from {release.source or 'no repository'}, must be from "
                "one that proves who it is",
                f"give a repository's address that begins with {' or '.join(CHART_SOURCES)}",
            )


def custom_resources_have_controller(deployment: Deployment, _: Config) -> Iterable[Violation]:
    brought = {kind for release in deployment.releases for kind in release.kinds}
    for each in deployment.custom_objects:
        if each.kind not in brought:
            yield violation(
                each,
                f"has kind {each.kind}, and no chart of this stack brings what acts on it",
                "install the controller's chart of components/workloads/charts.py",
            )


def node_autoscaler(deployment: Deployment, _: Config) -> Iterable[Violation]:
    if len(deployment.node_autoscalers):
        return
    for machines in deployment.machines:
        if machines.pool and machines.max_machines > machines.min_machines:
            yield violation(
                machines,
                f"may grow from {machines.min_machines} to {machines.max_machines} machines, and "
                "nothing makes it grow",
                "install the cluster autoscaler",
            )


def spot_for_workers_only(deployment: Deployment, _: Config) -> Iterable[Violation]:
    workers = {service.urn for service in deployment.of_role("worker")}
    spread = {server.urn for server in deployment.model_servers if server.gpus > 1}
    for service in deployment.services:
        if not len(service.pods) and service.spot and service.role != "worker":
            yield violation(
                service,
                "runs on capacity that is taken back at short notice, only workers may",
                "run it on demand",
            )
    for pod in deployment.pods:
        taken = [machines.name for machines in pod.machines if machines.spot]
        if not taken or (pod.urn in workers and not pod.keeps_data):
            continue
        yield violation(
            pod,
            f"{_stake(pod, pod.urn in spread)} on {', '.join(taken)}, which is taken back at "
            "short notice; only workers without data may be",
            "run it on demand",
        )


def _stake(pod: Pod, spread: bool) -> str:
    if spread:
        return "a model that lies on several GPUs would be lost as a whole"
    return "its data would be cut off" if pod.keeps_data else "its requests would be lost"


def current_machine_types(deployment: Deployment, _: Config) -> Iterable[Violation]:
    for kind in deployment.machine_types:
        if not kind.current:
            yield violation(
                kind,
                f"{kind.type} is of a former generation",
                f"consider {kind.successor}" if kind.successor else "consider a current one",
            )


RULES = (
    Rule(
        name="control-plane-access",
        description="The control plane answers to known networks only.",
        severity="critical",
        check=control_plane_access,
    ),
    Rule(
        name="control-plane-guarded",
        description="The control plane encrypts secrets with the stack's key and keeps an audit "
        "log.",
        severity="high",
        check=control_plane_guarded,
    ),
    Rule(
        name="kubernetes-schema",
        description="Objects of built-in kinds fit the API of the cluster's version, without "
        "unknown fields.",
        severity="high",
        check=kubernetes_schema,
    ),
    Rule(
        name="secrets-from-store",
        description="Secrets reach pods from the cloud's store, never through the program.",
        severity="critical",
        check=secrets_from_store,
    ),
    Rule(
        name="storage-fits-data",
        description="Every volume has the class and the size of its kind of data (S2).",
        severity="medium",
        check=storage_fits_data,
    ),
    Rule(
        name="volumes-encrypted",
        description="Volumes of every storage class and disks of every machine are encrypted.",
        severity="high",
        check=volumes_encrypted,
    ),
    Rule(
        name="pinned-charts",
        description="Charts are of one exact version, from a repository whose answers cannot be "
        "altered on the way.",
        severity="high",
        check=pinned_charts,
    ),
    Rule(
        name="custom-resources-have-controller",
        description="Each custom resource has a chart that brings its kind and controller.",
        severity="high",
        check=custom_resources_have_controller,
    ),
    Rule(
        name="node-autoscaler",
        description="Pools that may grow have something that makes them grow.",
        severity="high",
        check=node_autoscaler,
    ),
    Rule(
        name="spot-for-workers-only",
        description="Spare capacity carries neither requests, nor models, nor data.",
        severity="high",
        check=spot_for_workers_only,
    ),
    Rule(
        name="current-machine-types",
        description="Machines are of a generation that the cloud calls current.",
        severity="low",
        check=current_machine_types,
        advisory=True,
    ),
)
