from __future__ import annotations

from policies.rules import RULES
from tools import rule_table


def test_the_page_shows_the_rules_and_limits_of_todays_code() -> None:
    page = rule_table.PAGE.read_text(encoding="utf-8")
    assert page == rule_table.rendered(page), "run python tools/rule_table.py"
    assert all(f"| `{rule.name}` |" in page for rule in RULES)
