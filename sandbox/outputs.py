"""The outputs of an object: its inputs, and what the cloud computes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from sandbox import paths
from sandbox.cloud import Cloud
from sandbox.cloud import Properties as ReadOnly
from sandbox.configuration import Configuration
from sandbox.package import ResourceType
from sandbox.templates import ANYTHING, Evaluator, dependencies
from sandbox.values import UNKNOWN, Properties, Secret, Unknown, Value, has_unknown, plain, unwrap

DEFAULTS = "__defaults"
"""The input in which a provider notes the properties that it filled in itself."""


def templates(kind: ResourceType) -> dict[str, Any]:
    """The table's templates, and that of a name made from a prefix."""
    found = dict(kind.table.outputs)
    rule = kind.table.name
    if rule is not None and prefix_property(kind) is not None:
        found.setdefault(rule.property, f"{{{prefix_property(kind)}}}{{$digits26}}")
    return found


def prefix_property(kind: ResourceType) -> str | None:
    """The input from which the provider makes a name, such as `namePrefix`."""
    rule = kind.table.name
    if rule is None or f"{rule.property}Prefix" not in kind.schema.inputs:
        return None
    return f"{rule.property}Prefix"


def passed_through(
    kind: ResourceType, inputs: Mapping[str, Value], configuration: Configuration, region: str
) -> Properties:
    """The outputs that are known as soon as the inputs are."""
    outputs = {
        name: value
        for name, value in inputs.items()
        if value is not None and not name.startswith("__") and name not in kind.table.write_only
    }
    if "region" in kind.schema.outputs:
        outputs["region"] = region
    if "tagsAll" in kind.schema.outputs:
        outputs["tagsAll"] = all_tags(inputs.get("tags"), configuration)
    for path in kind.table.keyed:
        outer, _, name = path.partition(".")
        given = outputs.get(outer)
        if isinstance(given, dict) and isinstance(given.get(name), list):
            outputs[outer] = {**given, name: _as_keys(given[name])}
    return outputs


def _as_keys(entries: list[Value]) -> Value:
    """Entries as the keys of a map, which is how some providers report a list of names."""
    if has_unknown(entries):
        return UNKNOWN
    return {str(unwrap(entry)): {} for entry in entries}


def all_tags(tags: Value, configuration: Configuration) -> Value:
    """The tags of an object together with those of the provider."""
    own = unwrap(tags)
    if isinstance(own, Unknown):
        return UNKNOWN
    merged = {**configuration.default_tags, **(own or {})}
    return Secret(merged) if isinstance(tags, Secret) else merged


def created(kind: ResourceType, given: Properties, evaluator: Evaluator) -> Properties:
    """All outputs of a new object."""
    outputs = dict(given)
    for name in evaluator.templates:
        if name not in outputs and (value := evaluator.output(name)) is not None:
            outputs[name] = value

    def computed(_path: str, template: Value) -> Value:
        return evaluator.evaluate(template)

    return _with_secrets(kind, _filled_inside(kind, outputs, computed))


def previewed(kind: ResourceType, given: Properties, evaluator: Evaluator) -> Properties:
    """The outputs of a new object in a preview: what the cloud computes is unknown."""
    outputs = dict(given)
    for name in evaluator.templates:
        if name not in outputs and name not in kind.table.known_at_preview:
            evaluator.assume_unknown(name)
    return created(kind, _filled_inside(kind, outputs, lambda _path, _template: UNKNOWN), evaluator)


def updated(
    kind: ResourceType,
    given: Properties,
    evaluator: Evaluator,
    *,
    prior: Mapping[str, Value],
    changed: frozenset[str],
    preview: bool,
) -> Properties:
    """All outputs after an update: only what depends on a change is computed anew."""
    outputs = dict(given)
    for name in evaluator.templates:
        if name in outputs:
            continue
        needs = dependencies(name, evaluator.templates)
        affected = bool(changed & needs) or (ANYTHING in needs and bool(changed))
        if name in prior and (name == "id" or not affected):
            outputs[name] = prior[name]
            continue
        value = evaluator.output(name)
        if preview and not _is_same(value, prior.get(name)):
            value = UNKNOWN
        if value is not None:
            outputs[name] = value

    def inside(path: str, template: Value) -> Value:
        before = paths.get(prior, path)
        if before is not None and path.partition(".")[0] not in changed:
            return before
        value = evaluator.evaluate(template)
        return UNKNOWN if preview and not _is_same(value, before) else value

    return _with_secrets(kind, _filled_inside(kind, outputs, inside))


def with_read_back(kind: ResourceType, outputs: Mapping[str, Value], cloud: Cloud) -> Properties:
    """The outputs with what the provider reads of other objects into this one."""
    found = dict(outputs)
    seen = ReadOnly.of(outputs)
    for name, function in kind.table.read_back.items():
        value = kind.package.hook(function)(seen, cloud)
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return found


def _filled_inside(
    kind: ResourceType, outputs: Mapping[str, Value], value_of: Callable[[str, Any], Value]
) -> Properties:
    """The outputs with what the cloud adds inside the objects that the user gave. `value_of`: path
    and template -> value."""
    filled = dict(outputs)
    for path, template in kind.table.inside.items():
        outer, _, name = path.partition(".")
        given = filled.get(outer)
        if isinstance(given, dict) and given.get(name) is None:
            value = value_of(path, template)
            if value is not None:
                filled[outer] = {**given, name: value}
    return filled


def _is_same(value: Value, prior: Value) -> bool:
    return not has_unknown(value) and plain(value) == plain(prior)


def _with_secrets(kind: ResourceType, properties: Properties) -> Properties:
    return seal(properties, kind.table.secrets)


def seal(properties: Mapping[str, Value], secrets: Collection[str]) -> Properties:
    """The properties with those named wrapped as secrets."""
    return {
        name: Secret(value) if name in secrets and not isinstance(value, Secret) else value
        for name, value in properties.items()
    }
