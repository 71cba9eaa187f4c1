"""The secrets that every site keeps for the servers: two generated ones, and providers' keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from components.letta.environment import ENCRYPTION_KEY, SERVER_PASSWORD

if TYPE_CHECKING:
    import pulumi

    from components.roles import Reference, SiteArgs


def references(
    name: str,
    args: SiteArgs,
    password: pulumi.Output[str],
    encryption_key: pulumi.Output[str],
    keep: Callable[[str, pulumi.Output[str]], Reference],
    existing: Callable[[str], Reference],
) -> Mapping[str, Reference]:
    """Variable -> where its value lies. `keep`: puts a value into the store under a name;
    `existing`: refers to a secret that was there before, by the cloud's name."""
    return {
        SERVER_PASSWORD: keep(f"{name}-server-password", password),
        ENCRYPTION_KEY: keep(f"{name}-encryption-key", encryption_key),
        **{
            variable: keep(f"{name}-{variable.lower().replace('_', '-')}", value)
            for variable, value in sorted(args.provider_secrets.items())
        },
        **{
            variable: existing(secret) for variable, secret in sorted(args.existing_secrets.items())
        },
    }
