"""Secrets: the stack's encryption key and everything that must not be read in plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pulumi
import pulumi_random as random
from pulumi_aws import kms, secretsmanager

from components.aws.key_policy import key_policy
from components.aws.place import Place
from components.letta.environment import ENCRYPTION_KEY, SERVER_PASSWORD
from components.roles import Reference, SiteArgs

GENERATED_LENGTH = 48
"""Characters of a generated secret: letters and digits, 285 bits."""
RECOVERY_DAYS = 7
"""Days during which a deleted secret can be restored. Enough to notice; a secret that is
lost can be replaced by a new one."""
ENCRYPTION_KEY_RECOVERY_DAYS = 30
"""The longest that AWS offers: what the server encrypted with this key (keys and tool
secrets of its users) is lost for good with it."""
KEY_DELETION_DAYS = 30
"""The longest that AWS offers: snapshots that outlive the stack are encrypted with the key."""

ARN_PARTS = 7
"""Parts of the ARN of a secret; ECS takes a JSON key, a stage and a version after them."""
_RANDOM_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")


class Secrets(pulumi.ComponentResource):
    """KMS key and Secrets Manager entries of a stack.

    Containers get secrets by reference: a partial ARN, made from the name that the provider
    chose at preview, without the six characters that Secrets Manager appends. It is known at
    preview, so container definitions are, and policies can read them.
    """

    key_arn: pulumi.Output[str]
    """ARN of the stack's key, unknown until it exists."""
    key_alias: pulumi.Output[str]
    """The key's alias, `alias/…`, known at preview: by it an IAM statement can name the key
    before it exists (resource `key/*`, condition `kms:ResourceAliases`)."""
    references: Mapping[str, Reference]
    """Generated server password and encryption key, and the provider keys, by variable."""
    server_password: pulumi.Output[str]
    """The generated password that clients send; a secret output."""

    def __init__(
        self, name: str, args: SiteArgs, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("letta:aws:Secrets", name, {}, opts)
        self._place = place
        key = kms.Key(
            f"{name}-key",
            description=f"Data, secrets, logs and alerts of {name}",
            enable_key_rotation=True,
            deletion_window_in_days=KEY_DELETION_DAYS,
            policy=key_policy(place),
            opts=pulumi.ResourceOptions(parent=self),
        )
        alias = kms.Alias(
            f"{name}-key",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.key_arn = key.arn
        self.key_alias = alias.name

        self.server_password = self.generate(self, f"{name}-server-password", GENERATED_LENGTH)
        encryption_key = self.generate(self, f"{name}-encryption-key", GENERATED_LENGTH)
        self.references = {
            SERVER_PASSWORD: self.keep(
                self,
                f"{name}-server-password",
                self.server_password,
                "Password that clients of the API send",
            ),
            ENCRYPTION_KEY: self.keep(
                self,
                f"{name}-encryption-key",
                encryption_key,
                "Key of what the server keeps encrypted in its database; never change it",
                recovery_days=ENCRYPTION_KEY_RECOVERY_DAYS,
            ),
            **{
                variable: self.keep(
                    self,
                    f"{name}-{variable.lower().replace('_', '-')}",
                    value,
                    f"{variable} of the server",
                )
                for variable, value in sorted(args.provider_secrets.items())
            },
            **{variable: existing(arn) for variable, arn in sorted(args.existing_secrets.items())},
        }
        self.register_outputs({"keyArn": self.key_arn})

    def generate(self, parent: pulumi.Resource, name: str, length: int) -> pulumi.Output[str]:
        """A random secret output of letters and digits.

        Nothing else: a `%` or `/` in a database password breaks the server's migration.
        """
        return random.RandomPassword(
            name, length=length, special=False, opts=pulumi.ResourceOptions(parent=parent)
        ).result

    def keep(
        self,
        parent: pulumi.Resource,
        name: str,
        value: pulumi.Output[str],
        description: str,
        *,
        recovery_days: int = RECOVERY_DAYS,
    ) -> Reference:
        """Store a secret output under the stack's key and return the reference to it."""
        opts = pulumi.ResourceOptions(parent=parent)
        secret = secretsmanager.Secret(
            name,
            description=description,
            kms_key_id=self.key_arn,
            recovery_window_in_days=recovery_days,
            opts=opts,
        )
        version = secretsmanager.SecretVersion(
            name,
            secret_id=secret.id,
            secret_string=value,
            opts=opts,
        )
        partial = secret.name.apply(
            lambda named: self._place.arn("secretsmanager", f"secret:{named}")
        )
        return Reference(
            name=partial,
            readable=partial.apply(_any_suffix),
            revision=version.version_id,
        )


def existing(arn: str) -> Reference:
    """Reference to a secret outside the stack, by whole or partial ARN, with or without a
    JSON key. It must be encrypted with the account's default key for Secrets Manager, or with
    one whose own policy admits the tasks: the stack grants nothing on foreign keys.
    """
    parts = arn.split(":")
    secret = ":".join(parts[:ARN_PARTS])
    readable = secret if is_whole(secret) else _any_suffix(secret)
    return Reference(
        name=pulumi.Output.from_input(arn),
        readable=pulumi.Output.from_input(readable),
        revision=pulumi.Output.from_input("kept outside the stack"),
        property="".join(parts[ARN_PARTS : ARN_PARTS + 1]) or None,
    )


def is_whole(arn: str) -> bool:
    """Whether the ARN of a secret has the six characters that Secrets Manager appends."""
    return bool(_RANDOM_SUFFIX.search(arn))


def _any_suffix(partial_arn: str) -> str:
    return f"{partial_arn}-??????"
