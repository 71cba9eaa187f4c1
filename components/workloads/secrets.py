"""Secrets: values that the External Secrets Operator fetches from the cloud's store, or that lie
in the cluster itself where there is no such store.

With a store, no value passes through Pulumi. What a workload reads lies in a Kubernetes Secret of
its own, whose name ends in a digest of the values' revisions and which never changes: after a
rotation there is a second one, pods move over to it, and then the first one goes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
from pulumi_kubernetes import apiextensions, core, meta

from components.roles import Reference
from components.workloads.cluster import Cluster, RemoteKey
from components.workloads.labels import Component, labels

API_VERSION = "external-secrets.io/v1"
_DIGEST_LENGTH = 10


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The values of one workload."""

    environment: tuple[core.v1.EnvVarArgs, ...]
    """Entries of a container's environment: variables and keys are known at preview."""
    ready: tuple[pulumi.Resource, ...]
    """There once the values are in the cluster."""

    def of(self, variables: Iterable[str]) -> Secrets:
        """Those that one of the workload's containers is to see."""
        wanted = frozenset(variables)
        kept = tuple(one for one in self.environment if one.name in wanted)
        return replace(self, environment=kept)


def secrets(
    parent: pulumi.Resource,
    name: str,
    component: Component,
    references: Mapping[str, Reference],
    cluster: Cluster,
    opts: pulumi.ResourceOptions | None = None,
) -> Secrets:
    """Fetch what the workload `name` refers to, by variable."""
    if not references:
        return Secrets(environment=(), ready=())
    ordered = sorted(references.items())
    remote_key = cluster.remote_key
    if remote_key is None:
        return Secrets(environment=tuple(kept(*each) for each in ordered), ready=())
    secret = pulumi.Output.all(*(each.revision for _, each in ordered)).apply(
        lambda revisions: f"{name}-{_digest(revisions)}"
    )
    external = apiextensions.CustomResource(
        name,
        api_version=API_VERSION,
        kind="ExternalSecret",
        metadata=meta.v1.ObjectMetaArgs(
            name=secret,
            namespace=cluster.namespace,
            labels=labels(name, component),
            annotations={"pulumi.com/waitFor": "condition=Ready"},
        ),
        spec={
            "refreshPolicy": "CreatedOnce",
            "target": {
                "name": secret,
                "creationPolicy": "Owner",
                "deletionPolicy": "Retain",
                "immutable": True,
            },
            "data": [
                {"secretKey": variable, **_source(remote_key(reference))}
                for variable, reference in ordered
            ],
        },
        opts=pulumi.ResourceOptions.merge(
            pulumi.ResourceOptions(parent=parent, depends_on=cluster.ready), opts
        ),
    )
    return Secrets(
        environment=tuple(_entry(variable, secret) for variable, _ in ordered), ready=(external,)
    )


def _source(remote: RemoteKey) -> dict[str, Any]:
    reference: dict[str, Any] = {"key": remote.key}
    if remote.property is not None:
        reference["property"] = remote.property
    return {
        "sourceRef": {"storeRef": {"kind": "SecretStore", "name": remote.store}},
        "remoteRef": reference,
    }


def kept(variable: str, reference: Reference) -> core.v1.EnvVarArgs:
    """A value in a Secret that never changes, or in such a ConfigMap where it is no secret: another
    value is in another one, which the reference then names."""
    key = reference.property or variable
    if reference.kind == "secret":
        return _entry(variable, reference.name, key)
    return core.v1.EnvVarArgs(
        name=variable,
        value_from=core.v1.EnvVarSourceArgs(
            config_map_key_ref=core.v1.ConfigMapKeySelectorArgs(
                name=reference.name, key=key, optional=False
            )
        ),
    )


def _entry(variable: str, secret: pulumi.Output[str], key: str | None = None) -> core.v1.EnvVarArgs:
    return core.v1.EnvVarArgs(
        name=variable,
        value_from=core.v1.EnvVarSourceArgs(
            secret_key_ref=core.v1.SecretKeySelectorArgs(
                name=secret, key=key or variable, optional=False
            )
        ),
    )


def _digest(revisions: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(revisions).encode()).hexdigest()[:_DIGEST_LENGTH]
