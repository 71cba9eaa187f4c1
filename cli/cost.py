"""What `letta-cloud cost` does: from a stack file and a book of prices to a report."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from components.naming import base_name
from infra import checkout
from infra.settings import Settings, SettingsError
from infra.tiers import TIERS
from pricing import book as books
from pricing import stack
from pricing.bill import Bill, Unpriced
from pricing.book import BOOKS, CURRENT, BadBook, Book, PriceMissing
from pricing.references import BadReferenceError
from pricing.report.comparison import Comparison
from pricing.report.report import Report
from pricing.report.words import usd
from pricing.stack import StackFile, StackFileError
from tools.setup.common import UserError, printable, say

if TYPE_CHECKING:
    from pricing.report.surroundings import Surroundings

USER_ERRORS = (SettingsError, StackFileError, Unpriced, BadBook, PriceMissing, BadReferenceError)
"""Each says itself what is wrong and where."""
BUDGET_RULE = "monthly-budget"
"""The policy rule that refuses at preview what `--check` refuses; a waiver names it."""


def run(options: Namespace) -> int:
    """Print or write the report that is asked for.

    Raises `UserError` for whatever the user can mend, and with `--check`, once the report is out,
    for a budget that the stack may overrun.
    """
    request = _Request(options=options)
    try:
        report = _run(request)
        if options.check:
            _check(report, request)
    except USER_ERRORS as error:
        raise UserError(str(error)) from error
    return 0


@dataclass(frozen=True, kw_only=True)
class _Request:
    """The command's words, and what they name, read once."""

    options: Namespace

    @cached_property
    def book(self) -> Book:
        if self.options.book is not None:
            return books.load(self.options.book)
        if self.options.reference:
            from pricing import references

            # The document's architectures are priced as it prices them.
            return books.load(references.SOURCE)
        return books.load(CURRENT)

    @cached_property
    def file(self) -> StackFile:
        return stack.read(self.options.file)

    @cached_property
    def settings(self) -> Settings:
        return self.load(self.file.values)

    def load(self, values: Mapping[str, str]) -> Settings:
        """Settings of other values in the place of the file's."""
        return stack.load(values, self.file.secret_keys, self.file.written)

    def bill(self, book: Book) -> Bill:
        if self.options.reference:
            from pricing import references

            return references.reference(self.options.reference, book)
        return stack.bill_of(self.settings, book)


def _run(request: _Request) -> Report:
    if sys.stdout is None and request.options.html is None:
        raise UserError("there is nowhere to print to: the standard output is closed")
    if isinstance(sys.stdout, TextIOWrapper):
        # Not every terminal knows every sign; a question mark is better than nothing.
        sys.stdout.reconfigure(errors="replace")
    # A form's libraries are imported for that form alone.
    report, options = _report(request), request.options
    if options.html is not None:
        from pricing.report import page

        _write(options.html, page.render(report, _around(request)))
    elif options.json:
        from pricing.report import as_json

        print(as_json.render(report))
    elif options.markdown:
        from pricing.report import markdown

        print(markdown.render(report), end="")
    else:
        from pricing.report import text

        text.show(report, sys.stdout)
    return report


def _check(report: Report, request: _Request) -> None:
    """Hold the bill to the budget as the policy rule does."""
    budget, bill = report.budget_usd, report.bill
    if budget is None:
        raise UserError("--check: the stack file has no letta:budget to hold the bill to; set one")
    overrun = bill.overruns(budget)
    if overrun == "no":
        return
    told = (
        f"may cost {usd(bill.monthly_usd.ceiling)} USD a month with every autoscaler at its "
        f"maximum, {usd(bill.monthly_usd.ceiling - budget)} more than the budget of {usd(budget)}"
    )
    name = base_name(request.options.stack)
    if any(
        waiver.covers(BUDGET_RULE, name) and not waiver.expired(report.today)
        for waiver in request.settings.waivers
    ):
        say(f"warning: {report.stack} {told}; that is waived")
    elif overrun == "perhaps":
        say(f"warning: {report.stack} {told}, by prices that nobody can check")
    else:
        raise UserError(
            f"{report.stack} {told}; raise letta:budget, or lower sizes and maximums (--savings "
            "shows what saves most)"
        )


