"""Rules that have nothing to look at where a stack has no part of a kind, and why."""

from __future__ import annotations

from collections.abc import Mapping

_CLUSTER = "the stack runs on the cloud's container service and makes no Kubernetes cluster"
_MODELS = "models of the stack's own need a Kubernetes cluster, and this stack has none"

NO_CLUSTER: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "pod-requests-and-limits",
            "pod-disruption-budget",
            "pod-spread",
            "pod-security",
            "startup-budget",
            "network-policies",
            "known-kinds",
            "services-stay-inside",
            "pods-find-a-machine",
            "control-plane-access",
            "control-plane-guarded",
            "kubernetes-schema",
            "secrets-from-store",
            "storage-fits-data",
            "pinned-charts",
            "custom-resources-have-controller",
            "node-autoscaler",
            "spot-for-workers-only",
        ),
        _CLUSTER,
    ),
    **dict.fromkeys(
        (
            "gpu-memory-holds-model",
            "tensor-parallel-equals-gpus",
            "gpus-reserved-and-usable",
            "embedding-image-fits-card",
            "model-address-in-cluster",
            "gated-model-has-token",
        ),
        _MODELS,
    ),
}
"""Rule -> why, of a stack that runs on no cluster and makes none."""
