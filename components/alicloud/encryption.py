"""Encryption: the key of a stack."""

from __future__ import annotations

import pulumi
from pulumi_alicloud import kms

from components.alicloud.place import Place

PENDING_DAYS = 30
"""How long a key that is deleted can be had back: backups that outlive the stack need it."""
ROTATION = "90d"
"""How often the key gets a new version; what is encrypted with an older one stays readable."""


class Key(pulumi.ComponentResource):
    """The key of Key Management Service that disks, database, bucket, logs and the cluster's
    Secrets are encrypted with.

    Only a key of a KMS instance can be rotated; the free master key of a region is not.
    """

    id: pulumi.Output[str]
    """Id of the key."""

    def __init__(
        self,
        name: str,
        instance: str | None,
        place: Place,
        opts: pulumi.ResourceOptions,
        *,
        protected: bool,
    ) -> None:
        """`instance`: id of the KMS instance that holds the key. `protected`: the cloud refuses
        to delete it, and the engine to replace it too: without it cluster and disks stand still at
        once, and another instance would be another key."""
        super().__init__("letta:alicloud:Key", name, {"instance": instance}, opts)
        child = pulumi.ResourceOptions(parent=self)
        key = kms.Key(
            name,
            description=f"Data of {name}",
            key_spec="Aliyun_AES_256",
            key_usage="ENCRYPT/DECRYPT",
            pending_window_in_days=PENDING_DAYS,
            dkms_instance_id=instance,
            automatic_rotation="Enabled" if instance else None,
            rotation_interval=ROTATION if instance else None,
            deletion_protection="Enabled" if protected else "Disabled",
            tags=place.tags,
            opts=pulumi.ResourceOptions(parent=self, protect=protected),
        )
        self.id = key.id
        kms.Alias(name, alias_name=f"alias/{place.unique(name)}", key_id=key.id, opts=child)
        self.register_outputs({"id": self.id})
