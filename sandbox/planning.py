"""Diff: what an update would change, and whether it needs a new object."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sandbox import paths
from sandbox.configuration import Configuration
from sandbox.diff import Change, Kind, changes, hidden
from sandbox.outputs import DEFAULTS, all_tags
from sandbox.package import ResourceType
from sandbox.values import Unknown, Value, has_unknown, plain, unwrap


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The changes of one object."""

    changes: list[Change]
    delete_first: bool
    kept: frozenset[str]
    """Properties that an update leaves as they are, whatever the new inputs say of them."""

    @property
    def replaces(self) -> list[str]:
        """The properties that need a new object."""
        return sorted({change.property for change in self.changes if change.replaces})


def plan(
    kind: ResourceType,
    configuration: Configuration,
    *,
    outputs: Mapping[str, Value],
    old_inputs: Mapping[str, Value],
    news: Mapping[str, Value],
    ignored: Collection[str] = (),
) -> Plan:
    """The changes from the state to the new inputs. `ignored`: paths of the option
    `ignore_changes`, at which there are none.

    New inputs are compared with the outputs in the state, which a refresh has brought up to date.
    An input that was given before and is no longer is deleted, except where the cloud then keeps
    its value (the table computes it). So is what the provider read of other objects into this one,
    where it is not given.
    """
    new = {name: value for name, value in news.items() if not name.startswith("__")}
    given_before = {name for name in old_inputs if not name.startswith("__")}
    read_back = {name for name in kind.table.read_back if name in outputs}
    dropped = {
        name for name in (given_before | read_back) - new.keys() if name not in kind.table.outputs
    }
    old = {
        name: outputs[name] if name in outputs else old_inputs.get(name)
        for name in new.keys() | dropped
    }
    old |= {name: _as_given(kind, name, old[name], new.get(name)) for name in old}
    found = changes(kind.table, old, new, kind.package.hook)
    if "region" not in new and (moved := _region_change(kind, configuration, outputs)):
        found.append(moved)
    found += _tag_changes(kind, configuration, outputs, new, found)
    found = [
        change for change in found if not any(paths.covers(path, change.place) for path in ignored)
    ]
    return Plan(
        changes=found,
        delete_first=_must_delete_first(kind, old, news, found),
        kept=hidden(kind.table, old, new, kind.package.hook)
        | {name for name in read_back - new.keys() if name in ignored},
    )


def _as_given(kind: ResourceType, name: str, before: Value, after: Value) -> Value:
    """An object without what the cloud added inside it, and lists that it reports as maps."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return before
    return {
        key: list(value)
        if f"{name}.{key}" in kind.table.keyed and isinstance(value, dict)
        else value
        for key, value in before.items()
        if key in after or f"{name}.{key}" not in kind.table.inside
    }


def _region_change(
    kind: ResourceType, configuration: Configuration, outputs: Mapping[str, Value]
) -> Change | None:
    before = outputs.get("region")
    if "region" not in kind.schema.inputs or not before or before == configuration.region:
        return None
    return Change(place=("region",), kind=Kind.UPDATE, replaces=True)


def _tag_changes(
    kind: ResourceType,
    configuration: Configuration,
    outputs: Mapping[str, Value],
    new: Mapping[str, Value],
    found: list[Change],
) -> list[Change]:
    if "tagsAll" not in kind.schema.outputs or any(item.property == "tags" for item in found):
        return []
    before, after = plain(outputs.get("tagsAll") or {}), all_tags(new.get("tags"), configuration)
    if isinstance(unwrap(after), Unknown):
        return []
    return [
        Change(place=("tagsAll", *item.place[1:]), kind=item.kind, replaces=False)
        for item in changes(
            kind.table, {"tagsAll": before}, {"tagsAll": plain(after)}, kind.package.hook
        )
    ]


def _must_delete_first(
    kind: ResourceType,
    old: Mapping[str, Value],
    news: Mapping[str, Value],
    found: list[Change],
) -> bool:
    """Whether the new object could not exist beside the old one: they would share a fixed name."""
    table = kind.table
    if table.replace is None or not any(change.replaces for change in found):
        return False
    if isinstance(table.replace.delete_first, str):
        return bool(kind.package.hook(table.replace.delete_first)(plain(dict(old)), plain(news)))
    if table.replace.delete_first:
        return True
    rule = table.name
    if rule is None or rule.scope is None or rule.property in (news.get(DEFAULTS) or ()):
        return False
    before, after = old.get(rule.property), news.get(rule.property)
    return after is not None and not has_unknown(after) and plain(before) == plain(after)
