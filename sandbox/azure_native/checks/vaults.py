"""Key Vault: secrets, keys, and who may use them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from sandbox.azure_native.checks import ids, roles
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"  # noqa: S105  (a type token)
KEY = "azure-native:keyvault:Key"
_URL = re.compile(
    r"https://(?P<vault>[A-Za-z0-9-]+)\.vault\.azure\.net/(?P<kind>secrets|keys|certificates)/"
    r"(?P<name>[A-Za-z0-9-]+)(/(?P<version>[0-9a-f]{32}))?/?"
)
_PERIOD = re.compile(r"P\d+[YMD]")


def properties(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The directory is the subscription's; soft delete cannot be off."""
    tenant = properties.get("properties.tenantId")
    if tenant != cloud.tenant:
        yield Problem("properties", f"BadRequest: {tenant} is not the tenant {cloud.tenant}")
    if properties.get("properties.enableSoftDelete") is False:
        yield Problem("properties", "BadRequest: soft delete cannot be turned off")
    if properties.get("properties.enablePurgeProtection") is False:
        yield Problem(
            "properties",
            'BadRequest: "enablePurgeProtection" cannot be set to false: leave it out, or set it '
            "to true",
        )


def purge_protection_stays(
    old: Properties, new: Properties, cloud: AzureCloud
) -> Iterator[Problem]:
    """What protects from purging is never taken away."""
    path = "properties.enablePurgeProtection"
    if old.get(path) and not new.get(path):
        yield Problem("properties", "BadRequest: purge protection cannot be turned off again")


def soft_deleted(properties: Properties, cloud: AzureCloud) -> Iterator[tuple[str, str]]:
    """A vault is kept after its deletion, and its name with it."""
    yield "key vault", str(properties["id"])


def rotation(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Times of a rotation policy are whole periods, and a key lives longer than until it turns."""
    policy = properties.get("properties.rotationPolicy") or {}
    for action in policy.get("lifetimeActions") or []:
        for name, value in (action.get("trigger") or {}).items():
            if value and not _PERIOD.fullmatch(str(value)):
                yield Problem("properties", f"{name} {value!r} is no period, such as P90D")


def secret_version(properties: Properties, cloud: AzureCloud) -> str:
    """The address of a secret's newest version: another value is another version."""
    vault, name = properties["vaultName"], properties["secretName"]
    value = str(properties.get("properties.value"))
    version = hashlib.sha256(f"{vault}/{name}/{value}".encode()).hexdigest()[:32]
    return f"https://{vault}.vault.azure.net/secrets/{name}/{version}"


def key_unused(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A key goes after what it encrypts: without it the data are lost."""
    own = str(properties["keyUri"])
    for item in cloud.everything():
        if any(url.startswith(own) for url in _keys_of(item)):
            yield Problem("id", f"KeyInUse: {item.label} is encrypted with it")


def _keys_of(item: CloudObject) -> Iterator[str]:
    paths = (
        "dataEncryption.primaryKeyURI",
        "encryption.customerManagedKeyEncryption.keyEncryptionKeyUrl",
        "activeKey.keyUrl",
        "securityProfile.azureKeyVaultKms.keyId",
    )
    for path in paths:
        if url := item.get(path):
            yield str(url)
    held = item.get("encryption.keyVaultProperties")
    for each in held if isinstance(held, list) else [held]:
        if each:
            yield f"{str(each.get('keyVaultUri')).rstrip('/')}/keys/{each.get('keyName')}"


def readable(url: object, identity: object, where: str, cloud: AzureCloud) -> Iterator[Problem]:
    """What is wrong when an identity is to read the secret at a URL."""
    match = _URL.fullmatch(str(url))
    if match is None:
        yield Problem(where, f"{url!r} is no address of a secret in a vault")
        return
    found = _in_vault(SECRET, "secretName", match, cloud)
    if found is None:
        yield Problem(where, f"SecretNotFound: there is no secret {match['name']} at {url}")
    elif not roles.held(str(identity), roles.SECRETS_USER, found.id, cloud):
        yield Problem(
            where,
            f"Forbidden: {ids.tail(str(identity))} may not read {url}: grant it the role "
            "Key Vault Secrets User on it first",
        )


def usable(
    url: object,
    identity: object,
    where: str,
    cloud: AzureCloud,
    role: str = roles.CRYPTO_USER,
) -> Iterator[Problem]:
    """What is wrong when a service of Azure's is to encrypt with the key at a URL. `role`: what it
    takes: some wrap keys of their own with it, and some encrypt with it."""
    match = _URL.fullmatch(str(url))
    if match is None:
        yield Problem(where, f"{url!r} is no address of a key in a vault")
        return
    found = _in_vault(KEY, "keyName", match, cloud)
    if found is None:
        yield Problem(where, f"KeyNotFound: there is no key {match['name']} at {url}")
        return
    if not roles.held(str(identity), role, found.id, cloud):
        yield Problem(
            where,
            f"AzureKeyVaultKeyAccessDenied: {ids.tail(str(identity))} may not use {url}: grant it "
            f"the role {roles.BUILT_IN[role]} on it first",
        )
    vault = cloud.find(VAULT, "vaultName", match["vault"])
    if vault is not None and not vault.get("properties.enablePurgeProtection"):
        yield Problem(
            where,
            f"AzureKeyVaultPurgeProtectionMissing: the vault {match['vault']} may be purged, and "
            "the data with it: set enablePurgeProtection",
        )


def _in_vault(token: str, name: str, match: re.Match[str], cloud: AzureCloud) -> CloudObject | None:
    return next(
        (
            item
            for item in cloud.all(token)
            if item.get(name) == match["name"]
            and str(item.get("vaultName")).lower() == match["vault"].lower()
        ),
        None,
    )
