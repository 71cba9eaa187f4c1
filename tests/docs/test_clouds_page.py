"""The page of clouds says what is built, and the page of policies what rules catch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import cloud_table
from tools.cloud_table import PAGE, RULE_TABLES, RULES_PAGE, TABLES
from tools.tables import Tables


@pytest.mark.parametrize(("page", "of"), [(PAGE, TABLES), (RULES_PAGE, RULE_TABLES)])
def test_the_tables_by_cloud_are_those_of_today(page: Path, of: Tables) -> None:
    text = page.read_text(encoding="utf-8")
    assert cloud_table.rendered(text, of) == text, "run python -m tools.cloud_table"


def test_what_a_cloud_has_nothing_of_is_explained() -> None:
    assert cloud_table.unexplained() == []


def test_no_rule_is_without_a_cell_on_any_cloud() -> None:
    text = RULES_PAGE.read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- rules by cloud:")
    for line in rest.partition("<!-- end")[0].splitlines():
        if line.startswith("| `"):
            assert all(cell.strip() for cell in line.strip("|").split("|")), line
