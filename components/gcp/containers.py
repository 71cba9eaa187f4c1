"""Containers of Cloud Run: what services and jobs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.letta.environment import HOME
from components.roles import Reference, ServerArgs

SERVER = "server"
"""Name of the container that answers requests."""
CPU_LIMIT = "cpu"
MEMORY_LIMIT = "memory"


def limits(vcpus: float, memory_mib: int) -> dict[str, str]:
    """CPU and memory of a container."""
    return {CPU_LIMIT: f"{vcpus:g}", MEMORY_LIMIT: f"{memory_mib}Mi"}


def variables(server: ServerArgs) -> list[Any]:
    """The variables of a container that runs Letta."""
    return entries({**server.environment, "HOME": HOME}, server.references)


def entries(
    plain: Mapping[str, pulumi.Input[str]], references: Mapping[str, Reference]
) -> list[Any]:
    """Plain variables, and those that Cloud Run fetches when an instance starts. Each secret is
    given by version: another version is another revision. Dictionaries, for services and jobs have
    types of their own for the same."""
    return [
        *({"name": name, "value": value} for name, value in sorted(plain.items())),
        *(
            {"name": name, "value_source": {"secret_key_ref": _reference(reference)}}
            for name, reference in sorted(references.items())
        ),
    ]


def _reference(reference: Reference) -> Mapping[str, Any]:
    return {"secret": reference.name, "version": reference.revision}
