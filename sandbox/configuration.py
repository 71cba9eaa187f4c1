"""The configuration of one provider instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What a provider was configured with.

    `region` is where its objects go unless they say otherwise; `variables` are what templates can
    name with a dollar; `default_tags` are added to every object that has tags.
    """

    region: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)


class ConfigurationError(ValueError):
    """A provider argument that cannot be used."""

    def __init__(self, argument: str, reason: str) -> None:
        super().__init__(f"{argument}: {reason}")
        self.argument = argument
        self.reason = reason
