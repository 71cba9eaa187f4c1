"""Bad configurations of what AKS and its machines are, and of what joins pods to Azure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from tests.policies.changes import Edit, Gone, Put, Where
from tests.policies.mutants import mutant
from tests.policies.mutants_any_cluster import ANY_CLUSTER
from tests.policies.mutants_cluster import CLUSTER
from tests.policies.mutants_models import MODELS, argument
from tests.policies.mutants_pods import PODS

PLANE = Where("containerservice:ManagedCluster")
API_POOL = Where("AgentPool", "-k8s-api")
GPU_POOL = Where("AgentPool", "NC4as_T4_v3")
API = Where("core/v1:Service", "-api")
SERVERS = Where("Deployment", "-api")
GATEWAY = Where("ApplicationGateway")
DUMP = Where("CronJob", "-dump")
AUDIT = Where("DiagnosticSetting", "-k8s-log")
LOCK = Where("ManagementLockByScope", "-k8s-lock")
RIGHTS = Where("RoleAssignment", "-k8s-id-nodes")
KEDA = Where("Release", "-keda")
PLUGIN = Where("Release", "-nvidia-device-plugin")
BALANCER = "service.beta.kubernetes.io/azure-load-balancer"
SPARE = [
    {
        "key": "kubernetes.azure.com/scalesetpriority",
        "operator": "Equal",
        "value": "spot",
        "effect": "NoSchedule",
    }
]
"""What pods bear that may run on spare machines."""
OWNER = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/"
    "roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
)

large = partial(mutant, tier="large")


def _annotated(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    def change(metadata: dict[str, Any]) -> None:
        metadata["annotations"] = {**metadata["annotations"], f"{BALANCER}-{name}": value}

    return change


# The gateway calls an address of the service here, so that is no bad configuration.
_OTHERWISE = (
    "services-stay-inside-LoadBalancer",
    "services-stay-inside-external address",
)
_WHATEVER_MACHINES = (
    *("network-policies", "secrets-from-store", "gpu-memory-holds-model", "gated-model-has-token"),
    "embedding-image-fits-card",
)
"""Rules that are broken by the same changes to pods; what they say names machines and networks."""
_STACKS = ("large", "vllm", "ollama")

CLUSTERS = (
    *(one for one in ANY_CLUSTER if one.id not in _OTHERWISE),
    *(
        replace(one, message="")
        for one in (*PODS, *CLUSTER, *MODELS)
        if one.rule in _WHATEVER_MACHINES and one.tier in _STACKS
    ),
    mutant(
        "tensor-parallel-equals-gpus",
        "",
        argument("--tensor-parallel-size", "16"),
        argument("--max-model-len", "4096"),
        tier="vllm",
    ),
    large("spans-zones", "", Put(API_POOL, "availabilityZones", ["1"]), label="nodes"),
    large(
        "services-stay-inside",
        "",
        Put(API, "spec.externalIPs", ["203.0.113.7"]),
        label="external address",
    ),
    large(
        "services-stay-inside",
        "",
        Edit(API, "metadata", _annotated("internal", "false")),
        label="balancer on the internet",
    ),
    large(
        "services-stay-inside",
        "",
        Edit(API, "metadata", _annotated("ipv4", "10.0.0.77")),
        label="no balancer",
    ),
    large(
        "load-balancer-idle-timeout",
        "",
        Edit(API, "metadata", _annotated("tcp-idle-timeout", "4")),
        label="balancer of pods",
    ),
    large(
        "control-plane-access",
        "letta-large-k8s: can be reached from 0.0.0.0/0, must be from networks that you know; "
        "set letta:ingress.control_plane.allowed_cidrs to the networks you deploy from, or to []",
        Put(
            PLANE,
            "apiServerAccessProfile.authorizedIPRanges",
            ["0.0.0.0/1", "128.0.0.0/1"],
        ),
    ),
    large(
        "control-plane-access",
        "",
        Put(PLANE, "apiServerAccessProfile.authorizedIPRanges", []),
        label="none",
    ),
    large(
        "control-plane-guarded",
        "letta-large-k8s: keeps secrets without a key of the stack, must encrypt them with one; "
        "give it the stack's key",
        Put(PLANE, "securityProfile.azureKeyVaultKms.enabled", False),
    ),
    large("control-plane-guarded", "", Put(AUDIT, "logs", []), label="audit"),
    large("deletion-protection", "", Gone(LOCK), label="cluster"),
    large(
        "api-machine-size",
        "",
        Put(API_POOL, "vmSize", "Standard_D4s_v5"),
        label="nodes",
    ),
    large(
        "rolling-deploy-fits-capacity",
        "",
        Put(API_POOL, "maxCount", 2),
        Put(SERVERS, "spec.template.spec.containers.0.resources.requests.cpu", "1900m"),
        label="nodes",
    ),
    large("pods-find-a-machine", "", Put(GPU_POOL, "nodeLabels", {"x": "y"})),
    large("gpus-reserved-and-usable", "", Put(GPU_POOL, "gpuProfile", {"driver": "None"})),
    large("gpus-reserved-and-usable", "", Gone(PLUGIN), label="no plugin"),
    large(
        "spot-for-workers-only",
        "",
        Put(API_POOL, "scaleSetPriority", "Spot"),
        *(
            Put(where, path, SPARE)
            for where, path in (
                (SERVERS, "spec.template.spec.tolerations"),
                (Where("batch/v1:Job", "-boot"), "spec.template.spec.tolerations"),
                (DUMP, "spec.jobTemplate.spec.template.spec.tolerations"),
            )
        ),
    ),
    large("health-check-path", "", Put(GATEWAY, "probes.0.path", "/"), label="pods"),
    large("iam-least-privilege", "", Put(RIGHTS, "roleDefinitionId", OWNER), label="cluster"),
    large("database-dumped", "", Put(DUMP, "spec.suspend", True), label="cluster"),
    large("database-dumped", "", Gone(DUMP), label="no job"),
    mutant(
        "storage-fits-data",
        "",
        Put(Where("PersistentVolumeClaim", "-llm"), "spec.storageClassName", "managed-csi"),
        tier="ollama",
    ),
    mutant("pinned-charts", "", Put(KEDA, "version", "^2"), tier="vllm"),
    mutant("custom-resources-have-controller", "", Gone(KEDA), tier="vllm"),
)
