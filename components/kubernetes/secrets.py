"""Secrets of the stack in its own namespace, and those that the owner keeps there."""

from __future__ import annotations

import pulumi

from components.roles import Reference, SiteArgs
from components.workloads.kept import KeptSecrets


class Secrets(KeptSecrets):
    """What servers refer to, by variable."""

    def __init__(
        self, name: str, args: SiteArgs, opts: pulumi.ResourceOptions, *, namespace: str
    ) -> None:
        super().__init__(
            "letta:kubernetes:Secrets", name, args.provider_secrets, opts, namespace=namespace
        )
        self.references = {
            **self.references,
            **{variable: existing(named) for variable, named in args.existing_secrets.items()},
        }


def existing(named: str) -> Reference:
    """A value, `<secret>/<key>`, of a Secret that its owner keeps in the stack's namespace."""
    secret, _, key = named.partition("/")
    output = pulumi.Output.from_input(secret)
    return Reference(
        name=output,
        readable=output,
        revision=pulumi.Output.from_input("kept outside the stack"),
        property=key,
    )
