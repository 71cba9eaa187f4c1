"""The page of models says what the catalogue holds."""

from __future__ import annotations

from tools import model_table


def test_the_tables_of_models_are_the_codes() -> None:
    text = model_table.PAGE.read_text(encoding="utf-8")
    assert model_table.rendered(text) == text
