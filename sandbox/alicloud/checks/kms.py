"""Encryption keys, and the instances of KMS that keep secrets."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.alicloud.cloud import AlicloudCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

KEY = "alicloud:kms/key:Key"


def usable(key: str | None, where: str, cloud: AlicloudCloud) -> Iterator[Problem]:
    """What is wrong with a key by which something is to be encrypted."""
    if key is None:
        return
    found = cloud.find(KEY, "id", key)
    if found is None:
        return  # a reference to it is refused already, and ServiceKey is no key of the stack
    if found.get("status") != "Enabled":
        yield Problem(where, f"Rejected.Disabled: the key {key} is disabled")
    if found.get("keyUsage") != "ENCRYPT/DECRYPT":
        yield Problem(where, f"UnsupportedOperation: the key {key} is for signatures")


def rotation(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """A rotation has its interval, and a key of an instance (KMS documentation, "Configure key
    rotation": keys without an instance do not rotate)."""
    if properties["automaticRotation"] == "Enabled":
        if properties["rotationInterval"] is None:
            yield Problem("rotationInterval", "MissingParameter: say how often the key rotates")
        if properties["dkmsInstanceId"] is None:
            yield Problem(
                "automaticRotation",
                "UnsupportedOperation: a key that no KMS instance keeps does not rotate",
            )


def instance_known(properties: Properties, cloud: AlicloudCloud) -> Iterator[Problem]:
    """The instance is one that was bought."""
    given, bought = properties["dkmsInstanceId"], cloud.beforehand["kms_instances"]
    if given is not None and given not in bought:
        yield Problem(
            "dkmsInstanceId", f"Forbidden.DKMSInstanceNotFound: {given}; there is {bought}"
        )


def waits(properties: Properties, cloud: AlicloudCloud) -> Iterator[tuple[str, str]]:
    """A deleted key is destroyed when its days are over."""
    yield "kms key", str(properties["id"])
