"""Secrets: the stack's key vault, its encryption key, and what must not be read in plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pulumi
import pulumi_random as random
from pulumi_azure_native import keyvault

from components.azure.fixed import CRYPTO_USER
from components.azure.identity import Identity
from components.azure.network import VAULT_ZONE, Network
from components.azure.place import Place, after
from components.letta import kept
from components.roles import Reference, SiteArgs

GENERATED_LENGTH = 48
"""Characters of a generated secret: letters and digits, 285 bits."""
RETENTION_DAYS = 90
"""Days for which a deleted vault can be had back: what is encrypted with its key needs it, backups
that outlive the stack among it. Its name is taken for as long; see `AzureOptions.suffix`."""
KEY_BITS = 3072
ROTATION = "P90D"
"""How often the key gets a new version; older ones stay, and what they encrypted stays readable."""
LATEST = "latest"

_SECRET = re.compile(
    r"(?P<readable>/.+/vaults/(?P<vault>[^/]+)/secrets/(?P<secret>[^/]+))(/(?P<version>[^/]+))?"
)


class Secrets(pulumi.ComponentResource):
    """Key vault of a stack: secrets, and the key of its stores.

    Nothing outside the network reads it. Whoever deploys writes it through Azure's management
    alone, so what it holds goes with the vault and is never deleted one by one.
    """

    key_url: pulumi.Output[str]
    """Address of the key without a version, known at preview: the newest version is meant."""
    key_version_url: pulumi.Output[str]
    """Address of the version that the key had when it was made: Redis takes no other form."""
    key_name: str
    key_id: pulumi.Output[str]
    """Id of the key, known at preview."""
    vault_url: pulumi.Output[str]
    """Address of the vault, known at preview."""
    vault_id: pulumi.Output[str]
    """Id of the vault, known at preview."""
    encryption: Identity
    """By which stores use the key."""
    ready: tuple[pulumi.Resource, ...]
    """What has to be there before the network finds the vault."""
    references: Mapping[str, Reference]
    """Generated server password and encryption key, and the provider keys, by variable."""
    server_password: pulumi.Output[str]
    """The generated password that clients send; a secret output."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        network: Network,
        opts: pulumi.ResourceOptions,
        *,
        base: str,
    ) -> None:
        """`base`: the beginning of the vault's own name, which has 24 characters at most."""
        super().__init__("letta:azure:Secrets", name, {}, opts)
        self._place = place
        self._vault_name = f"{base}{place.suffix}"
        self._vault = self._make_vault(name)
        self.vault_id = place.of(self._vault, self._vault_path())
        self.vault_url = after(f"https://{self._vault_name}.vault.azure.net/", self._vault)
        endpoint = network.endpoint(self, name, self.vault_id, "vault", VAULT_ZONE)
        _, link = network.zone(VAULT_ZONE)
        self.ready = (endpoint.ready, link)
        self.key_name = f"{name}-key"
        self.key_url, self.key_version_url, self.encryption = self._key()
        self.server_password = self.generate(self, f"{name}-server-password", GENERATED_LENGTH)
        encryption_key = self.generate(self, f"{name}-encryption-key", GENERATED_LENGTH)
        self.references = kept.references(
            name,
            args,
            self.server_password,
            encryption_key,
            keep=lambda named, value: self.keep(self, named, value),
            existing=existing,
        )
        self.register_outputs({"vault": self.vault_id})

    def _vault_path(self, rest: str = "") -> str:
        return f"Microsoft.KeyVault/vaults/{self._vault_name}{rest}"

    def _make_vault(self, name: str) -> keyvault.Vault:
        place = self._place
        return keyvault.Vault(
            name,
            vault_name=self._vault_name,
            resource_group_name=place.group,
            location=place.region,
            properties={
                "sku": {"family": keyvault.SkuFamily.A, "name": keyvault.SkuName.STANDARD},
                "tenant_id": place.tenant,
                "enable_rbac_authorization": True,
                "enable_soft_delete": True,
                # Stores that are encrypted with its key refuse a vault that could be purged.
                "enable_purge_protection": True,
                "soft_delete_retention_in_days": RETENTION_DAYS,
                "public_network_access": "Disabled",
                # Azure's own services use the key of the stores.
                "network_acls": {"bypass": "AzureServices", "default_action": "Deny"},
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _key(self) -> tuple[pulumi.Output[str], pulumi.Output[str], Identity]:
        name, place = self.key_name, self._place
        key = keyvault.Key(
            name,
            key_name=name,
            vault_name=after(self._vault_name, self._vault),
            resource_group_name=place.group,
            properties={
                "kty": "RSA",
                "key_size": KEY_BITS,
                "rotation_policy": {
                    "lifetime_actions": [
                        {
                            "action": {"type": keyvault.KeyRotationPolicyActionType.ROTATE},
                            "trigger": {"time_after_create": ROTATION},
                        }
                    ]
                },
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, deleted_with=self._vault),
        )
        identity = Identity(f"{name}-user", place, pulumi.ResourceOptions(parent=self))
        self.key_id = place.of(key, self._vault_path(f"/keys/{name}"))
        identity.grant("key", CRYPTO_USER, self.key_id)
        address = f"https://{self._vault_name}.vault.azure.net/keys/{name}"
        return after(address, key), key.key_uri_with_version, identity

    def generate(self, parent: pulumi.Resource, name: str, length: int) -> pulumi.Output[str]:
        """A random secret output of letters and digits, with some of each kind, as Azure demands.

        Nothing else: a `%` or `/` in a database password breaks the server's migration.
        """
        return random.RandomPassword(
            name,
            length=length,
            special=False,
            min_lower=1,
            min_upper=1,
            min_numeric=1,
            opts=pulumi.ResourceOptions(parent=parent),
        ).result

    def keep(self, parent: pulumi.Resource, name: str, value: pulumi.Output[str]) -> Reference:
        """Store a secret output in the vault and return the reference to it."""
        place = self._place
        hidden: pulumi.Output[str] = pulumi.Output.secret(value)
        secret = keyvault.Secret(
            name,
            secret_name=name,
            vault_name=after(self._vault_name, self._vault),
            resource_group_name=place.group,
            properties={"value": hidden},
            tags=place.tags,
            # Alone, it would be deleted by a call to the vault, which answers the network alone.
            opts=pulumi.ResourceOptions(parent=parent, deleted_with=self._vault),
        )
        address = f"https://{self._vault_name}.vault.azure.net/secrets/{name}"
        # Its version stands beside the value, and what stands beside a secret counts as one; but
        # whatever names the version must show when it changes.
        version = pulumi.Output.unsecret(
            secret.properties.apply(lambda found: found.secret_uri_with_version.rpartition("/")[2])
        )
        return Reference(
            name=after(address, secret),
            readable=place.of(secret, self._vault_path(f"/secrets/{name}")),
            revision=pulumi.Output.all(version, *(resource.urn for resource in self.ready)).apply(
                lambda found: str(found[0])
            ),
        )


def existing(name: str) -> Reference:
    """Reference to a secret outside the stack, by its id, with or without a version. The stack
    gives its servers the right to read it; their way to its vault is not the stack's to make.

    Raises `ValueError` for what is no id of a secret; the settings refuse it before.
    """
    match = _SECRET.fullmatch(name)
    if match is None:
        raise ValueError("a secret is named by its id in its key vault")
    return Reference(
        name=pulumi.Output.from_input(address_of(name)),
        readable=pulumi.Output.from_input(match["readable"]),
        revision=pulumi.Output.from_input(match["version"] or LATEST),
    )


def address_of(secret: str) -> str:
    """Address of a secret without a version, from its id.

    Raises `ValueError` for what is no id of a secret; the settings refuse it before.
    """
    match = _SECRET.fullmatch(secret)
    if match is None:
        raise ValueError("a secret is named by its id in its key vault")
    return f"https://{match['vault']}.vault.azure.net/secrets/{match['secret']}"
