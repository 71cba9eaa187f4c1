"""What rules cannot look at where a stack is a tenant of somebody's cluster, and why."""

from __future__ import annotations

from collections.abc import Mapping

_MACHINES = "the machines are the cluster owner's, and none of them is a resource of the stack"
_BUCKET = "the bucket is its owner's: the stack writes to it and cannot set it"
_LOGS = "logs go to the cluster's collector, which is its owner's"
_AT_REST = "encryption at rest is the cluster owner's: of its store and of its storage classes"

INAPPLICABLE: Mapping[str, str] = {
    "api-machine-size": _MACHINES,
    "worker-size": _MACHINES,
    "rolling-deploy-fits-capacity": _MACHINES,
    "pods-find-a-machine": _MACHINES,
    "spans-zones": _MACHINES,
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
