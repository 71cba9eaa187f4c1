"""Parameters of a flexible server (requirement V1)."""

from __future__ import annotations

from components import postgres
from components.azure import catalog

EXTENSIONS = "VECTOR"
"""Extensions that may be created at all; none may without this (Flexible Server documentation,
"Allow extensions")."""


def parameters(name: str) -> dict[str, str]:
    """Parameter -> value for a class, in the order in which they are set.

    What Azure reckons from the memory it reckons once, when the server is made: after a change of
    class the old values would stay, so each is given. Raises `ValueError` for an unknown class.
    """
    found = catalog.database_class(name)
    return {
        "azure.extensions": EXTENSIONS,
        **{each.name: each.value for each in postgres.parameters(found.memory_gib)},
        "max_connections": str(found.max_connections),
    }
