"""What rules on cost need beside the resources: budget, prices, terms, ways to save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from infra.settings import Settings, SettingsError
from policies.facts.model import Spending
from policies.stack_settings import StackSettings
from pricing import book, savings, stack
from pricing.bill import Bill, Unpriced
from pricing.plans import priced


def spending(settings: StackSettings, values: Mapping[str, str], today: date) -> Spending:
    """What the stack file says, at list prices. `values`: its `letta:` values."""
    prices = priced(_book(), settings.cloud, settings.options)

    def ways_to_save() -> tuple[savings.Saving, ...]:
        try:
            return savings.ranked(values, _load, prices)
        except (SettingsError, Unpriced):
            # The program says what is wrong with a file, and another rule what has no price.
            return ()

    @cache
    def declared() -> Bill | None:
        try:
            return stack.bill_of(_load(values), prices)
        except (SettingsError, Unpriced):
            return None

    return Spending(
        budget_usd=settings.budget_usd,
        book=prices,
        terms=replace(savings.terms(settings.savings), on=today),
        today=today,
        savings=ways_to_save,
        declared=declared,
    )


@cache
def _book() -> book.Book:
    return book.load(book.CURRENT)


def _load(values: Mapping[str, str]) -> Settings:
    # Whether keys are encrypted in the file is the program's to check.
    return stack.load(values, secret_keys=("llm",))
