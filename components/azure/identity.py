"""Identities: who a container or a service is, and what it may do."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_azure_native import authorization, managedidentity

from components.azure.fixed import SECRETS_USER
from components.azure.place import Place
from components.roles import Reference


class Identity(pulumi.ComponentResource):
    """A user-assigned identity, and its rights."""

    id: pulumi.Output[str]
    """Its id, known at preview."""
    client_id: pulumi.Output[str]
    """By which a program asks for a token."""
    principal_id: pulumi.Output[str]
    """By which rights are given to it."""

    def __init__(self, name: str, place: Place, opts: pulumi.ResourceOptions) -> None:
        super().__init__("letta:azure:Identity", name, {}, opts)
        self._name = name
        self._place = place
        self._granted: list[pulumi.Resource] = []
        found = managedidentity.UserAssignedIdentity(
            name,
            resource_name_=name,
            resource_group_name=place.group,
            location=place.region,
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.id = place.of(found, f"Microsoft.ManagedIdentity/userAssignedIdentities/{name}")
        self.client_id = found.client_id
        self.principal_id = found.principal_id
        self.register_outputs({"id": self.id})

    @property
    def ready(self) -> tuple[pulumi.Resource, ...]:
        """The rights given so far: what uses the identity waits for them."""
        return tuple(self._granted)

    def grant(
        self,
        label: str,
        role: str,
        scope: pulumi.Input[str],
        *,
        condition: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Give a built-in role on the scope alone."""
        self._granted.append(
            authorization.RoleAssignment(
                f"{self._name}-{label}",
                role_definition_id=self._place.role(role),
                scope=scope,
                principal_id=self.principal_id,
                # Otherwise Azure looks the identity up in a directory that does not know it yet.
                principal_type="ServicePrincipal",
                condition=condition,
                condition_version="2.0" if condition else None,
                opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=self), opts),
            )
        )

    def admit(self, references: Mapping[str, Reference]) -> None:
        """Let it read what a container refers to, and nothing else."""
        for variable, reference in sorted(references.items()):
            self.grant(variable.lower().replace("_", "-"), SECRETS_USER, reference.readable)
