"""The page of a bill made by hand, with all that a page can show around it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pricing import book as books
from pricing import break_even, path
from pricing.report import page
from pricing.report.report import Report
from pricing.report.surroundings import Curve, Surroundings
from pricing.savings import Saving
from pricing.span import Span
from pricing.switches import SWITCHES
from tests.pricing.bills import BILL, CHEAPER, COMPARED


def curve(name: str, declared_agents: int, fixed_usd: int) -> Curve:
    """A stack of a fixed bill and one dollar an agent."""
    points = [(10**power, 1 + Decimal(fixed_usd) / 10**power) for power in range(2, 7)]
    return Curve(name=name, declared_agents=declared_agents, points=tuple(points))


def full_report() -> Report:
    """A report of everything that can be asked for."""
    book = books.load(books.CURRENT)
    before = BILL.monthly_usd
    savings = tuple(
        Saving(
            switch=switch,
            state="off",
            before=before,
            after=Span(before.floor, before.expected - number, before.ceiling),
            note="what it changes",
            setting=f"letta:savings.{switch.key}: true",
        )
        for number, switch in enumerate(SWITCHES[:4], start=1)
    )
    return replace(
        COMPARED,
        savings=savings,
        break_evens=(*break_even.embedding(book), *break_even.language_model(book)),
        phases=path.phases(book),
    )


AROUND = Surroundings(
    bills={"small": CHEAPER, "medium": BILL},
    missing={"large": "a price is missing"},
    curves=(curve("small", 100, 150), curve("medium", 1000, 1500)),
)


def full_page() -> str:
    """Its page."""
    return page.render(full_report(), AROUND)


LONG_NAME = "customers-of-the-north-production-europe-west"


def page_of_long_names() -> str:
    """The page where stacks have long names."""
    bills = {f"{LONG_NAME}-1": CHEAPER, f"{LONG_NAME}-2": BILL}
    return page.render(full_report(), replace(AROUND, bills=bills))
