"""The examples of README.md are read by the sandbox itself."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

import sandbox
from sandbox import admin
from sandbox.spec import FinalSnapshot, Latency, Module, NameRule, ResourceTable, Table

README = Path(sandbox.__file__).parent.joinpath("README.md").read_text(encoding="utf-8")
TABLES = [
    textwrap.dedent(block)
    for block in re.findall(r"```yaml\n(.*?)```", README, flags=re.DOTALL)
    if "resources:" in block
]


def test_there_are_the_whole_table_and_the_smallest_one() -> None:
    assert len(TABLES) == 2


@pytest.mark.parametrize("text", TABLES)
def test_an_example_is_a_table(text: str) -> None:
    assert Module.model_validate(yaml.safe_load(text)).resources


@pytest.mark.parametrize("table", [ResourceTable, NameRule, FinalSnapshot, Latency])
def test_every_field_of_a_table_is_explained(table: type[Table]) -> None:
    names = {field.alias or name for name, field in table.model_fields.items()}
    assert {name for name in names if not re.search(rf"\b{name}:", README)} == set()


def test_every_function_of_the_administration_that_is_shown_exists() -> None:
    shown = set(re.findall(r"^admin\.(\w+)\(", README, flags=re.MULTILINE))
    assert shown
    assert {name for name in shown if not hasattr(admin, name)} == set()
