"""Bucket: the stack's data in Blob Storage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi
from pulumi_azure_native import authorization, storage

from components.args import EXPIRED_VERSION_DAYS, BucketArgs
from components.azure.fixed import MOST_SOFT_DELETE_DAYS
from components.azure.network import BLOB_ZONE
from components.azure.offer import SKUS, Redundancy
from components.azure.place import after
from components.azure.site import Site

CONTAINER = "data"
"""The one container of blobs; folders are prefixes in it."""
ACCOUNT_LENGTH = 24
"""Most characters of an account's name, small letters and digits (Azure Resource Manager
documentation, "Naming rules and restrictions")."""
ARCHIVED: tuple[Redundancy, ...] = ("lrs", "grs")
"""Redundancies that have an archive tier; the others keep blobs in several zones, and their
cheapest tier is cold (Blob Storage documentation, "Access tiers for blob data")."""
ACCOUNTS = "Microsoft.Storage/storageAccounts"


class Bucket(pulumi.ComponentResource):
    """Object storage for backups, exports, attachments and log archives (requirement S1).

    Private, versioned, encrypted with the stack's key; blobs grow cheaper with age. Cold blobs can
    be read at once, archived ones have to be brought back first, which takes hours.
    """

    bucket: pulumi.Output[str]
    """The account's name, known at preview; what takes it waits until it can be used."""

    def __init__(
        self, name: str, args: BucketArgs, site: Site, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(
            "letta:azure:Bucket",
            name,
            {
                "infrequentAccessDays": args.infrequent_access_days,
                "archiveDays": args.archive_days,
            },
            opts,
        )
        place = site.place
        redundancy = site.options.storage_redundancy
        account_name = named(name, place.suffix)
        account = self._account(name, account_name, SKUS[redundancy], site)
        made = after(account_name, account)
        child = pulumi.ResourceOptions(parent=self)
        service = storage.BlobServiceProperties(
            name,
            blob_services_name="default",
            account_name=made,
            resource_group_name=place.group,
            is_versioning_enabled=True,
            # The age of a version counts from when it was written: one of an old blob is due as
            # soon as it is replaced, and is kept by this alone.
            delete_retention_policy={
                "enabled": True,
                "days": min(args.noncurrent_expiration_days, MOST_SOFT_DELETE_DAYS),
            },
            container_delete_retention_policy={"enabled": True, "days": EXPIRED_VERSION_DAYS},
            # It goes with the account, and cannot go alone.
            opts=pulumi.ResourceOptions(parent=self, deleted_with=account),
        )
        container = storage.BlobContainer(
            name,
            container_name=CONTAINER,
            account_name=made,
            resource_group_name=place.group,
            public_access=storage.PublicAccess.NONE,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service]),
        )
        policy = storage.ManagementPolicy(
            name,
            management_policy_name="default",
            account_name=made,
            resource_group_name=place.group,
            policy={"rules": list(rules(args, redundancy))},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[service]),
        )
        path = place.of(account, f"{ACCOUNTS}/{account_name}")
        endpoint = site.network.endpoint(self, name, path, "blob", BLOB_ZONE)
        self.bucket = after(account_name, container, endpoint.ready)
        # An account goes with all that is in it: there is no bucket that refuses because it is
        # not empty.
        authorization.ManagementLockByScope(
            f"{name}-lock",
            lock_name=name,
            scope=path,
            level="CanNotDelete",
            notes="Blobs go with their account",
            opts=pulumi.ResourceOptions.merge(
                child,
                pulumi.ResourceOptions(
                    depends_on=[service, container, policy, endpoint.ready], protect=True
                ),
            ),
        )
        self.register_outputs({"bucket": self.bucket})

    def _account(
        self, name: str, account_name: str, sku: str, site: Site
    ) -> storage.StorageAccount:
        place, secrets = site.place, site.secrets
        user = secrets.encryption
        return storage.StorageAccount(
            name,
            account_name=account_name,
            resource_group_name=place.group,
            location=place.region,
            kind="StorageV2",
            sku={"name": sku},
            access_tier=storage.AccessTier.HOT,
            allow_blob_public_access=False,
            allow_cross_tenant_replication=False,
            allow_shared_key_access=False,
            default_to_o_auth_authentication=True,
            enable_https_traffic_only=True,
            minimum_tls_version="TLS1_2",
            public_network_access="Disabled",
            network_rule_set={
                "default_action": storage.DefaultAction.DENY,
                "bypass": "AzureServices",
            },
            identity={"type": "UserAssigned", "user_assigned_identities": [user.id]},
            encryption={
                "key_source": "Microsoft.Keyvault",
                "encryption_identity": {"encryption_user_assigned_identity": user.id},
                # Without a version: a new one is taken up by itself.
                "key_vault_properties": {
                    "key_name": secrets.key_name,
                    "key_vault_uri": secrets.vault_url,
                },
                "services": {
                    "blob": {"enabled": True, "key_type": "Account"},
                    "file": {"enabled": True, "key_type": "Account"},
                },
                "require_infrastructure_encryption": True,
            },
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(user.ready), protect=True),
        )


def named(name: str, suffix: str) -> str:
    """Name of an account: letters and digits of the logical name, then the stack's own digits."""
    letters = "".join(each for each in name if each.isalnum())
    return letters[: ACCOUNT_LENGTH - len(suffix)] + suffix


def rules(args: BucketArgs, redundancy: Redundancy) -> Iterator[Any]:
    """How blobs age."""
    last = "tier_to_archive" if redundancy in ARCHIVED else "tier_to_cold"
    yield _rule(
        "ageing",
        [f"{CONTAINER}/"],
        base_blob={
            "tier_to_cool": _after(args.infrequent_access_days),
            last: _after(args.archive_days),
        },
        version={"delete": _since(args.noncurrent_expiration_days)},
    )
    for folder, days in sorted(args.expiring_folders.items()):
        yield _rule(
            f"expire-{folder}",
            [f"{CONTAINER}/{folder}/"],
            base_blob={"delete": _after(days)},
            version={"delete": _since(EXPIRED_VERSION_DAYS)},
        )


def _rule(name: str, prefixes: list[str], **actions: Any) -> Any:  # noqa: ANN401
    return {
        "name": name,
        "enabled": True,
        "type": "Lifecycle",
        "definition": {
            "filters": {"blob_types": ["blockBlob"], "prefix_match": prefixes},
            "actions": actions,
        },
    }


def _after(days: int) -> dict[str, float]:
    return {"days_after_modification_greater_than": days}


def _since(days: int) -> dict[str, float]:
    return {"days_after_creation_greater_than": days}
