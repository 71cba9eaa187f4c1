"""Names that must be unique: in a region, an account, everywhere, or beside some properties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandbox.errors import Refusal
from sandbox.package import ResourceType
from sandbox.store import Store
from sandbox.values import Value, plain


def claim(
    store: Store,
    kind: ResourceType,
    place: str,
    outputs: Mapping[str, Value],
    now: datetime,
    owner: int | None = None,
) -> str | None:
    """What must be unique about the object's name; None when nothing must.

    Raises Refusal when another object than the owner has it, or a deleted one holds it back.
    """
    rule = kind.table.name
    if rule is None or rule.scope is None or outputs.get(rule.property) is None:
        return None
    name = plain(outputs[rule.property])
    within = [] if isinstance(rule.scope, str) else [str(plain(outputs.get(p))) for p in rule.scope]
    if rule.scope == "region":
        within = [place]
    scope = "|".join([kind.token, *within, name.lower() if rule.lowercase else name])
    holder = store.by_name_scope(scope)
    if holder is not None and holder.key != owner:
        raise Refusal.taken(
            f"{kind.table.already_exists}: {rule.property} {name!r} is taken by {holder.label}: "
            "choose another name, or leave it out to have one made"
        )
    _refuse_held_back(store, scope, name, now)
    return scope


def _refuse_held_back(store: Store, scope: str, name: str, now: datetime) -> None:
    for retained in store.retained():
        if retained.name_scope == scope and retained.until is not None and retained.until > now:
            raise Refusal.taken(
                f"InvalidRequestException: the name {name!r} belongs to a deleted {retained.kind} "
                f"that is held for recovery until {retained.until:%Y-%m-%d}: choose another name, "
                "or leave it out to have one made"
            )
