"""Containers of Container Apps: what apps and jobs have in common."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from math import ceil
from typing import Any

import pulumi

from components.azure.fixed import VERSIONS
from components.azure.secrets import LATEST
from components.letta.environment import HOME
from components.roles import Reference, ServerArgs, SidecarArgs

SERVER = "server"
"""Name of the container that answers requests."""
STEP_VCPUS = 0.25
STEP_MIB = 512
"""A copy's CPU and memory are so many of these, as many of one as of the other (Container Apps
documentation, "Containers", "Allocations")."""
VERSIONS_DIGITS = 12
"""Length of that digest."""


def limits(vcpus: float, memory_mib: int) -> Any:  # noqa: ANN401  (the SDK's dictionary)
    """CPU and memory of a container."""
    return {"cpu": vcpus, "memory": f"{memory_mib / 1024:g}Gi"}


def share(sidecar: SidecarArgs) -> tuple[float, int]:
    """vCPUs and MiB of a copy that a container beside the server takes."""
    steps = ceil(sidecar.memory_mib / STEP_MIB)
    return steps * STEP_VCPUS, steps * STEP_MIB


def variables(server: ServerArgs) -> list[Any]:
    """The variables of a container that runs Letta."""
    return entries({**server.environment, "HOME": HOME}, server.references)


def entries(
    plain: Mapping[str, pulumi.Input[str]], references: Mapping[str, Reference]
) -> list[Any]:
    """Plain variables, and those that come from the vault."""
    return [
        *({"name": name, "value": value} for name, value in sorted(plain.items())),
        *({"name": name, "secret_ref": _label(name)} for name in sorted(references)),
    ]


def secrets(references: Mapping[str, Reference], identity: pulumi.Output[str]) -> list[Any]:
    """What Container Apps fetches from vaults, as the identity. A name stays when its value
    changes, or copies of the running revision would look for what is gone; the address has the
    version."""
    return [
        {
            "name": _label(name),
            "key_vault_url": pulumi.Output.all(reference.name, reference.revision).apply(
                lambda found: found[0] if found[1] == LATEST else f"{found[0]}/{found[1]}"
            ),
            "identity": identity,
        }
        for name, reference in sorted(references.items())
    ]


def assigned(identity: pulumi.Output[str]) -> Any:  # noqa: ANN401  (the SDK's dictionary)
    """The identity of an app or a job."""
    return {"type": "UserAssigned", "user_assigned_identities": [identity]}


def out_of_reach(identity: pulumi.Output[str]) -> list[Any]:
    """Settings by which the platform alone uses the identity: the containers cannot."""
    return [{"identity": identity, "lifecycle": "None"}]


def versions(references: Mapping[str, Reference]) -> Any:  # noqa: ANN401  (the SDK's dictionary)
    """The variable by which another version of a secret is another revision."""
    revisions = [reference.revision for _, reference in sorted(references.items())]
    digest = pulumi.Output.all(*revisions).apply(
        lambda found: hashlib.sha256("\n".join(found).encode()).hexdigest()[:VERSIONS_DIGITS]
    )
    return {"name": VERSIONS, "value": digest}


def _label(variable: str) -> str:
    return variable.lower().replace("_", "-")
