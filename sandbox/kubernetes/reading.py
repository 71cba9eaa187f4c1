"""Reading objects that may hold unknown values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sandbox.cloud import UnknownValueError
from sandbox.paths import Place
from sandbox.values import Secret, Unknown, Value

_QUANTITY: Final = re.compile(
    r"([+-]?[0-9.]+)(?:([eE][+-]?\d+)|(m|u|n|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei))?"
)
_SUFFIXES: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{name: Decimal(1000) ** (power + 1) for power, name in enumerate("kMGTPE")},
    **{f"{name}i": Decimal(1024) ** (power + 1) for power, name in enumerate("KMGTPE")},
}


class Hidden(str):
    """A secret text, which messages do not show."""

    def __repr__(self) -> str:
        return "[secret]"


def readable(value: Value, *, secret: bool = False) -> Value:
    """The value without the envelopes of secrets; their texts stay hidden in messages."""
    if isinstance(value, Secret):
        return readable(value.value, secret=True)
    if isinstance(value, dict):
        return {key: readable(item, secret=secret) for key, item in value.items()}
    if isinstance(value, list):
        return [readable(item, secret=secret) for item in value]
    return Hidden(value) if secret and isinstance(value, str) else value


def get(value: Value, path: str) -> Any:  # noqa: ANN401 - whatever an object holds
    """What is at `a.b.c`, or None. Raises UnknownValueError when it is not known yet."""
    for key in path.split(".") if path else ():
        value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, Unknown):
            raise UnknownValueError
    return value


def items(value: Value, path: str) -> list[Any]:
    """The elements of the list at the path; none when there is none. Raises UnknownValueError."""
    found = get(value, path) or []
    return list(found) if isinstance(found, list) else []


def mapping(value: Value, path: str) -> dict[str, Any]:
    """The map at the path; empty when there is none. Raises UnknownValueError."""
    found = get(value, path) or {}
    return dict(found) if isinstance(found, dict) else {}


def known(value: Value) -> bool:
    """Whether the value itself is known."""
    return not isinstance(value, Unknown)


def leaves(value: Value, place: Place = ()) -> Iterator[tuple[Place, Value]]:
    """Every single value with its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*place, index))
    else:
        yield place, value


def quantity(value: Value) -> Decimal:
    """A quantity of Kubernetes (`500m`, `2Gi`) as a number. Raises ValueError."""
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is no quantity: use a number with a suffix, as 500m or 2Gi")
    try:
        number = Decimal(match[1] + (match[2] or ""))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no quantity") from error
    return number * _SUFFIXES.get(match[3] or "", Decimal(1))
