"""Identities: who a container or a service is, and what it may do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pulumi
from pulumi_azure_native import authorization, managedidentity, resources

from components.azure.fixed import CLI_VERSION, GRANT_SECONDS, SECRETS_USER
from components.azure.place import Place
from components.roles import Reference

DIGITS = 8
"""Length of what a wait is told from the one before by."""


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
        self._granted: list[authorization.RoleAssignment] = []
        self._known: resources.AzureCliScript | None = None
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
        """The rights given, and known everywhere: what uses the identity waits for it. From then on
        it gets no other."""
        if self._known is None:
            self._known = self._wait()
        return (*self._granted, self._known)

    @property
    def granted(self) -> tuple[pulumi.Resource, ...]:
        """The rights given so far, for who asks again until they are known."""
        return tuple(self._granted)

    def _wait(self) -> resources.AzureCliScript:
        """Wait until what was given is known everywhere, once for each change of it. What is made
        too early fails, and Azure keeps some of it in that state."""
        place = self._place
        given = pulumi.Output.all(*(one.id for one in self._granted))
        return resources.AzureCliScript(
            f"{self._name}-wait",
            script_name=f"{self._name}-wait",
            resource_group_name=place.group,
            location=place.region,
            kind="AzureCLI",
            az_cli_version=CLI_VERSION,
            script_content=f"sleep {GRANT_SECONDS}",
            force_update_tag=given.apply(
                lambda ids: hashlib.sha256("\n".join(map(str, ids)).encode()).hexdigest()[:DIGITS]
            ),
            timeout=f"PT{2 * GRANT_SECONDS}S",
            retention_interval="P1D",
            cleanup_preference="OnSuccess",
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._granted)),
        )

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
