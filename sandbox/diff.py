"""Which properties changed, at the level of single values, and which changes need a new object."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from sandbox import paths
from sandbox.paths import Place
from sandbox.spec import ResourceTable
from sandbox.values import Unknown, Value, is_asset, plain, unwrap

Hook: TypeAlias = Callable[[str], Callable[..., bool]]
"""Gives the function that a table names."""


class Kind(Enum):
    """What happens to a value."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One changed value."""

    place: Place
    kind: Kind
    replaces: bool

    @property
    def property(self) -> str:
        """The property it lies in."""
        return str(self.place[0])


def changes(
    table: ResourceTable,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
    hook: Hook,
) -> list[Change]:
    """The changes from old to new property values.

    Not a change: another order in a set, another spelling of the same JSON document, nothing
    against an empty list or map, what the table calls alike, and what it suppresses.
    """
    found = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if name in table.write_only or _is_suppressed(table, name, old, new, hook):
            continue
        for place, kind in _compare(table, (name,), before, after, hook):
            replaces = table.replace is not None and any(
                _forces(path, place, before, after)
                for path in table.replace.properties
                if not (kind is Kind.ADD and path in table.replace.unless_added)
            )
            found.append(Change(place=place, kind=kind, replaces=replaces))
    return found


def hidden(
    table: ResourceTable,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
    hook: Hook,
) -> frozenset[str]:
    """The properties whose difference the table suppresses: an update leaves them as they are."""
    alike = {
        name
        for name in table.alike
        if _are_alike(table, (name,), unwrap(old.get(name)), unwrap(new.get(name)), hook)
    }
    return frozenset(
        alike | {name for name in table.suppress if _is_suppressed(table, name, old, new, hook)}
    )


def _are_alike(table: ResourceTable, place: Place, before: Value, after: Value, hook: Hook) -> bool:
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    return any(
        hook(function)(before, after)
        for path, function in table.alike.items()
        if paths.covers(path, place) and _same_depth(path, place)
    )


def _is_suppressed(
    table: ResourceTable,
    name: str,
    old: Mapping[str, Value],
    new: Mapping[str, Value],
    hook: Hook,
) -> bool:
    if name not in table.suppress or isinstance(unwrap(new.get(name)), Unknown):
        return False
    return hook(table.suppress[name])(plain(dict(old)), plain(dict(new)))


def _forces(path: str, place: Place, before: Value, after: Value) -> bool:
    if paths.covers(path, place):
        return True
    if not paths.lies_inside(path, place):
        return False
    name = paths.parse(path)[0]
    return list(paths.find({name: before}, path)) != list(paths.find({name: after}, path))


def _compare(
    table: ResourceTable, place: Place, before: Value, after: Value, hook: Hook
) -> Iterator[tuple[Place, Kind]]:
    before, after = unwrap(before), unwrap(after)
    if _is_nothing(before) and _is_nothing(after):
        return
    if _is_nothing(before):
        yield place, Kind.ADD
    elif _is_nothing(after):
        yield place, Kind.DELETE
    elif isinstance(after, Unknown):
        yield place, Kind.UPDATE
    elif is_asset(before) or is_asset(after):
        if _asset_hash(before) != _asset_hash(after):
            yield place, Kind.UPDATE
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _compare(table, (*place, key), before.get(key), after.get(key), hook)
    elif isinstance(before, list) and isinstance(after, list):
        if any(paths.covers(path, place) and _same_depth(path, place) for path in table.sets):
            yield from _compare_sets(place, before, after)
        else:
            yield from _compare_lists(table, place, before, after, hook)
    elif not (
        _same_scalar(table, place, before, after) or _are_alike(table, place, before, after, hook)
    ):
        yield place, Kind.UPDATE


def _same_depth(path: str, place: Place) -> bool:
    return len(paths.parse(path)) == len(place)


def _is_nothing(value: Value) -> bool:
    return value is None or value == [] or (value == {} and not is_asset(value))


def _asset_hash(value: Value) -> Value:
    return value.get("hash") if isinstance(value, dict) else value


def _same_scalar(table: ResourceTable, place: Place, before: Value, after: Value) -> bool:
    if type(before) is type(after) and before == after:
        return True
    if isinstance(before, str) and isinstance(after, str):
        if _listed(table.json_documents, place):
            old, new = paths.load_json(before), paths.load_json(after)
            return old is not None and old == new
        return _listed(table.ignore_case, place) and before.lower() == after.lower()
    return bool(_scalar_text(before) == _scalar_text(after))


def _listed(listed: Sequence[str], place: Place) -> bool:
    return any(paths.covers(path, place) and _same_depth(path, place) for path in listed)


def _scalar_text(value: Value) -> Value:
    """Terraform's view of a scalar: 1024 and "1024", true and "true" are the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float | str) else value


def _compare_lists(
    table: ResourceTable, place: Place, before: list[Value], after: list[Value], hook: Hook
) -> Iterator[tuple[Place, Kind]]:
    for index in range(max(len(before), len(after))):
        here = (*place, index)
        if index >= len(before):
            yield here, Kind.ADD
        elif index >= len(after):
            yield here, Kind.DELETE
        else:
            yield from _compare(table, here, before[index], after[index], hook)


def _compare_sets(
    place: Place, before: list[Value], after: list[Value]
) -> Iterator[tuple[Place, Kind]]:
    gone = _only_in(before, after)
    come = _only_in(after, before)
    for index in sorted(gone | come):
        if index in gone and index in come:
            yield (*place, index), Kind.UPDATE
        else:
            yield (*place, index), Kind.DELETE if index in gone else Kind.ADD


def _only_in(these: list[Value], others: list[Value]) -> set[int]:
    left = Counter(_canonical(item) for item in others)
    indices = set()
    for index, item in enumerate(these):
        key = _canonical(item)
        if left[key] > 0:
            left[key] -= 1
        else:
            indices.add(index)
    return indices


def _canonical(value: Value) -> str:
    return json.dumps(plain(value), sort_keys=True, default=repr)
