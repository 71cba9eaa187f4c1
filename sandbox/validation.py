"""The checks of inputs that need no cloud: names, basic types, limits, and what goes together."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sandbox import paths
from sandbox.errors import Problem
from sandbox.package import ResourceType
from sandbox.paths import Place
from sandbox.schema import Field, ResourceSchema, TypeName
from sandbox.spec import Limit, ResourceTable
from sandbox.values import Properties, Secret, Unknown, Value, is_asset, plain, unwrap

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


class Typing:
    """Brings inputs to the types of the schema and notes what does not fit.

    As the providers do, "1024" is taken for a number where one is expected, 1024 for a text where
    that is expected, and "true" for a boolean; unless it is `strict`.
    """

    def __init__(self, schema: ResourceSchema, *, strict: bool = False) -> None:
        self._schema = schema
        self._strict = strict
        self.problems: list[Problem] = []

    def properties(self, inputs: Mapping[str, Value], place: Place = ()) -> Properties:
        """The inputs at a place, typed; problems are in `problems` afterwards."""
        return self._object(inputs, self._schema.inputs, place)

    def require(self, inputs: Mapping[str, Value], names: Iterable[str]) -> None:
        """Note every name that has no value."""
        for name in names:
            if inputs.get(name) is None:
                self._note((name,), "it is required and missing")

    def _object(
        self, value: Mapping[str, Value], fields: Mapping[str, Field], place: Place
    ) -> Properties:
        typed: Properties = {}
        for name, item in value.items():
            here = (*place, name)
            if name not in fields:
                self._note(here, _unknown_name(name, fields))
            elif item is not None:
                typed[name] = self._value(item, fields[name].type, here)
        if place:
            for name, field in fields.items():
                if field.required and value.get(name) is None:
                    self._note((*place, name), "it is required and missing")
        return typed

    def _value(self, value: Value, wanted: TypeName, place: Place) -> Value:
        if isinstance(value, Secret):
            return Secret(self._value(value.value, wanted, place))
        if isinstance(value, Unknown) or value is None or wanted == "any":
            return value
        if isinstance(wanted, dict):
            return self._structure(value, wanted, place)
        if wanted == "document" and isinstance(value, dict):
            return json.dumps(value)
        if wanted in ("asset", "archive"):
            return value if is_asset(value) else self._wrong(value, f"an {wanted}", place)
        return self._scalar(value, wanted, place)

    def _structure(self, value: Value, wanted: Mapping[str, Any], place: Place) -> Value:
        if "array" in wanted:
            if not isinstance(value, list):
                return self._wrong(value, "a list", place)
            return [
                self._value(item, wanted["array"], (*place, index))
                for index, item in enumerate(value)
            ]
        if not isinstance(value, dict) or is_asset(value):
            return self._wrong(value, "an object", place)
        if "map" in wanted:
            return {
                key: self._value(item, wanted["map"], (*place, key)) for key, item in value.items()
            }
        return self._object(value, self._schema.objects[wanted["object"]], place)

    def _scalar(self, value: Value, wanted: str, place: Place) -> Value:
        if wanted in ("string", "document"):
            if isinstance(value, bool) and not self._strict:
                return "true" if value else "false"
            if isinstance(value, int | float) and not self._strict:
                return str(value)
            return value if isinstance(value, str) else self._wrong(value, "a string", place)
        if wanted == "boolean":
            if value in ("true", "false") and not self._strict:
                return value == "true"
            return value if isinstance(value, bool) else self._wrong(value, "a boolean", place)
        number = value
        if isinstance(value, str) and _NUMBER.fullmatch(value) and not self._strict:
            number = float(value)
        if isinstance(number, bool) or not isinstance(number, int | float):
            return self._wrong(value, "a number" if wanted == "number" else "an integer", place)
        if float(number).is_integer():
            return int(number)
        return number if wanted == "number" else self._wrong(value, "an integer", place)

    def _wrong(self, value: Value, wanted: str, place: Place) -> Value:
        self._note(place, f"expected {wanted}, got {_kind_of(value)}")
        return value

    def _note(self, place: Place, reason: str) -> None:
        self.problems.append(problem_at(place, reason))


def problem_at(place: Place, reason: str) -> Problem:
    """A problem with the value at a place; the reason names the place when it is a nested one."""
    text = reason if len(place) == 1 else f"{paths.show(place)}: {reason}"
    return Problem(str(place[0]), text, place)


def _unknown_name(name: str, fields: Mapping[str, Field]) -> str:
    near = difflib.get_close_matches(name, list(fields), n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no such property{hint}"


def _kind_of(value: Value) -> str:
    kinds = {str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    kinds |= {list: "a list", dict: "an object"}
    return kinds[type(value)]


def relation_problems(table: ResourceTable, inputs: Mapping[str, Value]) -> Iterator[Problem]:
    """Inputs that exclude each other, or of which one is missing."""
    given = {name for name, value in inputs.items() if value is not None}
    for group in (*table.conflicts, *table.exactly_one):
        present = [name for name in group if name in given]
        if len(present) > 1:
            yield Problem(present[0], f"it conflicts with {' and '.join(present[1:])}: give one")
    for group in (*table.at_least_one, *table.exactly_one):
        if not given.intersection(group):
            yield Problem(group[0], f"one of {', '.join(group)} is required")
    for name, others in table.requires.items():
        missing = [other for other in others if other not in given]
        if name in given and missing:
            yield Problem(name, f"it needs {' and '.join(missing)} as well")


def limit_problems(table: ResourceTable, inputs: Mapping[str, Value]) -> Iterator[Problem]:
    """Values outside the limits of the table."""
    for path, limit in table.limits.items():
        for place, value in paths.find(dict(inputs), path):
            if isinstance(value, Unknown):
                continue
            for reason in _exceeded(limit, plain(value)):
                yield problem_at(place, reason)
    for path in table.json_documents:
        for place, value in paths.find(dict(inputs), path):
            if isinstance(value, str) and value and paths.load_json(value) is None:
                yield problem_at(place, "it is no JSON document")


def _exceeded(limit: Limit, value: Value) -> Iterator[str]:
    shown = repr(value) if isinstance(value, str) else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if limit.min is not None and value < limit.min:
            yield f"{value} is below the minimum of {limit.min:.15g}"
        if limit.max is not None and value > limit.max:
            yield f"{value} is above the maximum of {limit.max:.15g}"
        if limit.multiple_of is not None and value % limit.multiple_of:
            yield f"{value} is no multiple of {limit.multiple_of:.15g}"
    if limit.one_of is not None and value not in limit.one_of:
        yield f"{shown} is not allowed: use one of {', '.join(str(item) for item in limit.one_of)}"
    if isinstance(value, str):
        if limit.pattern is not None and not re.fullmatch(limit.pattern, value):
            yield f"{shown} is not allowed: use {limit.rule or limit.pattern}"
        if limit.min_length is not None and len(value) < limit.min_length:
            yield f"it has {len(value)} characters, at least {limit.min_length} are needed"
        if limit.max_length is not None and len(value) > limit.max_length:
            yield f"it has {len(value)} characters, at most {limit.max_length} are allowed"
    if isinstance(value, list | dict):
        if limit.min_items is not None and len(value) < limit.min_items:
            yield f"it has {len(value)} items, at least {limit.min_items} are needed"
        if limit.max_items is not None and len(value) > limit.max_items:
            yield f"it has {len(value)} items, at most {limit.max_items} are allowed"


def check_inputs(
    kind: ResourceType, inputs: Mapping[str, Value]
) -> tuple[Properties, list[Problem]]:
    """The inputs brought to their types, and everything wrong with them that needs no cloud."""
    typing = Typing(kind.schema)
    typed = typing.properties(inputs)
    required = [name for name, field in kind.schema.inputs.items() if field.required]
    typing.require(typed, dict.fromkeys((*required, *kind.table.required)))
    problems = typing.problems
    if not problems:
        problems = [
            *relation_problems(kind.table, typed),
            *limit_problems(kind.table, {name: unwrap(value) for name, value in typed.items()}),
        ]
    return typed, problems