def _around(request: _Request) -> Surroundings:
    """The tiers, as this checkout has them, or the other references."""
    from pricing.report import surroundings

    options = request.options
    if options.reference:
        return surroundings.of_references(request.book)
    names = {tier: checkout.name_on(tier, request.settings.cloud) for tier in TIERS}
    files = {tier: checkout.file(name) for tier, name in names.items() if name in checkout.names()}
    return surroundings.of(printable(options.stack), request.settings, request.book, files)


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from error
    say(f"Written: {file}")


def _report(request: _Request) -> Report:
    options = request.options
    # The page has room for all that does not depend on a choice.
    whole = options.html is not None
    report = Report(
        stack=f"reference {options.reference}" if options.reference else printable(options.stack),
        bill=request.bill(request.book),
        today=date.today(),
    )
    if options.reference:
        report = _with_statement(report, options.reference)
    elif request.settings.budget_usd is not None:
        report = replace(report, budget_usd=Decimal(str(request.settings.budget_usd)))
    if options.compare is not None:
        report = _with_comparison(report, request)
    if options.savings or (whole and not options.reference):
        from pricing import savings

        found = savings.ranked(request.file.values, request.load, request.book)
        report = replace(report, savings=found)
    if options.break_even or whole:
        from pricing import break_even

        embeddings = break_even.embedding(request.book)
        models = break_even.language_model(request.book)
        report = replace(report, break_evens=(*embeddings, *models))
    if options.path or whole:
        report = _with_path(report, request)
    return report


def _with_path(report: Report, request: _Request) -> Report:
    """The report with the document's path of growth and, of a stack, the path it can take."""
    from pricing import path, stack_path

    report = replace(report, phases=path.phases(request.book))
    if request.options.reference:
        return report
    tier, values = request.settings.tier, request.file.values
    found = stack_path.on_stack(tier, values, request.load, request.book)
    return replace(report, stack_path=found)


def _with_statement(report: Report, tier: str) -> Report:
    """The report of a reference, with what the document itself states."""
    from pricing import references

    source = books.load(references.SOURCE)
    return replace(report, statement=references.statement(tier, source))


def _with_comparison(report: Report, request: _Request) -> Report:
    """The report with its change against another book or another stack."""
    name = request.options.compare
    return (
        _against_book(report, request, name)
        if name in BOOKS
        else _against_stack(report, request, name)
    )


def _against_book(report: Report, request: _Request, name: str) -> Report:
    if name == request.book.name:
        raise UserError(f"--compare {name}: the bill is by that book already; name another")
    other = books.load(name)
    compared = Comparison(
        before_name=f"book {name}",
        after_name=f"book {request.book.name}",
        before=request.bill(other),
        after=report.bill,
    )
    report = replace(report, comparison=compared)
    if request.options.reference:
        from pricing import references

        source = books.load(references.SOURCE)
        today = request.book if name == references.SOURCE else other
        found = references.compare(request.options.reference, source, today)
        report = replace(report, restated=found)
    return report


def _against_stack(report: Report, request: _Request, name: str) -> Report:
    file = _other_stack_file(name)
    if request.options.file is not None and file.resolve() == request.options.file.resolve():
        raise UserError(f"--compare {name}: that is the stack itself; name another")
    # A stack has more than the document has prices of.
    by_default = request.options.reference and request.options.book is None
    book = books.load(CURRENT) if by_default else request.book
    try:
        other = stack.bill_of(stack.load_stack(file), book)
    except USER_ERRORS as error:
        raise UserError(f"--compare {name}: {error}") from error
    compared = Comparison(
        before_name=printable(name), after_name=report.stack, before=other, after=report.bill
    )
    report = replace(report, comparison=compared)
    if request.options.reference:
        from pricing import references

        source = books.load(references.SOURCE)
        found = references.explain(request.options.reference, other, source, book)
        report = replace(report, explanation=found)
    return report


def _other_stack_file(name: str) -> Path:
    if name in checkout.names():
        return checkout.file(name)
    file = Path(name)
    if file.suffix in (".yaml", ".yml"):
        return file
    raise UserError(
        f"--compare {name}: there is no such stack and no such book; the stacks are "
        f"{', '.join(checkout.names())}, the books {', '.join(BOOKS)}; "
        "or name a stack file, NAME.yaml"
    )
