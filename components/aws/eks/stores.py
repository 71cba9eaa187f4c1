"""Stores: where the External Secrets Operator fetches a workload's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import pulumi
from pulumi_kubernetes import apiextensions

from components.aws.place import Place
from components.aws.secrets import ARN_PARTS, is_whole
from components.roles import Reference
from components.workloads.cluster import RemoteKey
from components.workloads.stores import secret_store

Kind = Literal["secret", "parameter"]

STORES: Mapping[Kind, str] = {"secret": "secrets-manager", "parameter": "parameter-store"}
"""Kind of reference -> name of its `SecretStore` in the workloads' namespace."""
_SERVICES: Mapping[Kind, str] = {"secret": "SecretsManager", "parameter": "ParameterStore"}


def secret_stores(
    parent: pulumi.Resource, name: str, place: Place, opts: pulumi.ResourceOptions
) -> list[apiextensions.CustomResource]:
    """Make both stores."""
    return [
        secret_store(
            parent,
            name,
            store,
            {"aws": {"service": _SERVICES[kind], "region": place.region}},
            opts,
        )
        for kind, store in STORES.items()
    ]


def remote_keys(place: Place) -> Callable[[Reference], RemoteKey]:
    """How the operator asks for what a container of ECS would refer to by ARN."""
    own = place.arn("secretsmanager", "secret:")

    def secret_id(arn: str) -> str:
        """The ARN; or the name of a secret of this account and region whose ARN is given without
        its last characters, for the API recommends whole ones (Secrets Manager API reference,
        "GetSecretValue")."""
        secret = ":".join(arn.split(":")[:ARN_PARTS])
        return secret if is_whole(secret) else secret.removeprefix(own)

    def remote_key(reference: Reference) -> RemoteKey:
        key = _parameter_name if reference.kind == "parameter" else secret_id
        return RemoteKey(
            store=STORES[reference.kind],
            key=reference.name.apply(key),
            property=reference.property,
        )

    return remote_key


def _parameter_name(arn: str) -> str:
    """`arn:…:parameter/a` is named `a`, `arn:…:parameter/a/b` is named `/a/b`: the slash of the
    ARN is the name's own where the name is a path."""
    name = arn.split(":parameter/", 1)[1]
    return f"/{name}" if "/" in name else name
