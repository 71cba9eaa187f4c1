"""The tables of docs/cost.md, made from the code: `python tools/cost_page.py` rewrites them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache, partial
from pathlib import Path

from infra.settings import Settings
from pricing import book as books
from pricing import stack
from pricing.bill import Bill, price
from pricing.book import CURRENT, Book
from pricing.break_even import BreakEven, embedding, language_model, short
from pricing.inventory import Inventory, LanguageModel
from pricing.path import Phase, phases
from pricing.references import CLOUD, REGION, SOURCE, TIERS, compare, explain, reference
from pricing.stack_path import on_stack
from tools import tables
from tools.tables import table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "cost.md"
MODELS = (
    "anthropic/claude-haiku-4-5",
    "anthropic/claude-haiku-5-5",
    "openai/gpt-4.1-mini",
    "google/gemini-2.5-flash",
    "google/gemini-2.5-flash-lite",
)


@cache
def _book(name: str) -> Book:
    return books.load(name)


def _file(tier: str) -> Path:
    return ROOT / f"Pulumi.{tier}.yaml"


@cache
def _bill(tier: str) -> Bill:
    return stack.bill_of(stack.load_stack(_file(tier)), _book(CURRENT))


def _usd(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _change(amount: Decimal) -> str:
    return f"{amount:+,.2f}" if amount else _usd(amount)


def _strong(text: str) -> str:
    return f"**{text}**"


def _stacks() -> str:
    def row(tier: str) -> tuple[str, ...]:
        bill = _bill(tier)
        span = bill.monthly_usd
        message = bill.per_message_usd or Decimal(0)
        return (
            tier,
            *map(_usd, (span.floor, span.expected, span.ceiling)),
            _usd(bill.per_agent_usd),
            f"{message:.5f}",
        )

    return table(
        ("stack", "floor", "expected", "ceiling", "an agent", "a message"), map(row, TIERS)
    )


def _parts() -> str:
    sums = {tier: _bill(tier).by_component for tier in TIERS}
    components = dict.fromkeys(part for tier in TIERS for part in sums[tier])

    def cell(tier: str, part: str) -> str:
        found = {str(name): span for name, span in sums[tier].items()}.get(part)
        return _usd(found.expected) if found else ""

    return table(
        ("", *TIERS), ((part, *(cell(tier, part) for tier in TIERS)) for part in components)
    )


def _lines(tier: str) -> str:
    rows: list[tuple[str, ...]] = []
    given = Decimal(0)
    for line in compare(tier, _book(SOURCE), _book(CURRENT)):
        stated = line.stated
        computed = stated.computed_usd
        given += stated.stated_usd if computed is None else computed
        why = (stated.note and f"stated: {stated.note}", line.note and f"today: {line.note}")
        rows.append(
            (
                stated.item,
                _usd(stated.stated_usd),
                "" if computed is None else _usd(computed),
                _usd(line.usd),
                "; ".join(filter(None, why)),
            )
        )
    document, today = reference(tier, _book(SOURCE)), reference(tier, _book(CURRENT))
    for rounding in document.lines:
        if rounding.component == "rounding":
            cells = (rounding.item, _usd(rounding.monthly_usd.expected), "", "", rounding.note)
            rows.append(cells)
    totals = (document.monthly_usd.expected, given, today.monthly_usd.expected)
    rows.append((_strong("together"), *(_strong(_usd(total)) for total in totals), ""))
    return table(("line", "document", "its prices give", "today", "why"), rows)


def _units() -> str:
    def row(tier: str, book: Book) -> tuple[str, ...]:
        bill = reference(tier, book)
        message = bill.per_message_usd or Decimal(0)
        total = _usd(bill.monthly_usd.expected)
        return (tier, book.name, total, _usd(bill.per_agent_usd), f"{message:.5f}")

    return table(
        ("architecture", "book", "a month", "an agent", "a message"),
        (row(tier, _book(name)) for tier in TIERS for name in (SOURCE, CURRENT)),
    )


def _differences(tier: str) -> str:
    found = explain(tier, _bill(tier), _book(SOURCE), _book(CURRENT))
    rows = [(_strong("the document"), "", _strong(_usd(found.document_usd)), "")]
    rows += [(step.cause, step.item, _change(step.usd), step.note) for step in found.steps]
    rows.append((_strong("the stack"), "", _strong(_usd(found.stack_usd)), ""))
    return table(("cause", "what", "a month", "why"), rows)


def _causes() -> str:
    found = {tier: explain(tier, _bill(tier), _book(SOURCE), _book(CURRENT)) for tier in TIERS}
    causes = {tier: found[tier].by_cause for tier in TIERS}
    rows: list[tuple[str, ...]] = [
        ("the document", *(_strong(_usd(found[tier].document_usd)) for tier in TIERS)),
        *((cause, *(_change(causes[t][cause]) for t in TIERS)) for cause in causes[TIERS[0]]),
        ("the stack", *(_strong(_usd(found[tier].stack_usd)) for tier in TIERS)),
    ]
    return table(("", *TIERS), rows)


def _models() -> str:
    workload = stack.load_stack(_file("large")).workload

    def row(handle: str) -> tuple[str, ...]:
        model = LanguageModel(component="llm", handle=handle)
        inventory = Inventory(cloud=CLOUD, region=REGION, things=(model,))
        bill = price(inventory, workload, _book(CURRENT))
        parts = "; ".join(
            f"{line.quantity.expected.normalize():,f} × {line.unit_price_usd.normalize():f}"
            for line in bill.lines
        )
        return f"`{handle}`", parts, _usd(bill.monthly_usd.expected)

    return table(("model", "millions of tokens × price", "a month"), map(row, MODELS))


def _break_evens() -> str:
    def cell(units: Decimal | None, unit: str) -> str:
        return "never" if units is None else f"{short(units)} {unit}"

    def row(case: BreakEven) -> tuple[str, ...]:
        return (
            case.book,
            case.own,
            case.external,
            _usd(case.machine_usd),
            f"{short(case.equal_bills)} {case.unit}",
            f"{case.per_second} {case.work}",
            f"{short(case.capacity)} {case.unit}",
            cell(case.crossing, case.unit),
            cell(case.lasting, case.unit),
        )

    found = [
        case
        for name in (SOURCE, CURRENT)
        for case in (*embedding(_book(name)), *language_model(_book(name)))
    ]
    head = (
        *("book", "one's own", "provider", "a machine", "equal bills at", "a second"),
        *("a machine serves", "pays from", "for good from"),
    )
    return table(head, map(row, found))


def _path(name: str) -> str:
    def rows(phase: Phase) -> Iterator[tuple[str, ...]]:
        stated = "–".join(f"{usd:,}" for usd in dict.fromkeys(phase.stated_after_usd))
        before = f"{phase.stated_before_usd:,}"
        yield _strong(phase.name), _strong(_usd(phase.before_usd)), before, f"`{phase.tier}`"
        for named in (True, False):
            for saving in phase.savings:
                if saving.step.named == named:
                    yield saving.step.name, _change(-saving.usd), "", saving.note
            if named:
                yield "after what the phase names", _usd(phase.named_usd), stated, ""
        if phase.after_usd != phase.named_usd:
            share = f"{phase.saved_share * 100:.0f} % less"
            yield "after what section 9.5 has besides", _usd(phase.after_usd), "", share

    found = phases(_book(name))
    return table(
        ("step", "a month", "document", "note"), (row for phase in found for row in rows(phase))
    )


def _stack_path() -> str:
    rows: list[tuple[str, ...]] = []
    for tier in TIERS:
        file = stack.read(_file(tier))

        def load(values: Mapping[str, str], file: stack.StackFile = file) -> Settings:
            return stack.load(values, file.secret_keys, file.written)

        path = on_stack(tier, file.values, load, _book(CURRENT))
        rows.append((_strong(tier), _strong(_usd(path.before_usd)), ""))
        rows += [(step.step.name, _change(-step.saves_usd), step.note) for step in path.steps]
        rows.append(("after them", _usd(path.after_usd), ""))
    return table(("step", "a month", "switch, or why nothing changes"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "stacks": _stacks,
    "parts": _parts,
    "units": _units,
    **{f"lines of {tier}": partial(_lines, tier) for tier in TIERS},
    "models": _models,
    "causes": _causes,
    **{f"differences of {tier}": partial(_differences, tier) for tier in TIERS},
    "break-evens": _break_evens,
    **{f"path at {name}": partial(_path, name) for name in (SOURCE, CURRENT)},
    "path of the stacks": _stack_path,
}


def rendered(text: str) -> str:
    """The page's text with the tables of today's code in it."""
    return tables.rendered(text, TABLES, Path(__file__).name)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: tables written\n")
