"""The tables of what stands beside a bill when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pricing.report.report import Report
from pricing.report.tables import Row, Table, columns, comparison
from pricing.report.words import change, short, usd

if TYPE_CHECKING:
    from pricing.break_even import BreakEven
    from pricing.path import Phase
    from pricing.references import Compared, Explanation, Stated
    from pricing.savings import Saving
    from pricing.stack_path import StackPath

COUNTED = ("off", "on")
"""States of a saving that come with an amount."""


def tables(report: Report) -> Iterator[Table]:
    """What was asked for beside the bill, in the order in which it is read."""
    # At another book the lines of a reference have other names; `restated` has them matched.
    if report.comparison is not None and report.restated is None:
        yield comparison(report.comparison)
    if report.statement is not None:
        yield _statement(report.statement)
    if report.restated is not None:
        yield _restated(report.restated)
    if report.explanation is not None:
        yield _explanation(report.explanation)
    if report.savings is not None:
        yield _savings(report.savings)
    if report.break_evens is not None:
        yield _break_evens(report.break_evens)
    if report.phases is not None:
        yield _phases(report.phases)
    if report.stack_path is not None and report.stack_path.steps:
        yield _stack_path(report.stack_path, report.stack)


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


def _explanation(explanation: Explanation) -> Table:
    steps = (
        Row(cells=(step.item, change(step.usd), step.cause, step.note))
        for step in explanation.steps
    )
    return Table(
        title="From the document's bill to the stack's, step by step",
        columns=columns("Item", "USD a month", "Cause", "Note", numbers=("USD a month",)),
        rows=(
            Row(cells=("the document's total", usd(explanation.document_usd), "", ""), head=True),
            *steps,
            Row(cells=("the stack", usd(explanation.stack_usd), "", ""), head=True),
        ),
        note=(
            "The document's architecture comes to "
            f"{usd(explanation.reference_usd)} at current prices."
        ),
    )


def _savings(savings: tuple[Saving, ...]) -> Table:
    return Table(
        title="What each switch saves, USD a month as expected",
        columns=columns("Switch", "State", "Saves", "Claimed", "Note", numbers=("Saves",)),
        rows=tuple(
            Row(
                cells=(
                    saving.switch.title,
                    saving.state,
                    usd(saving.saves_usd) if saving.state in COUNTED else "-",
                    saving.claim,
                    f"{saving.setting}; {saving.note}" if saving.setting else saving.note,
                )
            )
            for saving in savings
        ),
        note=(
            "off: what it would save; on: what it saves already; claimed: by the requirements "
            "document, of what it applies to."
        ),
    )


def _break_evens(break_evens: tuple[BreakEven, ...]) -> Table:
    return Table(
        title="Break-even of self-hosted models, units a month",
        columns=columns("Self-hosted", "Against", "From", "Why", numbers=("From",)),
        rows=tuple(
            Row(
                cells=(
                    one.own,
                    one.external,
                    "never" if one.crossing is None else f"{short(one.crossing)} {one.unit}",
                    one.sentence,
                )
            )
            for one in break_evens
        ),
    )


def _phases(phases: tuple[Phase, ...]) -> Table:
    rows: list[Row] = []
    for phase in phases:
        before = (phase.name, usd(phase.before_usd), usd(phase.stated_before_usd), "")
        rows.append(Row(cells=before, head=True))
        rows += (
            Row(
                cells=(
                    saving.step.name,
                    change(-saving.usd),
                    "",
                    saving.note if saving.step.named else _besides(saving.note),
                )
            )
            for saving in phase.savings
        )
        stated = "–".join(usd(amount) for amount in dict.fromkeys(phase.stated_after_usd))
        rows.append(Row(cells=("after them", usd(phase.after_usd), stated, "")))
    return Table(
        title=f"The document's path of growth, at book {phases[0].book}",
        columns=columns(
            "Phase", "USD a month", "Document", "Note", numbers=("USD a month", "Document")
        ),
        rows=tuple(rows),
        note="Each step takes the middle of what the document claims for it.",
    )


def _stack_path(path: StackPath, stack: str) -> Table:
    return Table(
        title=f"The same path on {stack}, each switch after those before it",
        columns=columns("Step", "USD a month", "Note", numbers=("USD a month",)),
        rows=(
            Row(cells=("as it is", usd(path.before_usd), ""), head=True),
            *(
                Row(cells=(step.step.name, change(-step.saves_usd), step.note))
                for step in path.steps
            ),
            Row(cells=("after them", usd(path.after_usd), ""), head=True),
        ),
    )


def _besides(note: str) -> str:
    own = "not named by the phase"
    return f"{own}; {note}" if note else own
