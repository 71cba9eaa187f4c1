"""The page of costs says what the bills say."""

from __future__ import annotations

import pytest

from tools import cost_page


def test_the_tables_of_costs_are_the_codes() -> None:
    text = cost_page.PAGE.read_text(encoding="utf-8")
    assert cost_page.rendered(text) == text, "run python tools/cost_page.py"


def test_a_page_that_lost_a_table_is_an_error() -> None:
    text = cost_page.PAGE.read_text(encoding="utf-8").replace("<!-- end of causes -->", "")
    with pytest.raises(ValueError, match=r"no marks .*causes"):
        cost_page.rendered(text)
