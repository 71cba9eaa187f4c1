"""The document's path to a cheap large deployment, recounted from its own claims."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pricing.book import Book, load
from pricing.path import Phase, phases
from pricing.references import amounts, architecture, reference

SOURCE = load("source-2025")
LIST = load("list")


def _phase(book: Book, tier: str) -> Phase:
    (found,) = (phase for phase in phases(book) if phase.tier == tier)
    return found


def test_the_phases_stand_beside_the_documents_figures() -> None:
    found = [
        (phase.tier, int(phase.stated_before_usd), *map(int, phase.stated_after_usd))
        for phase in phases(SOURCE)
    ]
    assert found == [
        ("small", 102, 100, 300),
        ("medium", 1483, 1100, 1100),
        ("large", 11_901, 8000, 8000),
    ]


def test_the_first_phase_lies_within_its_range_at_both_books() -> None:
    for book in (SOURCE, LIST):
        phase = _phase(book, "small")
        assert phase.savings == ()
        low, high = phase.stated_after_usd
        assert low <= phase.after_usd == phase.before_usd <= high


def test_the_second_phase_reaches_its_figure_only_with_steps_it_does_not_name() -> None:
    phase = _phase(SOURCE, "medium")
    # Caching 50 % of 450, reservation 30 % of 270 + 30, logs 80 % of 25, files 60 % of 2.30.
    named = Decimal(225) + 90 + 20 + Decimal("1.38")
    assert phase.named_usd == 1483 - named == Decimal("1146.62")
    # Then 30 % of database and cache.
    assert phase.after_usd == phase.named_usd - Decimal("133.50") == Decimal("1013.12")
    assert phase.after_usd < phase.stated_after_usd[0] < phase.named_usd


def test_the_third_phase_reaches_its_figure_only_with_steps_it_does_not_name() -> None:
    phase = _phase(SOURCE, "large")
    # Middles of the claims: spot 65 % of 750, autoscaling 35 % of 2100, vectors 62.5 % of 600,
    # tiers 60 % of 23 + 960.
    named = Decimal("487.50") + 735 + 375 + Decimal("589.80")
    assert phase.named_usd == 11_901 - named
    # Then 30 % of what is left of API, database and cache; 340; 70 % of 100.
    reserved = (2100 - 735 + 2500 + 600) * Decimal("0.3")
    assert phase.after_usd == phase.named_usd - reserved - 340 - 70 == Decimal("7964.20")
    assert round(phase.saved_share, 2) == Decimal("0.33")
    low, high = phase.range_usd
    assert low < phase.stated_after_usd[0] < high


@pytest.mark.parametrize("book", [SOURCE, LIST], ids=lambda book: book.name)
def test_no_step_saves_more_than_its_lines_cost(book: Book) -> None:
    for phase in phases(book):
        bill = amounts(phase.tier, book)
        for saving in phase.savings:
            assert 0 <= saving.usd <= sum(bill[name] for name in saving.step.lines)
        assert 0 < phase.range_usd[0] <= phase.after_usd <= phase.range_usd[1] <= phase.before_usd
        assert phase.before_usd == reference(phase.tier, book).monthly_usd.expected


def test_what_the_bill_has_already_saves_nothing_more_at_list_prices() -> None:
    for tier, name in (("medium", "prompt caching"), ("large", "embeddings of one's own")):
        savings = {saving.step.name: saving for saving in _phase(LIST, tier).savings}
        assert savings[name].usd == 0
        assert "already" in savings[name].step.note


def test_a_step_that_saves_nothing_says_why() -> None:
    for phase in phases(LIST):
        for saving in phase.savings:
            assert saving.usd or saving.step.note, saving.step.name


def test_every_step_names_lines_that_the_architecture_has() -> None:
    for phase in phases(SOURCE):
        names = {item.name for item in architecture(phase.tier).items}
        for saving in phase.savings:
            assert set(saving.step.lines) <= names
