"""Rights of pods: an identity of Azure's that answers to a service account."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import managedidentity

from components.azure.identity import Identity
from components.azure.place import Place

AUDIENCE = "api://AzureADTokenExchange"
"""Whom a token of a service account is for when Azure takes it (Entra documentation, "Workload
identity federation")."""


class PodIdentity(pulumi.ComponentResource):
    """An identity without a key: Azure believes the cluster that a pod runs as the service account,
    and no other."""

    identity: Identity
    """Whom rights are given to."""
    annotations: Mapping[str, pulumi.Input[str]]
    """By which whoever acts for the service account finds the identity."""
    ready: tuple[pulumi.Resource, ...]
    """What has to be there before a pod asks for a token."""

    def __init__(
        self,
        name: str,
        *,
        issuer: pulumi.Input[str],
        namespace: str,
        account: str,
        place: Place,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`issuer`: address of whoever signs the cluster's tokens."""
        super().__init__("letta:azure:PodIdentity", name, {"account": account}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.identity = Identity(name, place, child)
        believed = managedidentity.FederatedIdentityCredential(
            name,
            federated_identity_credential_resource_name=name,
            resource_name_=self.identity.id.apply(lambda _: name),
            resource_group_name=place.group,
            issuer=issuer,
            subject=f"system:serviceaccount:{namespace}:{account}",
            audiences=[AUDIENCE],
            opts=child,
        )
        self.annotations = {
            "azure.workload.identity/client-id": self.identity.client_id,
            "azure.workload.identity/tenant-id": place.tenant,
        }
        self.ready = (believed,)
        self.register_outputs({})
