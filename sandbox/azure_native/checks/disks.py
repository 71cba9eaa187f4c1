"""Encryption of disks."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import aks, vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem


def key_usable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """One of the set's identities may use the key."""
    url = properties.get("activeKey.keyUrl")
    identities = properties.get("identity.userAssignedIdentities") or []
    problems = [list(vaults.usable(url, each, "activeKey", cloud)) for each in identities]
    if not identities:
        yield Problem("identity", "a key of one's own needs a user-assigned identity here")
    elif all(problems):
        yield problems[0][0]


def set_unused(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A set stays while disks of a cluster are encrypted by it."""
    for cluster in cloud.all(aks.CLUSTER):
        if str(cluster.get("diskEncryptionSetID")).lower() == str(properties["id"]).lower():
            yield Problem("id", f"{cluster.label} encrypts the disks of its nodes with it")
