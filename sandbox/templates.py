"""Computed outputs out of the templates of a table."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox import paths
from sandbox.cloud import Cloud, CloudObject, Properties, UnknownValueError
from sandbox.values import UNKNOWN, Secret, Unknown, Value, has_secret, has_unknown, plain, unwrap

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_GENERATED = re.compile(r"(hex|HEX|digits|alnum)(\d+)(?::(.+))?$")
_ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "digits": "0123456789",
    "alnum": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
}
ANYTHING: Final = "*"
"""In the dependencies of an output: it may change with any property."""


class TemplateError(ValueError):
    """A table's template that cannot be evaluated."""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where generated values of one object come from; kept with the object."""

    seed: str
    version: int
    created: str


@dataclass(kw_only=True)
class Evaluator:
    """Evaluates the outputs of one object.

    `lookup` gives an input or None; `templates` are the table's outputs; `follow` gives the object
    that the reference at a path points to; `next_number` counts up for a key.
    """

    lookup: Callable[[str], Value]
    templates: Mapping[str, Any]
    cloud: Cloud
    origin: Origin
    hook: Callable[[str], Callable[..., Any]]
    follow: Callable[[str], CloudObject | None]
    next_number: Callable[[str], int]
    found: CloudObject | None = None
    _done: dict[str, Value] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def assume_unknown(self, name: str) -> None:
        """Take the output for unknown, and with it every output that mentions it."""
        self._done[name] = UNKNOWN

    def output(self, name: str) -> Value:
        """An input, or the output of that name; None when it has no value."""
        given = self.lookup(name)
        if given is not None:
            return given
        if name in self._done:
            return self._done[name]
        if name not in self.templates:
            return self.cloud.region if name == "region" else None
        if name in self._open:
            raise TemplateError(f"the outputs {' -> '.join([*self._open, name])} form a circle")
        self._open.append(name)
        try:
            self._done[name] = self.evaluate(self.templates[name])
        finally:
            self._open.pop()
        return self._done[name]

    def evaluate(self, template: Value) -> Value:
        """The value of a template; None when something it needs has no value."""
        if isinstance(template, str):
            return self._text(template)
        if isinstance(template, list):
            return [self.evaluate(item) for item in template]
        if isinstance(template, dict):
            if "call" in template:
                return self._call(template["call"])
            if "choose" in template:
                return self._choose(template)
            return {key: self.evaluate(item) for key, item in template.items()}
        return template

    def _text(self, template: str) -> Value:
        whole = _PLACEHOLDER.fullmatch(template)
        if whole:
            return self._placeholder(whole[1])
        values = {match: self._placeholder(match) for match in set(_PLACEHOLDER.findall(template))}
        if any(value is None for value in values.values()):
            return None
        if any(has_unknown(value) for value in values.values()):
            return UNKNOWN
        text = _PLACEHOLDER.sub(lambda match: _text_of(plain(values[match[1]])), template)
        return Secret(text) if any(has_secret(value) for value in values.values()) else text

    def _placeholder(self, inside: str) -> Value:
        if inside.startswith("$"):
            return self._variable(inside[1:])
        if inside.startswith("@"):
            return self.found.get(inside[1:]) if self.found else None
        path, arrow, attribute = (part.strip() for part in inside.partition("->"))
        if arrow:
            if has_unknown(self._at(path)):
                return UNKNOWN
            target = self.follow(path)
            return target.get(attribute) if target else None
        return self._at(path)

    def _at(self, path: str) -> Value:
        root = paths.parse(path)[0]
        value = self.output(str(root))
        if path == root:
            return value
        found = paths.get({root: value}, path)
        return Secret(found) if found is not None and has_secret(value) else found

    def _variable(self, name: str) -> Value:
        if name == "region":
            return self.cloud.region
        if name in self.cloud.variables:
            return self.cloud.variables[name]
        if name == "now":
            return self.origin.created
        if name == "version":
            return self.origin.version
        if name == "uuid" or name.startswith("uuid:"):
            digits = self._generated("hex", 32, name)
            return "-".join(
                digits[start:end] for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
            )
        if name.startswith("next:"):
            value = self._at(name.removeprefix("next:"))
            return value if isinstance(value, Unknown) else self.next_number(_text_of(plain(value)))
        if match := _GENERATED.match(name):
            return self._generated(match[1], int(match[2]), match[3] or "")
        raise TemplateError(f"there is no variable ${name}")

    def _generated(self, kind: str, length: int, label: str) -> str:
        alphabet = _ALPHABETS[kind]
        stream = hashlib.shake_256(f"{self.origin.seed}/{kind}/{label}".encode()).digest(length)
        return "".join(alphabet[byte % len(alphabet)] for byte in stream)

    def _choose(self, template: Mapping[str, Any]) -> Value:
        chosen = self._at(template["choose"])
        if isinstance(unwrap(chosen), Unknown):
            return UNKNOWN
        options = {_text_of(key): value for key, value in template["of"].items()}
        return self.evaluate(options.get(_text_of(plain(chosen)), template.get("otherwise")))

    def _call(self, name: str) -> Value:
        try:
            return self.hook(name)(Properties(self.output), self.cloud)
        except UnknownValueError:
            return UNKNOWN


def _text_of(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def dependencies(name: str, templates: Mapping[str, Any]) -> frozenset[str]:
    """The inputs (and `$version`) that an output depends on, through other outputs too."""
    found: set[str] = set()
    waiting, seen = [name], set[str]()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        found.add(current)
        if current in templates:
            waiting += _mentioned(templates[current])
    return frozenset(found)


def _mentioned(template: Value) -> list[str]:
    if isinstance(template, str):
        return [root for inside in _PLACEHOLDER.findall(template) for root in _roots(inside)]
    if isinstance(template, list):
        return [root for item in template for root in _mentioned(item)]
    if isinstance(template, dict):
        if "call" in template:
            return [ANYTHING]
        roots = [root for item in template.values() for root in _mentioned(item)]
        if "choose" in template:
            roots += _roots(template["choose"])
        return roots
    return []


def _roots(inside: str) -> list[str]:
    if inside == "$version":
        return ["$version"]
    if inside.startswith(("$", "@")):
        return []
    return [str(paths.parse(inside.partition("->")[0].strip())[0])]
