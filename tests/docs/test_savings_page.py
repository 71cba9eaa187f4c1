"""The page of savings says what the switches do and what they are worth."""

from __future__ import annotations

import pytest

from components.args import SavingsArgs
from pricing.switches import SWITCHES
from tools import savings_page


def test_the_tables_of_savings_are_the_codes() -> None:
    text = savings_page.PAGE.read_text(encoding="utf-8")
    assert savings_page.rendered(text) == text, "run python tools/savings_page.py"


@pytest.mark.parametrize("key", SavingsArgs.model_fields)
def test_every_key_of_a_stack_file_is_a_way_of_the_page(key: str) -> None:
    assert key in {each.key for each in SWITCHES if each.role == "savings"}
    assert f"`savings.{key}`" in savings_page.PAGE.read_text(encoding="utf-8")
