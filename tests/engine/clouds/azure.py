"""Azure: what of a stack holds data or opens it."""

from __future__ import annotations

from tests.engine.clouds import Told

TOLD = Told(
    data=(
        "azure-native:dbforpostgresql:Database",
        "azure-native:dbforpostgresql:Server",
        "azure-native:keyvault:Key",
        "azure-native:keyvault:Secret",
        "azure-native:keyvault:Vault",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:StorageAccount",
    ),
    # The protection itself.
    holds_none=frozenset({"azure-native:authorization:ManagementLockByScope"}),
    # docs/azure/README.md, "From one size to another".
    before={
        "medium": ("small", {"database": {"instance_type": "Standard_D4ds_v5"}, "budget": 700}),
        "large": (
            "medium",
            {
                "azure": {
                    "replica_instance_type": "Standard_E8ds_v5",
                    "replica_storage_gib": 1024,
                }
            },
        ),
    },
)
