"""Kept secrets: values of the stack as Secret objects of the cluster itself, which never change.

The provider names each, and a new value makes a new object under a new name: pods move over to it
before the old one goes. Values are encrypted in Pulumi's state, and in the cluster's own store
where that is set up (Kubernetes documentation, "Encrypting Confidential Data at Rest").
"""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_random as random
from pulumi_kubernetes import core, meta

from components.letta.environment import ENCRYPTION_KEY, SERVER_PASSWORD
from components.roles import Reference
from components.workloads.cluster import NAMESPACE
from components.workloads.labels import labels

GENERATED_LENGTH = 48
"""Characters of a generated secret: letters and digits, 285 bits."""


class KeptSecrets(pulumi.ComponentResource):
    """What servers refer to, by variable, in one Secret of the cluster."""

    references: Mapping[str, Reference]
    """Generated server password and encryption key, and the provider keys, by variable."""
    server_password: pulumi.Output[str]
    """The generated password that clients send; a secret output."""

    def __init__(
        self,
        kind: str,
        name: str,
        provider_secrets: Mapping[str, pulumi.Output[str]],
        opts: pulumi.ResourceOptions,
        *,
        namespace: str = NAMESPACE,
    ) -> None:
        """`kind`: the component's type. `provider_secrets`: variable -> provider key. `opts`: the
        cluster's provider, and what to wait for."""
        super().__init__(kind, name, {}, opts)
        self.server_password = generate(self, f"{name}-server-password", GENERATED_LENGTH)
        own = {
            SERVER_PASSWORD: self.server_password,
            ENCRYPTION_KEY: generate(self, f"{name}-encryption-key", GENERATED_LENGTH),
            **provider_secrets,
        }
        kept = keep(self, name, own, namespace=namespace)
        self.references = {variable: reference(kept, variable) for variable in own}
        self.register_outputs({})


def generate(
    parent: pulumi.Resource, name: str, length: int, *, least_of_each: int = 0
) -> pulumi.Output[str]:
    """A random secret output of letters and digits.

    Nothing else: a `%` or `/` in a database password breaks the server's migration.
    `least_of_each`: capitals, small letters and digits that must be in it.
    """
    return random.RandomPassword(
        name,
        length=length,
        special=False,
        min_lower=least_of_each or None,
        min_upper=least_of_each or None,
        min_numeric=least_of_each or None,
        opts=pulumi.ResourceOptions(parent=parent),
    ).result


def keep(
    parent: pulumi.Resource,
    name: str,
    values: Mapping[str, pulumi.Input[str]],
    *,
    kind: str = "Opaque",
    namespace: str = NAMESPACE,
    opts: pulumi.ResourceOptions | None = None,
) -> core.v1.Secret:
    """Store secret outputs, by key. `opts`: the cluster's provider, where the parent has none, and
    what to wait for."""
    return core.v1.Secret(
        name,
        # Without a name of its own: the provider's ends in digits of this very object.
        metadata=meta.v1.ObjectMetaArgs(namespace=namespace, labels=labels(name, "base")),
        type=kind,
        immutable=True,
        string_data={key: pulumi.Output.secret(value) for key, value in values.items()},
        opts=pulumi.ResourceOptions.merge(
            pulumi.ResourceOptions(parent=parent, additional_secret_outputs=["data", "stringData"]),
            opts,
        ),
    )


def tell(
    parent: pulumi.Resource,
    name: str,
    values: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
) -> core.v1.ConfigMap:
    """Keep what is no secret and known only once it exists, by key; `opts` as with `keep`."""
    return core.v1.ConfigMap(
        name,
        metadata=meta.v1.ObjectMetaArgs(namespace=NAMESPACE, labels=labels(name, "base")),
        immutable=True,
        data=values,
        opts=pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), opts),
    )


def told(config: core.v1.ConfigMap, key: str) -> Reference:
    """A value that is no secret."""
    named = config.metadata.apply(lambda metadata: str(metadata.name))
    return Reference(name=named, readable=named, revision=named, property=key, kind="parameter")


def reference(secret: core.v1.Secret, key: str) -> Reference:
    """A value of a Secret of the stack's."""
    named = named_by(secret)
    return Reference(name=named, readable=named, revision=named, property=key)


def named_by(secret: core.v1.Secret) -> pulumi.Output[str]:
    """Name of a Secret, as the provider chose it."""
    return secret.metadata.apply(lambda metadata: str(metadata.name))
