"""What an operator of the simulated cloud can see and do: count, unprotect, break, change by hand.

Every function takes the file of state; the sandbox may be running or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from sandbox import paths
from sandbox.faults import Fault
from sandbox.package import Package, ResourceType
from sandbox.packages import package
from sandbox.store import Retained, Store, StoredObject
from sandbox.values import Properties, Value, unwrap

Packages: TypeAlias = Callable[[str], Package]

OPERATIONS: Final = ("create", "read", "update", "delete")


class AdminError(ValueError):
    """The request does not fit what the cloud holds; the message says what does."""


@contextmanager
def _opened(state: Path) -> Iterator[Store]:
    if not state.exists():
        raise AdminError(f"there is no sandbox state at {state}: start the sandbox first")
    store = Store(state)
    try:
        yield store
    finally:
        store.close()


def status(state: Path, packages: Packages = package) -> dict[str, Any]:
    """What the cloud holds: `objects`, `by_type`, `protected`, `retained` and `faults`.

    Only the last three name anything; none shows a property. No file is an empty cloud.
    """
    if not state.exists():
        return {"objects": 0, "by_type": {}, "protected": [], "retained": [], "faults": []}
    with _opened(state) as store:
        held = store.all()
        return {
            "objects": len(held),
            "by_type": dict(sorted(Counter(item.type for item in held).items())),
            "protected": [item.name for item in held if _is_protected(item, packages)],
            "retained": [_shown(item) for item in store.retained() if not _has_expired(item)],
            "faults": store.faults(),
        }


def objects(state: Path) -> list[dict[str, str]]:
    """The objects by `type`, `name`, `id` and `region`, in the order of their creation."""
    with _opened(state) as store:
        return [
            {"type": item.type, "name": item.name, "id": item.id, "region": item.region}
            for item in store.all()
        ]


def held(state: Path, stack: str) -> list[StoredObject]:
    """The objects that a stack made, in the order of their creation."""
    with _opened(state) as store:
        return [item for item in store.all() if item.urn.startswith(f"urn:pulumi:{stack}::")]


def unprotect(state: Path, packages: Packages = package, *, stack: str | None = None) -> list[str]:
    """Take the deletion protection off what a stack made, or off every object.

    Returns the names of those that had it.
    """
    owner = "urn:pulumi:" if stack is None else f"urn:pulumi:{stack}::"
    with _opened(state) as store, store.transaction():
        protected = [
            item
            for item in store.all()
            if item.urn.startswith(owner) and _is_protected(item, packages)
        ]
        for item in protected:
            kind = _kind(item, packages)
            if protection := kind.table.protection:
                _write(store, item, kind, protection.property, protection.lifted)
        return [item.name for item in protected]


def inject_fault(
    state: Path,
    *,
    operation: str,
    kind: str,
    resource_type: str = "*",
    times: int = 1,
    message: str = "InternalFailure: the request failed because of an internal error",
) -> None:
    """Have the next operations on a type (`*` is every type) go wrong.

    `kind` is `throttle` (each time costs one try of the provider's), `fail`, or `partial`: the
    object is made or changed, but reported as not having become ready.
    """
    if operation not in OPERATIONS:
        raise AdminError(f"no operation {operation!r}: use one of {', '.join(OPERATIONS)}")
    kinds = [fault.value for fault in Fault]
    if kind not in kinds:
        raise AdminError(f"no kind of fault {kind!r}: use one of {', '.join(kinds)}")
    with _opened(state) as store:
        store.add_fault(operation, resource_type, kind, message, times)


def clear_faults(state: Path) -> None:
    """Forget the faults that are still to come."""
    with _opened(state) as store:
        store.clear_faults()


def set_property(
    state: Path, name: str, path: str, value: Value, packages: Packages = package
) -> None:
    """Change a property by hand, behind Pulumi's back; `name` is the logical name or the id."""
    with _opened(state) as store, store.transaction():
        item = _one(store, name)
        _write(store, item, _kind(item, packages), path, value)


def remove(state: Path, name: str) -> None:
    """Delete an object by hand, behind Pulumi's back."""
    with _opened(state) as store, store.transaction():
        store.delete(_one(store, name).key)


def sweep(state: Path, stack: str, known: Container[tuple[str, str]]) -> list[str]:
    """Delete what a stack made and its state does not know, by URN and id: what an engine that was
    killed had ordered and not yet noted. Returns the names."""
    with _opened(state) as store, store.transaction():
        lost = [
            item
            for item in store.all()
            if item.urn.startswith(f"urn:pulumi:{stack}::") and (item.urn, item.id) not in known
        ]
        for item in lost:
            store.delete(item.key)
        return [item.name for item in lost]


def _one(store: Store, name: str) -> StoredObject:
    found = [item for item in store.all() if name in (item.name, item.id)]
    if len(found) != 1:
        several = ", ".join(f"{item.type} {item.id}" for item in found)
        raise AdminError(
            f"{name!r} names several objects: {several}; use an id"
            if found
            else f"there is no object {name!r}"
        )
    return found[0]


def _kind(item: StoredObject, packages: Packages) -> ResourceType:
    return packages(item.type.partition(":")[0]).resource(item.type)


def _is_protected(item: StoredObject, packages: Packages) -> bool:
    protection = _kind(item, packages).table.protection
    return protection is not None and item.get(protection.property) == protection.held


def _write(store: Store, item: StoredObject, kind: ResourceType, path: str, value: Value) -> None:
    """Set a property in the outputs, and in the inputs when it is one."""
    root = str(paths.parse(path)[0])
    if root not in kind.schema.outputs and root not in kind.schema.inputs:
        raise AdminError(f"{item.type} has no property {root!r}")
    inputs = dict(item.inputs)
    if root in kind.schema.inputs:
        inputs = _with(inputs, path, value)
    store.update(
        item.key,
        inputs=inputs,
        outputs=_with(dict(item.outputs), path, value),
        version=item.version,
        name_scope=item.name_scope,
    )


def _with(properties: Properties, path: str, value: Value) -> Properties:
    """A copy with one value changed. All on the way must exist, the last key need not."""
    *way, last = paths.parse(path)
    if any(isinstance(segment, paths.Wildcard) for segment in (*way, last)):
        raise AdminError(f"{path!r} names more than one place")
    copied: Properties = dict(properties)
    here: Any = copied
    for segment in way:
        inner = unwrap(here[segment]) if segment in _keys(here) else None
        if not isinstance(inner, dict | list):
            raise AdminError(f"there is nothing at {path!r}")
        here[segment] = inner.copy()
        here = here[segment]
    if isinstance(here, list) and last not in _keys(here):
        raise AdminError(f"there is nothing at {path!r}")
    here[last] = value
    return copied


def _keys(container: Value) -> Any:  # noqa: ANN401 - the keys of a map, or the indices of a list
    return container.keys() if isinstance(container, dict) else range(len(container))


def _has_expired(item: Retained) -> bool:
    return item.until is not None and item.until <= datetime.now(UTC)


def _shown(item: Retained) -> dict[str, str | None]:
    return {
        "kind": item.kind,
        "type": item.type,
        "region": item.region,
        "id": item.id,
        "since": item.since.isoformat(timespec="seconds"),
        "until": item.until.isoformat(timespec="seconds") if item.until else None,
    }
