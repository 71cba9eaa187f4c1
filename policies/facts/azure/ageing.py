"""How blobs age, by the rules of an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.facts.resource import Node, Resource

UPLOADS_KEPT_DAYS = 7
"""Days after which Azure drops parts of an upload that nobody ended (Blob Storage documentation,
"Put Block")."""
CONTAINER = "data"
"""The container of blobs that rules are read for."""
_ARCHIVES = ("tierToCold", "tierToArchive")


@dataclass(frozen=True, kw_only=True)
class Ages:
    """Ages at which something happens to blobs of a folder, days. 0: never."""

    cooled_days: int
    archived_days: int
    deleted_days: int
    versions_deleted_days: int
    archived_in: str
    """Kind of the last tier, `tierToCold` or `tierToArchive`; empty without one."""


def rules_for(policy: Resource, folder: str) -> Ages:
    """What the rules say of a folder; of the whole container where it is empty."""
    actions = [
        rule.node("definition.actions")
        for rule in policy.root.nodes("policy.rules")
        if rule.flag("enabled", default=True) and _holds(rule, folder)
    ]
    last = next(
        (kind for kind in _ARCHIVES for one in actions if one.given(f"baseBlob.{kind}")), ""
    )
    return Ages(
        cooled_days=_least(actions, "baseBlob.tierToCool"),
        archived_days=_least(actions, f"baseBlob.{last}") if last else 0,
        deleted_days=_least(actions, "baseBlob.delete"),
        versions_deleted_days=_least(actions, "version.delete"),
        archived_in=last,
    )


def _moves(actions: list[Node], kind: str) -> bool:
    return any(one.given(f"baseBlob.{kind}") for one in actions)


def _holds(rule: Node, folder: str) -> bool:
    prefixes = rule.texts("definition.filters.prefixMatch")
    place = f"{CONTAINER}/{folder}/" if folder else f"{CONTAINER}/"
    return not prefixes or any(place.startswith(one) for one in prefixes)


def _least(actions: list[Node], path: str) -> int:
    return min((age for one in actions for age in _ages(one, path) if age), default=0)


def _ages(actions: Node, path: str) -> Iterator[int]:
    if actions.given(path):
        yield actions.integer(f"{path}.daysAfterModificationGreaterThan")
        yield actions.integer(f"{path}.daysAfterCreationGreaterThan")
