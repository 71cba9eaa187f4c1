"""What the variables of a container mean to Letta 0.16.4."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from components.redis_proxy import HOST
from policies.facts.commands import repository
from policies.facts.model import Container, Server
from policies.facts.unknown import Unknown

# Defaults of the server (letta 0.16.4, `letta/settings.py`).
_POOL_SIZE = 25
_MAX_OVERFLOW = 10
_KEEPALIVE_SECONDS = 5
_PROCESSES = 1

REPOSITORY = "letta"
"""Last part of the name of an image that runs the server."""


def servers(containers: Iterable[Container]) -> tuple[Server, ...]:
    """Those of some containers that run the server."""
    return tuple(
        server(container)
        for container in containers
        if repository(container.image) == REPOSITORY and not is_proxy(container)
    )


def is_proxy(container: Container) -> bool:
    """Whether it speaks TLS to a Redis for the server beside it, in the server's own image."""
    return HOST in container.environment


def server(container: Container) -> Server:
    """A container with its variables understood as the server does."""
    variables = container.environment
    return Server(
        **{field.name: getattr(container, field.name) for field in fields(Container)},
        processes=_integer(container, "LETTA_UVICORN_WORKERS", _PROCESSES),
        pooling=not _flag(variables.get("LETTA_DISABLE_SQLALCHEMY_POOLING", "true")),
        pool_size=_integer(container, "LETTA_PG_POOL_SIZE", _POOL_SIZE),
        max_overflow=_integer(container, "LETTA_PG_MAX_OVERFLOW", _MAX_OVERFLOW),
        secure=_flag(variables.get("LETTA_SERVER_SECURE", "")),
        keepalive_seconds=_integer(
            container, "LETTA_UVICORN_TIMEOUT_KEEP_ALIVE", _KEEPALIVE_SECONDS
        ),
        debug=_flag(variables.get("LETTA_DEBUG", "")),
        model=variables.get("LETTA_DEFAULT_LLM_HANDLE", ""),
        embedding=variables.get("LETTA_DEFAULT_EMBEDDING_HANDLE", ""),
    )


def _flag(value: str) -> bool:
    return value.lower() in ("true", "1", "yes", "on", "t", "y")


def _integer(container: Container, variable: str, default: int) -> int:
    text = container.environment.get(variable)
    if text is None:
        return default
    wrong: Any = Unknown(
        container.name,
        container.urn,
        f"{variable} of container {container.container} in `{container.name}` is {text!r}, "
        "no whole number",
    )
    return int(text) if text.isdecimal() else wrong
