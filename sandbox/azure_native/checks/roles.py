"""Roles: who may do what, and where."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import ids, locks
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
DEFINITION = "azure-native:authorization:RoleDefinition"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
CRYPTO_USER = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
KEY_USER = "12338af0-0e69-4776-bea7-57ae8d297424"
VAULT_CONTRIBUTOR = "f25e0fa2-a7c8-4377-a976-54943a77a395"
BUILT_IN = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    SECRETS_USER: "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": "Key Vault Administrator",
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603": "Key Vault Crypto Officer",
    CRYPTO_USER: "Key Vault Crypto Service Encryption User",
    KEY_USER: "Key Vault Crypto User",
    VAULT_CONTRIBUTOR: "Key Vault Contributor",
    "136d308c-0937-4a49-9bd7-edfb42adbffc": "Disk Encryption Set Operator for Managed Disks",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "090c5cfd-751d-490a-894a-3ce6f1109419": "Azure Service Bus Data Owner",
    "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
    "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
    "b9a307c4-5aa3-4b52-ba60-2b17c136cd7b": "Container Apps Jobs Operator",
    "4d97b98b-1d4f-4787-a291-c67834d212e7": "Network Contributor",
    "b12aa53e-6015-4669-85d0-8515ebb3ae7f": "Private DNS Zone Contributor",
    "f1a07417-d97a-45cb-824c-7a7467783830": "Managed Identity Operator",
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05": "Monitoring Reader",
    "4abbcc35-e782-43d8-92c5-2d3f1bd2253f": "Azure Kubernetes Service Cluster User Role",
    "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b": "Azure Kubernetes Service RBAC Cluster Admin",
}
"""Built-in roles that are known here (Azure RBAC documentation, "Azure built-in roles")."""


def principal_type_given(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A new identity is not known everywhere at once: an assignment that does not say what its
    principal is looks for it and fails (Azure RBAC documentation, "Troubleshoot")."""
    if not properties["principalType"]:
        yield Problem(
            "principalType",
            "PrincipalNotFound may come of it: say what the principal is, as ServicePrincipal for "
            "a managed identity",
        )


def definition_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The role is a built-in one, or one of the stack's."""
    given = str(properties["roleDefinitionId"])
    own = {ids.tail(item.id) for item in cloud.all(DEFINITION)}
    if ids.tail(given) not in {*BUILT_IN, *own}:
        yield Problem("roleDefinitionId", f"RoleDefinitionDoesNotExist: {given}")


def principal_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """An identity that is a service principal is there."""
    given = properties["principalId"]
    if given == cloud.deployer or properties["principalType"] != "ServicePrincipal":
        return
    if cloud.find(IDENTITY, "principalId", given) is None:
        yield Problem("principalId", f"PrincipalNotFound: {given} is not in {cloud.tenant}")


def scope_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The scope is there."""
    yield from locks.there(str(properties["scope"]), cloud)


def granted_once(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A principal has a role in a scope once."""
    for other in cloud.all(ASSIGNMENT):
        same = all(
            str(other.get(name)).lower() == str(properties[name]).lower()
            for name in ("principalId", "roleDefinitionId", "scope")
        )
        if same and other.id != properties["id"]:
            yield Problem("principalId", f"RoleAssignmentExists: {other.label} says the same")


def held(identity: str, role: str, resource_id: str, cloud: AzureCloud) -> bool:
    """Whether an identity, named by its resource id, has a role where an object lies."""
    found = cloud.find(IDENTITY, "id", identity)
    return found is not None and any(
        item.get("principalId") == found.get("principalId")
        and ids.tail(str(item.get("roleDefinitionId"))) == role
        and ids.within(resource_id, str(item.get("scope")))
        for item in cloud.all(ASSIGNMENT)
    )
