"""The tables of docs/policies.md, made from the code; `python tools/rule_table.py` writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from infra.tiers import TIERS, Limits
from policies.rules import GROUPS
from policies.rules.rule import Number, Rule

PAGE = Path(__file__).parents[1] / "docs" / "policies.md"
BEGIN, END = "<!-- rules: made by tools/rule_table.py -->", "<!-- end of rules -->"
BEGIN_LIMITS, END_LIMITS = "<!-- limits: made by tools/rule_table.py -->", "<!-- end of limits -->"


def _number(number: Number) -> str:
    return f"`{number.name}` {number.default:g}: {number.description}"


def _row(rule: Rule) -> str:
    level = "advisory" if rule.advisory else "mandatory"
    numbers = "<br>".join(_number(number) for number in rule.numbers)
    return f"| `{rule.name}` | {rule.description} | {rule.severity} | {level} | {numbers} |"


def rules() -> str:
    """The rules in Markdown, a table for each group."""
    lines: list[str] = []
    for title, group in GROUPS.items():
        lines += [
            f"### {title}",
            "",
            "| rule | what must hold | severity | level | numbers you may set |",
            "|---|---|---|---|---|",
            *(_row(rule) for rule in group),
            "",
        ]
    return "\n".join(lines).rstrip()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " to ".join(f"{bound:g}" for bound in value)
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _limit_rows() -> Iterator[str]:
    for field in fields(Limits):
        cells = " | ".join(_shown(getattr(tier.limits, field.name)) for tier in TIERS.values())
        yield f"| {field.name.replace('_', ' ')} | {cells} |"


def limits() -> str:
    """What each tier is held to, in Markdown."""
    return "\n".join(
        ["| limit | " + " | ".join(TIERS) + " |", "|---" * (len(TIERS) + 1) + "|", *_limit_rows()]
    )


def rendered(text: str) -> str:
    """The page's text with the tables of today's code in it."""
    for begin, end, table in (
        (BEGIN, END, rules()),
        (BEGIN_LIMITS, END_LIMITS, limits()),
    ):
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(end)
        text = f"{head}{begin}\n{table}\n{end}{tail}"
    return text


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: tables written\n")
