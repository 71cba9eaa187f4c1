"""Images and command lines of containers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def repository(image: str) -> str:
    """Last part of an image's name, without registry, tag and digest."""
    return image.partition("@")[0].rsplit("/", 1)[-1].partition(":")[0]


def option(arguments: Sequence[str], name: str) -> Any:  # noqa: ANN401  (text, or nothing)
    """What follows an option in a command line; `None` when the option is not there."""
    for index, word in enumerate(arguments):
        if word == name:
            following = arguments[index + 1 : index + 2]
            return following[0] if following else ""
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None
