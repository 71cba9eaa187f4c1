"""YAML of stack files, as the engine reads it: version 1.2, each key once.

PyYAML reads YAML 1.1, where `yes` is a boolean and `1:30` is 90. The engine (gopkg.in/yaml.v3,
`resolve.go` and `decode.go`) takes both for text, and refuses a key that stands twice.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

DEEPEST: Final = 50
"""Levels of nesting; a stack file has fewer than ten."""
MOST_NODES: Final = 50_000
"""Values with those that aliases repeat; a stack file has some hundreds."""

_TAG: Final = "tag:yaml.org,2002:"
_NULLS: Final = ("~", "null", "Null", "NULL", "")
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(
    r"[-+]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[1-9][0-9_]*|0)", re.ASCII
)
_FLOAT: Final = re.compile(
    r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    re.ASCII,
)
_LONGEST_NUMBER: Final = 400


class _Loader(yaml.SafeLoader):
    """Its size is limited before anything is made of it."""

    yaml_constructors: ClassVar[dict[Any, Any]] = {
        f"{_TAG}{kind}": yaml.SafeLoader.yaml_constructors[f"{_TAG}{kind}"]
        for kind in ("str", "seq", "map")
    } | {None: yaml.SafeLoader.yaml_constructors[None]}
    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012  (as PyYAML declares it)

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._count = 0
        self._sizes: dict[Node, int] = {}
        """Node that is whole -> how many it consists of."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = event.start_mark
        before = self._count
        self._depth += 1
        if self._depth > DEEPEST:
            raise _wrong(f"nested deeper than {DEEPEST} levels", mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is None:
            return None
        if isinstance(event, yaml.AliasEvent):
            if node not in self._sizes:
                raise _wrong(f"the value *{event.anchor} contains itself", mark)
            self._count += self._sizes[node]
        else:
            self._count += 1
            self._sizes[node] = self._count - before
        if self._count > MOST_NODES:
            raise _wrong(f"more than {MOST_NODES} values, aliases counted", mark)
        if isinstance(node, MappingNode) and not isinstance(event, yaml.AliasEvent):
            _check_keys(node)
        return node


def load(text: str) -> Any:  # noqa: ANN401  (any YAML)
    """The value of a YAML document.

    Raises `yaml.YAMLError`, also for what is nested too deep, too large or contains itself.
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506  (a kind of SafeLoader)


def _check_keys(node: MappingNode) -> None:
    places: dict[str, int] = {}
    for key, _ in node.value:
        if isinstance(key, ScalarNode):
            if key.value in places:
                raise _wrong(
                    f"the key {key.value!r} stands twice, first in line {places[key.value]}",
                    key.start_mark,
                )
            places[key.value] = key.start_mark.line + 1


def _wrong(problem: str, mark: yaml.Mark | None) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _null(_: _Loader, node: ScalarNode) -> None:
    if node.value not in _NULLS:
        raise _wrong(f"{node.value!r} is not null", node.start_mark)


def _boolean(_: _Loader, node: ScalarNode) -> bool:
    if node.value not in _BOOLEANS:
        raise _wrong(f"{node.value!r} is not true or false", node.start_mark)
    return _BOOLEANS[node.value]


def _integer(_: _Loader, node: ScalarNode) -> int:
    text = str(node.value)
    if not _INTEGER.fullmatch(text) or len(text) > _LONGEST_NUMBER:
        raise _wrong(f"{text[:40]!r} is no whole number", node.start_mark)
    digits = text.replace("_", "")
    # A zero before other digits means octal to the engine.
    return int(digits, 8 if re.match(r"[-+]?0[0-7]", digits) else 0)


def _number(_: _Loader, node: ScalarNode) -> float:
    text = str(node.value)
    if not _FLOAT.fullmatch(text):
        raise _wrong(f"{text[:40]!r} is no number", node.start_mark)
    return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))


for _kind, _pattern, _first, _constructor in (
    ("null", re.compile("~|null|Null|NULL|"), ["~", "n", "N", ""], _null),
    ("bool", re.compile("|".join(_BOOLEANS)), list("tTfF"), _boolean),
    ("int", _INTEGER, list("-+0123456789"), _integer),
    ("float", _FLOAT, list("-+.0123456789"), _number),
    ("merge", re.compile("<<"), ["<"], None),
):
    _Loader.add_implicit_resolver(
        f"{_TAG}{_kind}", re.compile(f"(?:{_pattern.pattern})$", re.ASCII), _first
    )
    if _constructor is not None:
        _Loader.add_constructor(f"{_TAG}{_kind}", _constructor)
