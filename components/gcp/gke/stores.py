"""Stores: where the External Secrets Operator fetches a workload's values."""

from __future__ import annotations

from collections.abc import Callable

import pulumi

from components.gcp.place import Place
from components.roles import Reference
from components.workloads.cluster import RemoteKey
from components.workloads.stores import secret_store

STORE = "secret-manager"
"""Name of the `SecretStore` in the workloads' namespace."""


def google_store(
    parent: pulumi.Resource, name: str, place: Place, opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    """Make the store of the project."""
    return secret_store(parent, name, STORE, {"gcpsm": {"projectID": place.project}}, opts)


def remote_keys(place: Place) -> Callable[[Reference], RemoteKey]:
    """How the operator asks for what a container of Cloud Run would refer to by id."""
    own = place.path("secrets/")

    def remote_key(reference: Reference) -> RemoteKey:
        return RemoteKey(
            store=STORE, key=reference.name.apply(lambda named: named.removeprefix(own))
        )

    return remote_key
