"""Random passwords and texts."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.cloud import Cloud, Properties
from sandbox.errors import Problem

# The default of `override_special` in the docstring of pulumi_random.RandomPassword.
_SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
_MINIMUMS: Final[Mapping[str, str]] = {
    "lower": "minLower",
    "numeric": "minNumeric",
    "special": "minSpecial",
    "upper": "minUpper",
}


def _classes(properties: Properties) -> dict[str, str]:
    """The characters of each class that may be used."""
    characters = {
        "lower": string.ascii_lowercase,
        "numeric": string.digits,
        "special": properties["overrideSpecial"] or _SPECIAL,
        "upper": string.ascii_uppercase,
    }
    return {name: found for name, found in characters.items() if _is_used(properties, name)}


def _is_used(properties: Properties, name: str) -> bool:
    if name == "numeric" and properties["number"] is False:
        return False
    return properties[name] is not False


def characters(properties: Properties, cloud: Cloud) -> str:
    """A random text with at least the wanted number of each class, in random order."""
    classes = _classes(properties)
    chosen = [
        secrets.choice(classes[name])
        for name, minimum in _MINIMUMS.items()
        for _ in range(properties[minimum] or 0)
    ]
    everything = "".join(classes.values())
    chosen += [secrets.choice(everything) for _ in range(properties["length"] - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def minimums_fit(properties: Properties, cloud: Cloud) -> Iterator[Problem]:
    """The minimums of all classes together fit into the length."""
    needed = sum(properties[minimum] or 0 for minimum in _MINIMUMS.values())
    length = properties["length"]
    if needed > length:
        yield Problem(
            "length",
            f"{length} is less than the {needed} characters that the minimums ask for: raise it, "
            "or lower them",
        )


def some_characters(properties: Properties, cloud: Cloud) -> Iterator[Problem]:
    """There are characters to choose from, those with a minimum among them."""
    classes = _classes(properties)
    if not classes:
        yield Problem(
            "lower", "no class of characters is left: allow one of " + ", ".join(_MINIMUMS)
        )
    for name, minimum in _MINIMUMS.items():
        if properties[minimum] and name not in classes:
            yield Problem(minimum, f"it asks for characters that {name} = false excludes")
