"""Stores: where the External Secrets Operator fetches a workload's values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi

from components.azure.aks.pod_identity import PodIdentity
from components.azure.fixed import SECRETS_USER
from components.roles import Reference
from components.workloads import companions
from components.workloads.cluster import NAMESPACE, RemoteKey
from components.workloads.stores import secret_store

if TYPE_CHECKING:
    from components.azure.site import Site

STORE = "key-vault"
"""Name of the `SecretStore` in the workloads' namespace."""


class VaultStore(pulumi.ComponentResource):
    """The stack's vault, as an account of the namespace that may read secrets and runs no pod."""

    store: pulumi.Resource
    """There once the operator can fetch."""

    def __init__(
        self,
        name: str,
        site: Site,
        issuer: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
        *,
        inside: pulumi.ResourceOptions,
    ) -> None:
        """`inside`: the cluster's provider, and what to wait for."""
        super().__init__("letta:azure:VaultStore", name, {}, opts)
        found = PodIdentity(
            name,
            issuer=issuer,
            namespace=NAMESPACE,
            account=name,
            place=site.place,
            opts=pulumi.ResourceOptions(parent=self),
        )
        found.identity.grant("vault", SECRETS_USER, site.secrets.vault_id)
        account = companions.service_account(
            self, name, "base", inside, annotations=found.annotations
        )
        needs = [account, *found.ready, *found.identity.ready]
        provider = {
            "authType": "WorkloadIdentity",
            "vaultUrl": site.secrets.vault_url,
            "serviceAccountRef": {"name": name},
        }
        self.store = secret_store(
            self,
            name,
            STORE,
            {"azurekv": provider},
            pulumi.ResourceOptions.merge(inside, pulumi.ResourceOptions(depends_on=needs)),
        )
        self.register_outputs({})


def remote_key(reference: Reference) -> RemoteKey:
    """How the operator asks for what a container of Container Apps would refer to by address."""
    return RemoteKey(
        store=STORE, key=reference.name.apply(lambda address: address.rpartition("/")[2])
    )
