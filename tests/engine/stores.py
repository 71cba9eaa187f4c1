"""What of a stack holds data or opens it, and what of that a change has lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RANDOM = ("random:index/randomPassword:RandomPassword", "random:index/randomId:RandomId")
"""Passwords, and what names of archives end in."""
DATA: Mapping[str, tuple[str, ...]] = {
    "aws": (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:kms/key:Key",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:secretsmanager/secret:Secret",
        "aws:ssm/parameter:Parameter",
    ),
    "gcp": (
        "gcp:kms/cryptoKey:CryptoKey",
        "gcp:kms/keyRing:KeyRing",
        "gcp:secretmanager/secret:Secret",
        "gcp:sql/database:Database",
        "gcp:sql/databaseInstance:DatabaseInstance",
        "gcp:storage/bucket:Bucket",
    ),
    "azure": (
        "azure-native:dbforpostgresql:Database",
        "azure-native:dbforpostgresql:Server",
        "azure-native:keyvault:Key",
        "azure-native:keyvault:Secret",
        "azure-native:keyvault:Vault",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:StorageAccount",
    ),
    "alicloud": (
        "alicloud:kms/key:Key",
        "alicloud:oss/bucket:Bucket",
        "alicloud:rds/database:Database",
        "alicloud:rds/instance:Instance",
        "alicloud:rds/readOnlyInstance:ReadOnlyInstance",
        "kubernetes:core/v1:Secret",
    ),
    "kubernetes": (
        "kubernetes:barmancloud.cnpg.io/v1:ObjectStore",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:Secret",
        "kubernetes:postgresql.cnpg.io/v1:Cluster",
    ),
}
"""Cloud -> types of which nothing may be lost. On Kubernetes a namespace takes all in it along."""
HOLDS_NONE: Mapping[str, frozenset[str]] = {
    "azure": frozenset({"azure-native:authorization:ManagementLockByScope"}),
    "kubernetes": frozenset({"kubernetes:gateway.networking.k8s.io/v1:Gateway"}),
}
"""Cloud -> types that are protected from deletion for another reason than data: an address, and the
protection itself."""

Stores = dict[str, tuple[str, str]]
"""URN -> the provider's name of it, and when it was made."""


def kept(exported: Mapping[str, Any], cloud: str) -> Stores:
    """What must outlive every change, of a state as `pulumi stack export` prints it."""
    types = {*DATA[cloud], *RANDOM}
    return {
        each["urn"]: (each["id"], each["created"])
        for each in exported["deployment"]["resources"]
        if each["type"] in types
    }


def lost(before: Stores, after: Stores) -> list[str]:
    """URNs of what is gone, or is another one than it was."""
    return sorted(urn for urn, identity in before.items() if after.get(urn) != identity)
