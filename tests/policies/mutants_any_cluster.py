"""Bad configurations of what runs on any cloud's cluster, of those in the modules beside this."""

from __future__ import annotations

from dataclasses import replace

from tests.policies.mutants_cluster import CLUSTER
from tests.policies.mutants_models import MODELS
from tests.policies.mutants_pods import PODS
from tests.policies.mutants_tiers import TIERS

_NOT_ALONE = {
    # Of machines, stores and charts that a cluster of the stack's own has.
    *("api-machine-size", "rolling-deploy-fits-capacity", "imds-v2", "pods-find-a-machine"),
    *("control-plane-access", "control-plane-guarded", "deletion-protection", "secrets-from-store"),
    *("volumes-encrypted", "pinned-charts", "custom-resources-have-controller", "node-autoscaler"),
    *("storage-fits-data", "spot-for-workers-only", "current-machine-types"),
    # What they say holds numbers of the database, or the networks of one cloud.
    *("connection-budget", "network-policies"),
    # Of models that the stack serves itself.
    *("gpu-memory-holds-model", "tensor-parallel-equals-gpus", "gpus-reserved-and-usable"),
    *("embedding-image-fits-card", "gated-model-has-token"),
}
_NOT_THESE = {
    "health-check-path-large, load balancer",
    "known-kinds-another name",
    "model-address-in-cluster-none",
    "model-address-in-cluster-outside",
    "pinned-images-large",
    "startup-budget-model",
}
ANY_CLUSTER = tuple(
    replace(one, tier="large")
    for one in (*TIERS, *PODS, *CLUSTER, *MODELS)
    if one.rule not in _NOT_ALONE and one.id not in _NOT_THESE
)
"""Of a stack named `large` whose servers are pods, whoever made the cluster."""
