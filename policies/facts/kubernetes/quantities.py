"""Amounts as Kubernetes writes them (API reference, "Quantity")."""

from __future__ import annotations

import re

from policies.facts.resource import Node
from policies.facts.unknown import derived

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?")
_FACTORS = {
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "k": 1e3,
    **{letter: 1000.0**power for power, letter in enumerate("MGTPE", start=2)},
    **{f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)},
}
_MIB = 2.0**20


def vcpus(node: Node, key: str) -> float:
    """CPU under a key, vCPU; 0 where nothing stands."""
    return _amount(node, key)


def mib(node: Node, key: str) -> float:
    """Memory or storage under a key, MiB; 0 where nothing stands."""
    return derived(lambda amount: float(amount / _MIB), _amount(node, key))


def count(node: Node, key: str) -> int:
    """Devices under a key; 0 where nothing stands."""
    return derived(int, _amount(node, key))


def _amount(node: Node, key: str) -> float:
    found = node.child(key)
    return derived(lambda text: _understood(found, text), found.text(""))


def _understood(node: Node, text: str) -> float:
    if not text:
        return 0
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return node.unreadable("", "amount")  # type: ignore[no-any-return]
    number, suffix = match.group(1), match.group(2) or ""
    if suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix[1] != "i":
        return float(number + suffix)
    return float(number) * _FACTORS.get(suffix, 1)
