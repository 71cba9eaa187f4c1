"""The table, JSON and Markdown say the same of a bill made by hand."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pricing.bill import Bill
from pricing.report import as_json, markdown, text
from pricing.report.comparison import Comparison
from pricing.report.report import Report
from tests.pricing.bills import BILL, COMPARED, LINES, REPORT, line

FORMS: dict[str, Callable[[Report], str]] = {
    "table": lambda report: text.render(report, 120),
    "markdown": markdown.render,
}


def told(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_json.render(report))
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "figure",
    ["979.37", "893.29", "1,581.93", "0.9794", "0.0009794", "-81.93", "258.24", "720.00"],
    ids=["expected", "floor", "ceiling", "agent", "message", "budget", "subtotal", "line"],
)
def test_every_figure_is_there(form: str, figure: str) -> None:
    assert figure in FORMS[form](REPORT)


@pytest.mark.parametrize("form", FORMS)
def test_a_weak_price_is_named(form: str) -> None:
    said = FORMS[form](REPORT)
    assert "which nobody can check: queue: requests to the queue." in said
    assert "0.0000166667?" in said
    strong = replace(REPORT, bill=replace(BILL, lines=LINES[:3]))
    assert "nobody can check" not in FORMS[form](strong)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (1500, "The ceiling is 81.93 USD over the budget of 1,500.00: a preview refuses it."),
        (1581, "0.93 USD over the budget of 1,581.00, but only by prices that nobody can check"),
        (2000, "The ceiling is 418.07 USD below the budget of 2,000.00."),
    ],
)
def test_the_ceiling_is_held_against_the_budget(form: str, budget: int, said: str) -> None:
    assert said in FORMS[form](replace(REPORT, budget_usd=Decimal(budget)))


@pytest.mark.parametrize("form", FORMS)
def test_without_a_budget_none_is_mentioned(form: str) -> None:
    assert "budget" not in FORMS[form](replace(REPORT, budget_usd=None))


@pytest.mark.parametrize("form", FORMS)
def test_a_warning_of_the_bill_is_passed_on(form: str) -> None:
    warned = replace(REPORT, bill=replace(BILL, warnings=("no NAT is counted",)))
    assert "Warning: no NAT is counted" in FORMS[form](warned)


@pytest.mark.parametrize("form", FORMS)
def test_a_comparison_has_both_sides_and_the_change(form: str) -> None:
    said = FORMS[form](COMPARED)
    assert "change against small" in said
    assert re.search(r"llm\W+360.00\W+720.00\W+\+360.00", said)
    assert re.search(r"machine m5.large\W+-\W+210.24\W+\+210.24", said)


@pytest.mark.parametrize("form", FORMS)
def test_without_messages_nothing_is_said_of_one(form: str) -> None:
    idle = replace(REPORT, bill=replace(BILL, messages=0))
    assert "per message" not in FORMS[form](idle)
    assert told(idle)["per_message"] is None


LONG = line(
    "llm",
    "anthropic/claude-haiku-4-5 input written to the cache",
    "27000.00",
    unit="1M cache-write tokens (5 min)",
)
WITH_LONG = replace(BILL, lines=(LONG, *LINES))
LONG_REPORT = replace(REPORT, bill=WITH_LONG)
LONG_COMPARED = replace(
    LONG_REPORT,
    comparison=Comparison(before_name="small", after_name="medium", before=BILL, after=WITH_LONG),
)


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("report", [LONG_REPORT, LONG_COMPARED], ids=["bill", "comparison"])
def test_a_terminal_of_any_width_loses_no_number(report: Report, columns: int) -> None:
    said = text.render(report, columns)
    assert max(map(len, said.splitlines())) <= columns
    assert "…" not in said
    for one in report.bill.lines:
        assert f"{one.monthly_usd.expected:,}" in said
    assert (columns < 80) or "anthropic/claude-haiku-4-5" in said


def test_on_a_common_terminal_only_what_is_long_takes_a_second_line() -> None:
    rows = text.render(LONG_REPORT, 80).splitlines()
    for one in LINES:
        (row,) = [row for row in rows if one.item in row and "nobody" not in row]
        assert f"{one.monthly_usd.expected:,}" in row
    first = next(at for at, row in enumerate(rows) if "anthropic" in row)
    assert rows[first + 4].startswith("api")


def test_where_no_terminal_limits_it_every_line_stays_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    stream = io.StringIO()
    text.show(LONG_REPORT, stream)
    (row,) = [row for row in stream.getvalue().splitlines() if "anthropic" in row]
    for cell in (LONG.item, LONG.unit, "27,000.00"):
        assert cell in row


def test_json_has_the_shape_that_programs_rely_on() -> None:
    found = told(REPORT)
    assert {key: found[key] for key in ("stack", "book", "currency", "monthly")} == {
        "stack": "medium",
        "book": "list",
        "currency": "USD",
        "monthly": {"floor": 893.29, "expected": 979.37, "ceiling": 1581.93},
    }
    first = {k: v for k, v in found["lines"][0].items() if k != "spans"}
    assert (
        first.items()
        >= {
            "component": "llm",
            "item": "tokens read",
            "quantity": 1800,
            "unit": "1M input tokens",
            "unit_price": 0.096,
            "monthly": 720.0,
            "as_of": "2026-07-20",
            "source": "the cloud's price list",
        }.items()
    )
    assert found["headroom"] == -81.93


def test_json_lines_add_up_to_the_whole_in_cents() -> None:
    found = told(REPORT)
    cents = sum(round(line["monthly"] * 100) for line in found["lines"])
    assert cents == round(found["monthly"]["expected"] * 100)


def test_json_says_what_is_undated_and_weak() -> None:
    found = told(REPORT)
    assert found["as_of"] == {"oldest": "2026-07-20", "undated": 1}
    assert [line["item"] for line in found["lines"] if line["weak"]] == ["requests to the queue"]


def test_json_of_a_comparison_has_every_change() -> None:
    found = told(COMPARED)["comparison"]
    assert found["with"] == "small"
    assert found["change"]["expected"] == 570.24
    api = next(one for one in found["components"] if one["component"] == "api")
    assert api["lines"] == [
        {"item": "machine m5.large", "before": None, "after": 210.24, "change": 210.24}
    ]


def test_json_has_no_key_for_what_was_not_asked() -> None:
    beside = {"comparison", "savings", "break_evens", "path", "stack_path", "statement"}
    assert not beside & told(REPORT).keys()


HOSTILE = "@team **bold** [x](y) | <b>\n# `code` &amp; ~s~ _u_ \\"


def test_markdown_shows_names_as_they_are_and_calls_nobody() -> None:
    report = replace(REPORT, stack=HOSTILE, bill=replace(BILL, lines=(line("api", HOSTILE, "1"),)))
    said = markdown.render(report)
    for special in ("@", "<b>", "`", "&amp;", "~", "_", "\\", "[x]"):
        assert special not in said
    heading = said.splitlines()[0]
    assert heading.startswith("### Cost of &#64;team &#42;&#42;bold&#42;&#42;")


def test_markdown_tables_have_as_many_cells_in_every_row() -> None:
    hostile: Bill = replace(BILL, lines=(line("api", HOSTILE, "1.00"),))
    for block in markdown.render(replace(COMPARED, bill=hostile)).split("\n\n"):
        rows = [row for row in block.splitlines() if row.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1


def test_markdown_folds_what_is_behind_the_summary() -> None:
    summary, _, rest = markdown.render(COMPARED).partition("<details>")
    assert "machine m5.large" not in summary
    assert rest.count("<summary>") == rest.count("</details>") == 2
