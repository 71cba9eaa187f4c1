"""The document's path, taken by a real stack: its steps as switches, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from infra.settings import SettingsError
from pricing.book import Book
from pricing.path import Step, steps
from pricing.savings import Load
from pricing.stack import bill_of
from pricing.switches import switch

_NO_SWITCH: Final = "no switch of a stack"
_NOTHING: Final = "changes nothing: the stack has it, by a step before or by default"


@dataclass(frozen=True, kw_only=True)
class StackStep:
    """A step of the path on a stack that has taken those before it."""

    step: Step
    saves_usd: Decimal
    """Dollars a month of the expected bill; negative where it is dearer."""
    note: str
    """What the switch does, or why it saves nothing."""


@dataclass(frozen=True, kw_only=True)
class StackPath:
    """The path of one stack."""

    before_usd: Decimal
    """The expected bill as the stack file has it."""
    steps: tuple[StackStep, ...]

    @property
    def after_usd(self) -> Decimal:
        """The expected bill with every switch of the path."""
        return self.before_usd - sum(step.saves_usd for step in self.steps)


def on_stack(tier: str, values: Mapping[str, str], load: Load, book: Book) -> StackPath:
    """What the steps for `tier` save on the stack of these values, each after those before it.

    `values`: those of the stack file, as `load` takes them. Raises `ValueError` for a tier without
    a path, what `load` raises for the stack as it is, and `Unpriced` where a price is missing.
    """
    before = left = _expected(values, load, book)
    taken: list[StackStep] = []
    for step in steps(tier):
        changed, note = _switched(step, values, load)
        now = _expected(changed, load, book)
        if changed is not values and now == left:
            note = _NOTHING
        taken.append(StackStep(step=step, saves_usd=left - now, note=note))
        values, left = changed, now
    return StackPath(before_usd=before, steps=tuple(taken))


def _expected(values: Mapping[str, str], load: Load, book: Book) -> Decimal:
    return bill_of(load(values), book).monthly_usd.expected


def _switched(step: Step, values: Mapping[str, str], load: Load) -> tuple[Mapping[str, str], str]:
    """The values with the step's switch, and what to write for it; or as they were, and why."""
    if not step.switch:
        return values, step.note or _NO_SWITCH
    found = switch(step.switch)
    if not found.key:
        return values, found.about
    value = found.value(load(values))
    changed = found.apply(values, value)
    try:
        load(changed)
    except SettingsError as error:
        return values, "; ".join(error.problems)
    return changed, found.setting(value)
