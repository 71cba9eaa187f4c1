"""The tables of what stands beside a bill when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pricing.report.report import Report
from pricing.report.tables import Row, Table, columns
from pricing.report.words import change, quantity, usd

if TYPE_CHECKING:
    from pricing.break_even import BreakEven
    from pricing.explain import Explanation
    from pricing.path import Phase
    from pricing.references import Compared, Stated
    from pricing.savings import Saving


def tables(report: Report) -> Iterator[Table]:
    """What was asked for beside the bill, in the order in which it is read."""
    if report.statement is not None:
        yield _statement(report.statement)
    if report.restated is not None:
        yield _restated(report.restated)
    if report.explanation is not None:
        yield _explanation(report.explanation, report)
    if report.savings is not None:
        yield _savings(report.savings)
    if report.break_evens is not None:
        yield _break_evens(report.break_evens)
    if report.phases is not None:
        yield _phases(report.phases)


def _statement(statement: tuple[Stated, ...]) -> Table:
    return Table(
        title="What the document states, and what its own prices give",
        columns=columns(
            "Item", "Stated", "By its prices", "Note", numbers=("Stated", "By its prices")
        ),
        rows=tuple(
            Row(
                cells=(
                    f"{stated.component}: {stated.item}",
                    usd(stated.stated_usd),
                    "-" if stated.computed_usd is None else usd(stated.computed_usd),
                    stated.note,
                )
            )
            for stated in statement
        ),
    )


def _restated(restated: tuple[Compared, ...]) -> Table:
    return Table(
        title="The document's lines, and the same at the other book",
        columns=columns(
            "Item",
            "Stated",
            "Other book",
            "Change",
            "Why",
            numbers=("Stated", "Other book", "Change"),
        ),
        rows=tuple(
            Row(
                cells=(
                    f"{compared.stated.component}: {compared.stated.item}",
                    usd(compared.stated.stated_usd),
                    usd(compared.usd),
                    change(compared.usd - compared.stated.stated_usd),
                    compared.note,
                )
            )
            for compared in restated
        ),
    )


def _explanation(explanation: Explanation, report: Report) -> Table:
    steps = (
        Row(cells=(step.cause, f"{step.component}: {step.item}", change(step.usd), step.note))
        for step in explanation.steps
    )
    return Table(
        title=f"From the {report.stack} to the stack, step by step",
        columns=columns("Cause", "Item", "USD a month", "Note", numbers=("USD a month",)),
        rows=(
            Row(cells=("start", "", usd(explanation.start), ""), head=True),
            *steps,
            Row(cells=("end", "", usd(explanation.end), ""), head=True),
        ),
    )


def _savings(savings: tuple[Saving, ...]) -> Table:
    return Table(
        title="What each switch would save, USD a month as expected",
        columns=columns(
            "Switch", "State", "Saves", "Then", "Claimed", "Note", numbers=("Saves", "Then")
        ),
        rows=tuple(
            Row(
                cells=(
                    saving.switch.title,
                    saving.state,
                    usd(saving.saves_usd) if saving.state in ("off", "on") else "-",
                    usd(saving.after.expected) if saving.state in ("off", "on") else "-",
                    saving.claim,
                    saving.note,
                )
            )
            for saving in savings
        ),
        note="Claimed: the range that the requirements document gives for it.",
    )


def _break_evens(break_evens: tuple[BreakEven, ...]) -> Table:
    return Table(
        title="Break-even of self-hosted models",
        columns=columns("What", "Computed", "Unit", "Document's rule", numbers=("Computed",)),
        rows=tuple(
            Row(
                cells=(
                    f"{break_even.own} against {break_even.external}",
                    "never" if break_even.crossing is None else quantity(break_even.crossing),
                    f"{break_even.unit} a month",
                    break_even.rule,
                )
            )
            for break_even in break_evens
        ),
        note=" ".join(break_even.sentence for break_even in break_evens),
    )


def _phases(phases: tuple[Phase, ...]) -> Table:
    rows: list[Row] = []
    for phase in phases:
        before = (phase.name, usd(phase.before_usd), phase.stated_before, "")
        rows.append(Row(cells=before, head=True))
        rows += (Row(cells=(step.name, change(-step.usd), "", step.note)) for step in phase.steps)
        after = ("with all of them", usd(phase.after_usd), phase.stated_after, "")
        rows.append(Row(cells=after))
    return Table(
        title="The path of growth",
        columns=columns(
            "Phase", "USD a month", "Document", "Note", numbers=("USD a month", "Document")
        ),
        rows=tuple(rows),
    )
