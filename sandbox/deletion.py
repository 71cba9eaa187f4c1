"""What stands against deleting an object, and what stays of it afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.checking import run_checks
from sandbox.cloud import Cloud
from sandbox.cloud import Properties as View
from sandbox.errors import Refusal, in_words
from sandbox.package import ResourceType
from sandbox.store import Retained, Store, StoredObject
from sandbox.values import Properties, plain


def delete(
    store: Store,
    kind: ResourceType,
    held: StoredObject,
    state: Properties,
    now: datetime,
    cloud: Cloud,
) -> None:
    """Delete the object and keep what the cloud keeps. Raises Refusal."""
    _refuse_protected(kind, held)
    _refuse_needed(store, kind, held)
    view = View.of({**held.outputs, "id": held.id})
    problems = run_checks(kind, kind.table.delete_checks, view, cloud)
    if problems:
        raise Refusal.blocked(f"{held.label} cannot be deleted: {in_words(problems)}")
    if kind.table.takes_along is not None:
        for item in kind.package.hook(kind.table.takes_along)(view, cloud):
            _leave_behind(store, kind.package.resource(item.type), item, cloud, now)
            store.delete(item.key)
    _leave_behind(store, kind, held, cloud, now)
    # What happens at the end is told by the state of Pulumi, not by the cloud: as the provider.
    told = {**held.outputs, **state}
    _keep_final_snapshot(store, kind, held, told, now)
    _hold_back(store, kind, held, told, now)
    store.delete(held.key)


def _leave_behind(
    store: Store, kind: ResourceType, held: StoredObject, cloud: Cloud, now: datetime
) -> None:
    """Keep what the cloud does not delete together with the object."""
    if kind.table.leaves_behind is None:
        return
    left = kind.package.hook(kind.table.leaves_behind)
    for what, identifier in left(View.of(held.outputs), cloud):
        store.retain(
            Retained(
                kind=what,
                type=held.type,
                region=held.region,
                id=identifier,
                name_scope=None,
                until=None,
                since=now,
            )
        )


def _refuse_protected(kind: ResourceType, held: StoredObject) -> None:
    protection = kind.table.protection
    if protection is not None and held.get(protection.property) == protection.held:
        lifted = "false" if protection.lifted is False else protection.lifted
        raise Refusal.blocked(
            f"{protection.error} ({held.label}): set {protection.property} to {lifted}, run "
            "`pulumi up`, and delete it then"
        )


def _refuse_needed(store: Store, kind: ResourceType, held: StoredObject) -> None:
    dependents = store.dependents(held.key)
    if dependents:
        users = "; ".join(f"{user.label} by its {path}" for user, path in dependents)
        raise Refusal.blocked(
            f"{kind.table.in_use}: {held.label} is in use and cannot be deleted: {users}. "
            "Delete or change these first"
        )


def _keep_final_snapshot(
    store: Store, kind: ResourceType, held: StoredObject, told: Properties, now: datetime
) -> None:
    snapshot = kind.table.final_snapshot
    if snapshot is None or (snapshot.unless and plain(told.get(snapshot.unless))):
        return
    if snapshot.skip and plain(told.get(snapshot.skip)) is True:
        return
    identifier = plain(told.get(snapshot.identifier))
    if not identifier:
        if snapshot.optional:
            return
        raise Refusal.invalid(
            f"{snapshot.identifier} is required when {snapshot.skip} is false ({held.label}): set "
            "it, run `pulumi up`, and delete it then"
        )
    scope = f"{snapshot.kind}|{held.region}|{identifier}"
    if any(item.name_scope == scope for item in store.retained()):
        raise Refusal.taken(
            f"{snapshot.duplicate}: there is already a {snapshot.kind} {identifier!r}: set another "
            f"{snapshot.identifier}, run `pulumi up`, and delete it then"
        )
    store.retain(
        Retained(
            kind=snapshot.kind,
            type=held.type,
            region=held.region,
            id=identifier,
            name_scope=scope,
            until=None,
            since=now,
        )
    )


def _hold_back(
    store: Store, kind: ResourceType, held: StoredObject, told: Properties, now: datetime
) -> None:
    recovery = kind.table.recovery
    days = plain(told.get(recovery.window_days)) if recovery else None
    if recovery is None or not days:
        return
    store.retain(
        Retained(
            kind=recovery.kind,
            type=held.type,
            region=held.region,
            id=held.id,
            name_scope=held.name_scope if recovery.holds_name else None,
            until=now + timedelta(days=days),
            since=now,
        )
    )
