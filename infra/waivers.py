"""Exceptions from policy rules that a stack file states in the open (`letta:waivers`)."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from components.args import Args

_LINE = r"^\P{C}*[^\s\p{C}]\P{C}*$"
"""One line of text: no control or direction characters, which could disguise what is printed."""
_MIDNIGHT = " 00:00:00 +0000 UTC"
"""What the engine appends to a date that stands in a stack file without quotes."""


def _date(value: Any) -> Any:  # noqa: ANN401  (pydantic refuses what is no date)
    if not isinstance(value, str):
        return value
    text = value.removesuffix(_MIDNIGHT)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2027-11-30") from None


class Waiver(Args):
    """A rule that need not hold for some resources, for a while, on somebody's word."""

    rule: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")
    """Name of the rule, as the policy pack prints it."""
    resource: str = Field(min_length=1)
    """Name of the resource; `*` and `?` stand for any characters and one character."""
    reason: str = Field(pattern=_LINE)
    """Why the risk is taken; printed at every preview."""
    owner: str = Field(pattern=_LINE)
    """Who answers for it."""
    expires: Annotated[date, BeforeValidator(_date)]
    """Last day on which it holds, `YYYY-MM-DD`."""

    def covers(self, rule: str, resource: str) -> bool:
        """Whether a violation of `rule` by `resource` is one that this waiver is meant for."""
        pattern = self.resource.replace("[", "[[]")
        return self.rule == rule and fnmatchcase(resource, pattern)

    def expired(self, today: date) -> bool:
        """Whether its last day lies before `today`."""
        return self.expires < today
