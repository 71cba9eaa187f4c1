"""Rules by which objects age."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sandbox.azure_native.checks import storage
from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

SERVICE = "azure-native:storage:BlobServiceProperties"
NO_ARCHIVE = ("ZRS", "GZRS", "RAGZRS")
"""Redundancies that the archive tier does not have (Azure Storage documentation, "Access tiers for
blob data")."""
_COOLER = ("tierToCool", "tierToCold", "tierToArchive", "delete")
_AGES = ("daysAfterModificationGreaterThan", "daysAfterCreationGreaterThan")


def _actions(properties: Properties) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Rule, kind of object, its actions."""
    for rule in properties.get("policy.rules") or []:
        for kind, actions in (rule["definition"].get("actions") or {}).items():
            yield str(rule["name"]), kind, {name: at for name, at in actions.items() if at}


def rules_do_something(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Each rule has a name of its own, an action, and a condition for it."""
    names = [rule["name"] for rule in properties.get("policy.rules") or []]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield Problem("policy", f"two rules are called {twice}")
    acting = {name for name, _, actions in _actions(properties) if actions}
    for name in sorted(set(names) - acting):
        yield Problem("policy", f"rule {name} does nothing")
    for name, kind, actions in _actions(properties):
        for action, condition in actions.items():
            if isinstance(condition, dict) and not any(
                value is not None for value in condition.values()
            ):
                yield Problem("policy", f"{action} of {kind} in rule {name} has no age")


def classes_in_order(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Objects move to a cooler class later than to a warmer one."""
    for name, kind, actions in _actions(properties):
        ages = [
            (
                action,
                next((actions[action][age] for age in _AGES if actions[action].get(age)), None),
            )
            for action in _COOLER
            if isinstance(actions.get(action), dict)
        ]
        given = [(action, age) for action, age in ages if age is not None]
        for (warm, first), (cool, second) in pairwise(given):
            if second <= first:
                yield Problem(
                    "policy",
                    f"{cool} after {second} days comes before {warm} after {first} in {kind} of "
                    f"rule {name}",
                )


def archive_possible(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """There is an archive for accounts without copies in zones alone."""
    account = cloud.find(storage.ACCOUNT, "accountName", properties["accountName"])
    kept = storage.redundancy(account.get("sku.name")) if account else ""
    archived = any("tierToArchive" in actions for _, _, actions in _actions(properties))
    if archived and kept in NO_ARCHIVE:
        yield Problem(
            "policy",
            f"there is no archive tier with {kept}: use tierToCold, or an account of LRS or GRS",
        )


def versions_are_kept(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """What ages versions needs an account that keeps them."""
    about = any(kind == "version" for _, kind, _ in _actions(properties))
    service = cloud.find(SERVICE, "accountName", properties["accountName"])
    if about and not (service and service.get("isVersioningEnabled")):
        yield Problem("policy", "rules on versions need isVersioningEnabled on the account first")
