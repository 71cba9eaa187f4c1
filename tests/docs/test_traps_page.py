"""What the page of traps says holds them exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from infra import platforms
from policies.rules import RULES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "traps.md"
NOT_HELD = "not held: "
COMMANDS = {"destroy"}
"""What is named to be used, not looked up."""
RULE_NAMES = {rule.name for rule in RULES}


def _rows() -> list[list[str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line.strip("|").split("|") for line in lines if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in table if row[0].strip() != "trap"]


@cache
def _functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row[0][:60])
def test_what_holds_a_trap_exists(row: list[str]) -> None:
    trap, source, held = row
    assert trap
    assert source
    named = re.findall(r"`([^`]+)`", held)
    assert named or held.startswith(NOT_HELD)
    for name in named:
        path, _, function = name.partition("::")
        if function:
            assert function in _functions(ROOT / path)
        else:
            assert name in RULE_NAMES | COMMANDS


@pytest.mark.parametrize("cloud", platforms.CLOUDS)
def test_every_cloud_has_its_traps(cloud: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.search(rf"^## .*\(`{cloud}`\)$", text, re.MULTILINE)
