"""Bad configurations of what GKE and its machines are, and of what joins pods to Google Cloud."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from tests.policies.changes import Edit, Gone, Put, Where
from tests.policies.mutants import mutant
from tests.policies.mutants_any_cluster import ANY_CLUSTER
from tests.policies.mutants_cluster import CLUSTER
from tests.policies.mutants_models import MODELS, argument
from tests.policies.mutants_pods import PODS

PLANE = Where("container/cluster:Cluster")
API_POOL = Where("NodePool", "-k8s-api")
GPU_POOL = Where("NodePool", "-t4")
API = Where("Service", "-api")
SERVERS = Where("Deployment", "-api")
API_BACKEND = Where("BackendService", "-api-nodes")
API_CHECK = Where("HealthCheck", "-api")
DUMP = Where("CronJob", "-dump")
NODES = Where("projects/iAMMember:IAMMember", "-node")
FAST = Where("StorageClass", "-fast-ssd")
KEDA = Where("Release", "-keda")

large = partial(mutant, tier="large")


def _widened(networks: dict[str, Any]) -> None:
    networks["cidrBlocks"] = [{"cidrBlock": "0.0.0.0/1"}, {"cidrBlock": "128.0.0.0/1"}]


# The balancer calls a port of nodes here, so that is no bad configuration.
_OTHERWISE = ("services-stay-inside-NodePort", "services-stay-inside-external address")

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
    large("spans-zones", "", Put(API_POOL, "nodeLocations", ["us-central1-a"]), label="nodes"),
    large(
        "services-stay-inside",
        "",
        Put(Where("Service", "-embed"), "spec.type", "NodePort"),
        label="NodePort",
    ),
    large(
        "services-stay-inside",
        "",
        Put(API, "spec.externalIPs", ["203.0.113.7"]),
        label="external address",
    ),
    large(
        "control-plane-access",
        "letta-large-k8s: can be reached from 0.0.0.0/0, must be from networks that you know; "
        "set letta:ingress.control_plane.allowed_cidrs to the networks you deploy from, or to []",
        Edit(PLANE, "masterAuthorizedNetworksConfig", _widened),
    ),
    large(
        "control-plane-access",
        "",
        Put(PLANE, "masterAuthorizedNetworksConfig.gcpPublicCidrsAccessEnabled", True),
        label="customers of google",
    ),
    large(
        "control-plane-access", "", Put(PLANE, "masterAuthorizedNetworksConfig", {}), label="none"
    ),
    large(
        "control-plane-guarded",
        "letta-large-k8s: keeps secrets without a key of the stack, must encrypt them with one; "
        "give it the stack's key",
        Put(PLANE, "databaseEncryption.state", "DECRYPTED"),
    ),
    large("deletion-protection", "", Put(PLANE, "deletionProtection", False), label="cluster"),
    large(
        "imds-v2",
        "",
        Put(API_POOL, "nodeConfig.workloadMetadataConfig.mode", "GCE_METADATA"),
        label="nodes",
    ),
    large(
        "api-machine-size",
        "",
        Put(API_POOL, "nodeConfig.machineType", "n2-standard-4"),
        label="nodes",
    ),
    large(
        "rolling-deploy-fits-capacity",
        "",
        Put(API_POOL, "autoscaling.totalMaxNodeCount", 2),
        Put(SERVERS, "spec.template.spec.containers.0.resources.requests.cpu", "1900m"),
        label="nodes",
    ),
    large("pods-find-a-machine", "", Put(GPU_POOL, "nodeConfig.labels", {"x": "y"})),
    large(
        "gpus-reserved-and-usable",
        "",
        Put(
            GPU_POOL,
            "nodeConfig.guestAccelerators.0.gpuDriverInstallationConfig.gpuDriverVersion",
            "INSTALLATION_DISABLED",
        ),
    ),
    mutant(
        "current-machine-types",
        "letta-large-k8s-api: c2-standard-8 is of a former generation; consider c3",
        Put(API_POOL, "nodeConfig.machineType", "c2-standard-8"),
        tier="vllm",
    ),
    large(
        "spot-for-workers-only",
        "",
        Put(API_POOL, "nodeConfig.spot", True),
    ),
    large(
        "services-stay-inside",
        "",
        Put(API_CHECK, "httpHealthCheck.port", 30999),
        label="no balancer",
    ),
    large(
        "health-check-path",
        "",
        Put(API_CHECK, "httpHealthCheck.requestPath", "/"),
        label="nodes",
    ),
    large("load-balancer-idle-timeout", "", Put(API_BACKEND, "timeoutSec", 30), label="nodes"),
    large("waf-present", "", Put(API_BACKEND, "securityPolicy", ""), label="nodes"),
    large("iam-least-privilege", "", Put(NODES, "role", "roles/container.admin"), label="nodes"),
    large("database-dumped", "", Put(DUMP, "spec.suspend", True), label="cluster"),
    large("database-dumped", "", Gone(DUMP), label="no job"),
    mutant(
        "storage-fits-data",
        "",
        Put(FAST, "parameters.type", "pd-standard"),
        tier="ollama",
    ),
    mutant("pinned-charts", "", Put(KEDA, "version", "^2"), tier="vllm"),
    mutant("custom-resources-have-controller", "", Gone(KEDA), tier="vllm"),
)
