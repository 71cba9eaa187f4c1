"""Paths into property values, as the type tables write them.

`a.b` a key, `a[0]` an index, `a[*]` every element, `a.*` every value of a map, `a$` the string read
as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from typing import TypeAlias

from sandbox.values import UNKNOWN, Unknown, Value, is_asset, unwrap


class Wildcard(Enum):
    """Segments that stand for more than one place."""

    ELEMENT = "[*]"
    VALUE = ".*"
    JSON = "$"


Segment: TypeAlias = str | int | Wildcard
Place: TypeAlias = tuple[str | int, ...]
"""Where exactly something is: keys and indices only."""

_TOKEN = re.compile(
    r"(?P<key>[^.\[\]$*]+)|(?P<index>\[\d+\])|(?P<each>\[\*\])|(?P<json>\$)|\.(?P<all>\*)|\."
)


class PathError(ValueError):
    """A path that cannot be read."""


@cache
def parse(path: str) -> tuple[Segment, ...]:
    """The segments of a path. Raises PathError."""
    segments: list[Segment] = []
    position = 0
    while position < len(path):
        match = _TOKEN.match(path, position)
        if match is None:
            raise PathError(f"cannot read the path {path!r} from position {position}")
        position = match.end()
        if match["key"]:
            segments.append(match["key"])
        elif match["index"]:
            segments.append(int(match["index"][1:-1]))
        elif match["each"]:
            segments.append(Wildcard.ELEMENT)
        elif match["json"]:
            segments.append(Wildcard.JSON)
        elif match["all"]:
            segments.append(Wildcard.VALUE)
    if not segments or not isinstance(segments[0], str):
        raise PathError(f"the path {path!r} does not begin with a property")
    return tuple(segments)


def find(value: Value, path: str) -> Iterator[tuple[Place, Value]]:
    """Every place that the path names in the value, with what is there (secrets unwrapped).

    An unknown on the way is given as what is there. A string that should be JSON and is not has
    nothing inside it.
    """
    yield from _find(value, parse(path), ())


def _find(value: Value, rest: Sequence[Segment], place: Place) -> Iterator[tuple[Place, Value]]:
    value = unwrap(value)
    if not rest:
        if value is not None:
            yield place, value
        return
    if isinstance(value, Unknown):
        yield place, UNKNOWN
        return
    head, tail = rest[0], rest[1:]
    if head is Wildcard.JSON:
        document = load_json(value)
        if document is not None:
            yield from _find(document, tail, place)
    elif head is Wildcard.ELEMENT:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _find(item, tail, (*place, index))
    elif head is Wildcard.VALUE:
        if isinstance(value, dict) and not is_asset(value):
            for key, item in value.items():
                yield from _find(item, tail, (*place, key))
    elif isinstance(head, int):
        if isinstance(value, list) and head < len(value):
            yield from _find(value[head], tail, (*place, head))
    elif isinstance(value, dict) and head in value:
        yield from _find(value[head], tail, (*place, head))


def get(value: Value, path: str) -> Value:
    """What is at the first place the path names, or None."""
    return next((found for _, found in find(value, path)), None)


def load_json(value: Value) -> Value:
    """The document in a string, or None when it is not a string or not JSON."""
    if not isinstance(value, str):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def show(place: Sequence[str | int]) -> str:
    """A place in the engine's own syntax: `tags["a.b"]`, `rules[0].id`."""
    text = ""
    for segment in place:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif re.fullmatch(r"[A-Za-z_$][\w$-]*", segment):
            text += f".{segment}" if text else segment
        else:
            text += f'["{segment.replace(chr(34), chr(92) + chr(34))}"]'
    return text


def covers(path: str, place: Place) -> bool:
    """Whether the place is what the path names, or something inside that."""
    pattern = _without_json(path)
    return len(pattern) <= len(place) and _matches(pattern, place[: len(pattern)])


def lies_inside(path: str, place: Place) -> bool:
    """Whether what the path names lies inside the place."""
    pattern = _without_json(path)
    return len(place) < len(pattern) and _matches(pattern[: len(place)], place)


@cache
def _without_json(path: str) -> tuple[Segment, ...]:
    return tuple(segment for segment in parse(path) if segment is not Wildcard.JSON)


def _matches(pattern: Sequence[Segment], place: Place) -> bool:
    return all(
        isinstance(actual, int)
        if wanted is Wildcard.ELEMENT
        else isinstance(actual, str)
        if wanted is Wildcard.VALUE
        else wanted == actual
        for wanted, actual in zip(pattern, place, strict=True)
    )
