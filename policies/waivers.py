"""Which violations a stack has been excused from, and which excuses no longer hold."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from infra.waivers import Waiver
from policies.rules.rule import Violation


@dataclass(frozen=True, kw_only=True)
class Waived:
    """A violation that a waiver covers."""

    rule: str
    violation: Violation
    waiver: Waiver


class Waivers:
    """The waivers of a stack, on a day."""

    def __init__(self, waivers: Iterable[Waiver], today: date) -> None:
        self._all = tuple(waivers)
        self._today = today

    @property
    def valid(self) -> tuple[Waiver, ...]:
        """Those that have not expired."""
        return tuple(waiver for waiver in self._all if not waiver.expired(self._today))

    def covering(self, rule: str, resource: str) -> Waiver | None:
        """The waiver in force that covers a violation."""
        return next((waiver for waiver in self.valid if waiver.covers(rule, resource)), None)

    def expired(self) -> Iterable[str]:
        """A message for each waiver that has expired."""
        for waiver in self._all:
            if waiver.expired(self._today):
                yield (
                    f"the waiver of {waiver.rule} for {waiver.resource} expired on "
                    f"{waiver.expires}; meet the rule, or let {waiver.owner} renew it in "
                    "letta:waivers"
                )

    def unknown(self, rules: Collection[str]) -> Iterable[str]:
        """A message for each waiver of a rule that does not exist."""
        for waiver in self._all:
            if waiver.rule not in rules:
                near = difflib.get_close_matches(waiver.rule, rules, n=1, cutoff=0)
                yield (
                    f"letta:waivers names the rule {waiver.rule}, which does not exist; "
                    f"the nearest is {near[0]}"
                )

    def report(self, waived: Collection[Waived], rules: Collection[str]) -> Iterable[str]:
        """What is waived, by whom and until when, and which waivers excuse nothing."""
        for one in waived:
            waiver = one.waiver
            yield (
                f"{one.rule} is waived until {waiver.expires} by {waiver.owner}: "
                f"{waiver.reason} ({one.violation.message})"
            )
        used = {id(one.waiver) for one in waived}
        for waiver in self.valid:
            if id(waiver) not in used and waiver.rule in rules:
                yield (
                    f"the waiver of {waiver.rule} for {waiver.resource} excuses nothing; "
                    f"remove it from letta:waivers ({waiver.owner}: {waiver.reason})"
                )
