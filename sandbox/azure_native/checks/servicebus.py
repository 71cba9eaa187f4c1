"""Service Bus."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.azure_native.checks import vaults
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

NAMESPACE = "azure-native:servicebus:Namespace"
QUEUE = "azure-native:servicebus:Queue"
_PERIOD = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_SECONDS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
MOST_LOCKED_SECONDS = 300
LEAST_SECONDS = {
    "lockDuration": 5,
    "duplicateDetectionHistoryTimeWindow": 20,
    "autoDeleteOnIdle": 300,
}


def seconds(period: object) -> int | None:
    """Seconds of a period as `PT5M`; None for what is none."""
    match = _PERIOD.fullmatch(str(period))
    if match is None or str(period).endswith(("P", "T")):
        return None
    return sum(int(match[name] or 0) * size for name, size in _SECONDS.items())


def capacity(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Tier and name of a size are one; units belong to Premium."""
    name, tier = properties.get("sku.name"), properties.get("sku.tier")
    if tier and tier != name:
        yield Problem("sku", f"tier {tier} is not that of {name}")
    if properties.get("sku.capacity") and name != "Premium":
        yield Problem("sku", f"{name} has no capacity: leave it out")
    if properties["encryption"] and name != "Premium":
        yield Problem("encryption", f"keys of one's own need Premium, not {name}")


def key_usable(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """The namespace's identity may use the key."""
    for held in properties.get("encryption.keyVaultProperties") or []:
        url = f"{str(held.get('keyVaultUri')).rstrip('/')}/keys/{held.get('keyName')}"
        identity = (held.get("identity") or {}).get("userAssignedIdentity")
        yield from vaults.usable(url, identity, "encryption", cloud)


def tier_stays(old: Properties, new: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Premium is a kind of its own."""
    before, after = (each.get("sku.name") for each in (old, new))
    if before != after and "Premium" in (before, after):
        yield Problem("sku", f"{before} does not become {after}: make another namespace")


def times(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Periods are periods, and in their bounds (Service Bus documentation, "Quotas")."""
    for name in (
        "lockDuration",
        "defaultMessageTimeToLive",
        "duplicateDetectionHistoryTimeWindow",
        "autoDeleteOnIdle",
    ):
        given = properties[name]
        if given is None:
            continue
        found = seconds(given)
        if found is None:
            yield Problem(name, f"{given!r} is no period, such as PT5M")
        elif found < LEAST_SECONDS.get(name, 1):
            yield Problem(name, f"{given} is shorter than {LEAST_SECONDS.get(name, 1)} s")
        elif name == "lockDuration" and found > MOST_LOCKED_SECONDS:
            yield Problem(name, f"{given} is longer than {MOST_LOCKED_SECONDS} s")


def tier_can(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Sessions and the search for duplicates are not in Basic."""
    namespace = cloud.find(NAMESPACE, "namespaceName", properties["namespaceName"])
    if namespace is None or namespace.get("sku.name") not in (None, "Basic"):
        return
    for name in ("requiresSession", "requiresDuplicateDetection", "forwardTo", "autoDeleteOnIdle"):
        if properties[name]:
            yield Problem(name, f"{namespace.label} is of the tier Basic, which does not have it")


def dead_letters_have_a_queue(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What cannot be delivered goes to a queue of the namespace that is there."""
    for name in ("forwardDeadLetteredMessagesTo", "forwardTo"):
        given = properties[name]
        if given and not any(
            item.get("queueName") == given
            and item.get("namespaceName") == properties["namespaceName"]
            for item in cloud.all(QUEUE)
        ):
            yield Problem(name, f"MessagingEntityNotFound: there is no queue {given}")


def nothing_forwards_to_it(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A queue that others forward to stays."""
    for item in cloud.all(QUEUE):
        targets = (item.get("forwardDeadLetteredMessagesTo"), item.get("forwardTo"))
        if properties["queueName"] in targets and item.id != properties["id"]:
            yield Problem("queueName", f"{item.label} forwards to it")
