"""What rules cannot look at where a stack is a tenant of somebody's cluster, and why."""

from __future__ import annotations

from collections.abc import Mapping

_MACHINES = "the machines are the cluster owner's, and none of them is a resource of the stack"
_BUCKET = "the bucket is its owner's: the stack writes to it and cannot set it"
_LOGS = "logs go to the cluster's collector, which is its owner's"
_CONTROL_PLANE = "the cluster exists, and who steers it is its owner's"
_FIREWALL = "a web application firewall is that of the gateway's controller, where it has one"
_MODELS = (
    "models of the stack's own are refused here: they need GPU machines that only the cluster's "
    "owner can describe"
)
_AT_REST = "encryption at rest is the cluster owner's: of its store and of its storage classes"

INAPPLICABLE: Mapping[str, str] = {
    "api-machine-size": _MACHINES,
    "worker-size": _MACHINES,
    "rolling-deploy-fits-capacity": _MACHINES,
    "pods-find-a-machine": _MACHINES,
    "spans-zones": _MACHINES,
    "imds-v2": _MACHINES,
    "node-autoscaler": _MACHINES,
    "spot-for-workers-only": _MACHINES,
    "current-machine-types": _MACHINES,
    "embedding-image-fits-card": _MACHINES,
    "control-plane-access": _CONTROL_PLANE,
    "control-plane-guarded": _CONTROL_PLANE,
    "waf-present": _FIREWALL,
    "waf-passes-prompts": _FIREWALL,
    "waf-rate-limit": _FIREWALL,
    "waf-logged": _FIREWALL,
    "gpu-memory-holds-model": _MODELS,
    "tensor-parallel-equals-gpus": _MODELS,
    "gpus-reserved-and-usable": _MODELS,
    "gated-model-has-token": _MODELS,
    "final-snapshot": (
        "what outlives the database is the archive of its log, and database-backups looks at that"
    ),
    "database-private": (
        "CloudNativePG makes services of type ClusterIP alone: nothing outside the cluster "
        "reaches the database"
    ),
    "cache-private": "network-policies looks at who may call the cache's pod",
    "bucket-encrypted": _BUCKET,
    "bucket-versioned": _BUCKET,
    "bucket-public-access-blocked": _BUCKET,
    "bucket-lifecycle": _BUCKET,
    "log-retention": _LOGS,
    "logs-encrypted": _LOGS,
    "database-encrypted": _AT_REST,
    "secrets-encrypted": _AT_REST,
    "secrets-from-store": (
        "there is no store outside the cluster: Secret objects hold what the engine keeps "
        "encrypted, and no-plain-secret looks at all that it does not"
    ),
    "custom-resources-have-controller": (
        "operators are installed by the cluster's owner; the API server refuses a kind that "
        "nobody brought"
    ),
    "open-to-the-world": (
        "there are no security groups; network-policies looks at what stands there"
    ),
    "iam-least-privilege": "the stack makes no rights: its pods have no token of the cluster",
}
"""Rule -> why it has nothing to look at."""
