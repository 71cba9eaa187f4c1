"""Secrets: the stack's encryption key and everything that must not be read in plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pulumi
import pulumi_random as random
from pulumi_gcp import kms, logging, projects, secretmanager, storage

from components.account import once
from components.gcp.place import Place
from components.letta import kept
from components.roles import Reference, SiteArgs

GENERATED_LENGTH = 48
"""Characters of a generated secret: letters and digits, 285 bits."""
ROTATION_SECONDS = 90 * 86_400
"""How often the key gets a new version; what is encrypted with an older one stays readable."""
DESTRUCTION_SECONDS = 30 * 86_400
"""How long a version of the key can be restored: backups that outlive the stack need it. Key rings
and keys themselves are never deleted (Cloud KMS documentation, "Key destruction")."""

AGENTS: Mapping[str, str] = {
    "sqladmin.googleapis.com": "gcp-sa-cloud-sql",
    "secretmanager.googleapis.com": "gcp-sa-secretmanager",
    "redis.googleapis.com": "cloud-redis",
    "pubsub.googleapis.com": "gcp-sa-pubsub",
}
"""API -> domain of the account by which Google uses the key for it (IAM documentation, "Service
agents")."""
CLUSTER_AGENTS: Mapping[str, str] = {"container.googleapis.com": "container-engine-robot"}
"""The same for the Secrets of a cluster."""
DISK_AGENT = "compute-system"
"""The same for the disks of its nodes and volumes; the account is there with the API itself."""
ENCRYPT = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
READ = "roles/secretmanager.secretAccessor"

_VERSION = re.compile(r"^(?P<secret>.+?)(/versions/(?P<version>[^/]+))?$")


class Secrets(pulumi.ComponentResource):
    """KMS key and Secret Manager entries of a stack.

    Containers get secrets by reference: the entry's id, known at preview, and the version, so that
    a new value makes a new revision. Google deletes an entry at once, and its id is free again.
    """

    key: pulumi.Output[str]
    """Resource name of the key, known at preview."""
    ready: Sequence[pulumi.Resource]
    """What has to be there before one of Google's services can use the key."""
    references: Mapping[str, Reference]
    """Generated server password and encryption key, and the provider keys, by variable."""
    server_password: pulumi.Output[str]
    """The generated password that clients send; a secret output."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        suffix: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("letta:gcp:Secrets", name, {}, opts)
        self._place = place
        self._suffix = suffix
        self._child = pulumi.ResourceOptions(parent=self)
        self._reader: Reader | None = None
        self.key, self.ready = self._key(f"{name}-key", cluster=args.kubernetes is not None)
        self.server_password = self.generate(self, f"{name}-server-password", GENERATED_LENGTH)
        encryption_key = self.generate(self, f"{name}-encryption-key", GENERATED_LENGTH)
        self.references = kept.references(
            name, args, self.server_password, encryption_key, partial(self.keep, self), existing
        )
        self.register_outputs({"key": self.key})

    def _key(
        self, name: str, *, cluster: bool
    ) -> tuple[pulumi.Output[str], Sequence[pulumi.Resource]]:
        place = self._place
        ring = kms.KeyRing(name, location=place.region, opts=self._child)
        key = kms.CryptoKey(
            name,
            key_ring=ring.name.apply(lambda named: place.located(f"keyRings/{named}")),
            rotation_period=f"{ROTATION_SECONDS}s",
            destroy_scheduled_duration=f"{DESTRUCTION_SECONDS}s",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[ring]),
        )
        path = pulumi.Output.all(ring.name, key.name).apply(
            lambda names: place.located(f"keyRings/{names[0]}/cryptoKeys/{names[1]}")
        )
        ready = [
            self._admit(
                f"{name}-{domain}",
                path,
                place.agent(domain),
                [key, projects.ServiceIdentity(f"{name}-{domain}", service=api, opts=self._child)],
            )
            for api, domain in {**AGENTS, **(CLUSTER_AGENTS if cluster else {})}.items()
        ]
        lookup = pulumi.InvokeOptions(parent=self)
        buckets = once(
            ("storage agent", place.project),
            lambda: storage.get_project_service_account(project=place.project, opts=lookup),
        )
        logs = once(
            ("logging agent", place.project),
            lambda: logging.get_project_cmek_settings(project=place.project, opts=lookup),
        )
        ready += [
            self._admit(f"{name}-{label}", path, member, [key])
            for label, member in (
                ("storage", f"serviceAccount:{buckets.email_address}"),
                ("logging", f"serviceAccount:{logs.service_account_id}"),
                *(((DISK_AGENT, place.agent(DISK_AGENT)),) if cluster else ()),
            )
        ]
        return path, ready

    def _admit(
        self, name: str, key: pulumi.Output[str], member: str, after: list[pulumi.Resource]
    ) -> kms.CryptoKeyIAMMember:
        return kms.CryptoKeyIAMMember(
            name,
            crypto_key_id=key,
            role=ENCRYPT,
            member=member,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    def generate(self, parent: pulumi.Resource, name: str, length: int) -> pulumi.Output[str]:
        """A random secret output of letters and digits.

        Nothing else: a `%` or `/` in a database password breaks the server's migration.
        """
        return random.RandomPassword(
            name, length=length, special=False, opts=pulumi.ResourceOptions(parent=parent)
        ).result

    def keep(self, parent: pulumi.Resource, name: str, value: pulumi.Output[str]) -> Reference:
        """Store an output under the stack's key and return the reference to it."""
        secret = secretmanager.Secret(
            name,
            secret_id=pulumi.Output.concat(name, "-", self._suffix),
            replication=secretmanager.SecretReplicationArgs(
                user_managed=secretmanager.SecretReplicationUserManagedArgs(
                    replicas=[
                        secretmanager.SecretReplicationUserManagedReplicaArgs(
                            location=self._place.region,
                            customer_managed_encryption=secretmanager.SecretReplicationUserManagedReplicaCustomerManagedEncryptionArgs(
                                kms_key_name=self.key
                            ),
                        )
                    ]
                )
            ),
            opts=pulumi.ResourceOptions(parent=parent, depends_on=self.ready),
        )
        version = secretmanager.SecretVersion(
            name,
            secret=secret.secret_id.apply(lambda named: self._place.path(f"secrets/{named}")),
            secret_data=value,
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[secret]),
        )
        stored = Reference(
            name=secret.secret_id, readable=secret.secret_id, revision=version.version
        )
        if self._reader is None:
            return stored
        return self._reader.admitted(parent, name, stored, [secret])

    def read_by(
        self, parent: pulumi.Resource, name: str, member: str, after: Sequence[pulumi.Resource]
    ) -> list[pulumi.Resource]:
        """Let a member read the values that there are, each by itself, and those kept later.

        Returns what there are rights by; of values kept later the revision tells of them.
        """
        self._reader = Reader(member=member, after=tuple(after))
        return [
            self._reader.admit(parent, f"{name}-{variable.lower().replace('_', '-')}", reference)
            for variable, reference in sorted(self.references.items())
        ]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A program that fetches values for all workloads of a cluster."""

    member: str
    after: tuple[pulumi.Resource, ...]
    """What has to be there before the member can be named."""

    def admit(
        self,
        parent: pulumi.Resource,
        name: str,
        reference: Reference,
        after: Sequence[pulumi.Resource] = (),
    ) -> secretmanager.SecretIamMember:
        """Let it read one value."""
        return secretmanager.SecretIamMember(
            name,
            secret_id=reference.readable,
            role=READ,
            member=self.member,
            opts=pulumi.ResourceOptions(parent=parent, depends_on=[*self.after, *after]),
        )

    def admitted(
        self,
        parent: pulumi.Resource,
        name: str,
        reference: Reference,
        after: Sequence[pulumi.Resource],
    ) -> Reference:
        """The reference, whose revision is there once it may be read."""
        right = self.admit(parent, f"{name}-read", reference, after)
        revision = pulumi.Output.all(reference.revision, right.id).apply(lambda found: found[0])
        return replace(reference, revision=revision)


def existing(name: str) -> Reference:
    """Reference to a secret outside the stack, by resource name, with or without a version. The
    stack grants its servers the right to read it and nothing on the key of it."""
    match = _VERSION.match(name)
    parts = match.groupdict() if match else {"secret": name, "version": None}
    secret = pulumi.Output.from_input(str(parts["secret"]))
    return Reference(
        name=secret,
        readable=secret,
        revision=pulumi.Output.from_input(parts["version"] or "latest"),
    )
