"""Physical names: made for the user, or checked when the user gave one."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from sandbox.errors import Problem
from sandbox.spec import NameRule
from sandbox.values import Value, plain


class Mode(Enum):
    """What the stack's `pulumi:autonaming` asks for."""

    DEFAULT = "default"
    PROPOSE = "propose"
    ENFORCE = "enforce"
    DISABLE = "disable"


@dataclass(frozen=True)
class Autonaming:
    """The engine's wish for the name of one object."""

    mode: Mode = Mode.DEFAULT
    proposed: str = ""


@dataclass(frozen=True)
class Naming:
    """What an automatic name is made of: logical name, seed, and the engine's wish."""

    logical: str
    seed: bytes
    wish: Autonaming


class NoNameError(ValueError):
    """No name can be made; the message says why."""


def automatic_name(
    rule: NameRule, logical: str, seed: bytes, wish: Autonaming, inputs: Mapping[str, Value]
) -> str:
    """The name that a provider gives: logical name, separator, hex digits, suffix; or a UUID.

    As the providers do, a name that would be too long is refused and not cut: two names that
    begin alike would become one. Raises NoNameError.
    """
    if wish.mode is Mode.DISABLE:
        raise NoNameError(
            "automatic naming is disabled (pulumi:autonaming) and no name is given: set "
            f"{rule.property}"
        )
    if wish.mode is Mode.ENFORCE:
        return wish.proposed
    if rule.uuid:
        return str(UUID(hex_digits(seed, 32)))
    suffix = _suffix(rule, inputs)
    if wish.mode is Mode.PROPOSE:
        proposed = _cased(rule, wish.proposed).removesuffix(suffix) + suffix
        if rule.max_length is not None and len(proposed) > rule.max_length:
            raise NoNameError(
                f"calculated name {proposed!r} exceeds the maximum length of {rule.max_length}: "
                "shorten the pattern in pulumi:autonaming or the logical name"
            )
        return proposed
    prefix = rule.prefix + _cased(rule, logical) + rule.separator
    if rule.max_length is not None:
        excess = len(prefix) + rule.hex_digits + len(suffix) - rule.max_length
        if excess > 0:
            raise NoNameError(
                f"name {prefix!r} plus {rule.hex_digits} random characters is longer than the "
                f"maximum length {rule.max_length}: shorten the logical name by {excess}, or set "
                f"{rule.property}"
            )
    return prefix + hex_digits(seed, rule.hex_digits) + suffix


def _suffix(rule: NameRule, inputs: Mapping[str, Value]) -> str:
    conditional = [
        suffix
        for name, suffix in rule.suffix_when.items()
        if plain(inputs.get(name)) in (True, "true")
    ]
    return rule.suffix + "".join(conditional)


def _cased(rule: NameRule, name: str) -> str:
    return name.lower() if rule.lowercase else name


def hex_digits(seed: bytes, count: int) -> str:
    """That many hex digits (at most 64): the same for the same seed, random without one."""
    return (hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(32))[:count]


def name_problems(rule: NameRule, name: str) -> Iterator[Problem]:
    """What the cloud would not accept in the name."""
    if rule.max_length is not None and len(name) > rule.max_length:
        yield Problem(
            rule.property,
            f"{name!r} has {len(name)} characters, at most {rule.max_length} are allowed",
        )
    if len(name) < rule.min_length:
        yield Problem(
            rule.property,
            f"{name!r} has {len(name)} characters, at least {rule.min_length} are needed",
        )
    if rule.pattern is not None and not re.fullmatch(rule.pattern, name):
        yield Problem(rule.property, f"{name!r} is not allowed: use {rule.rule}")
