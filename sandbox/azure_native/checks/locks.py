"""Locks: what they cover cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.checks import ids
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

LOCK = "azure-native:authorization:ManagementLockByScope"


def not_locked(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Neither the object, nor what it lies in, nor what lies in it is locked (Azure Resource
    Manager documentation, "Lock your resources to protect your infrastructure")."""
    own = str(properties["id"])
    for lock in cloud.all(LOCK):
        scope = str(lock.get("scope"))
        if ids.within(own, scope) or ids.within(scope, own):
            yield Problem(
                "id",
                f"ScopeLocked: {lock.label} forbids it at {scope}: delete the lock first",
            )


def scope_exists(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What is to be locked is there."""
    yield from there(str(properties["scope"]), cloud)


def there(scope: str, cloud: AzureCloud) -> Iterator[Problem]:
    """A problem with a scope in which there is nothing."""
    subscription = f"/subscriptions/{cloud.subscription}"
    if not ids.within(scope, subscription):
        yield Problem("scope", f"{scope!r} does not lie in {subscription}")
    elif "/providers/" in scope:
        if ids.named(scope, cloud) is None:
            yield Problem("scope", f"ResourceNotFound: there is no {scope}")
    elif scope.count("/") > 2 and cloud.find(ids.GROUP, "id", scope) is None:
        yield Problem("scope", f"ResourceGroupNotFound: there is no {scope}")
