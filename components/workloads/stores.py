"""Stores: where the External Secrets Operator fetches a workload's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes import apiextensions, meta

from components.workloads.cluster import NAMESPACE
from components.workloads.labels import labels

API_VERSION = "external-secrets.io/v1"


def secret_store(
    parent: pulumi.Resource,
    name: str,
    store: str,
    provider: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> apiextensions.CustomResource:
    """Make the store `store` in the workloads' namespace. It holds no credentials: the operator
    has those of its pods.

    `provider`: the cloud's service, as the operator's definition of the kind has it.
    """
    return apiextensions.CustomResource(
        f"{name}-{store}",
        api_version=API_VERSION,
        kind="SecretStore",
        metadata=meta.v1.ObjectMetaArgs(
            name=store, namespace=NAMESPACE, labels=labels(name, "base")
        ),
        spec={"provider": dict(provider)},
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )
