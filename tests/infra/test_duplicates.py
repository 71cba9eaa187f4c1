"""What two clouds share stands in a neutral module, and in neither of theirs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from infra import platforms

ROOT = Path(__file__).parents[2]
OWN = (
    "components/{}/**/*.py",
    "policies/facts/{}/**/*.py",
    "pricing/plans/{}/**/*.py",
    "pricing/plans/{}.py",
    "pricing/tariffs/{}/**/*.py",
    "pricing/tariffs/{}.py",
    "sandbox/{}/**/*.py",
    "sandbox/{}_*/**/*.py",
)
"""Where a cloud has code of its own."""
LONGEST = 10
"""Most lines in a row that two clouds may have alike."""
SAID_ALIKE = ('"""', "#")
"""Beginnings of lines that say what others do."""

Block = tuple[str, ...]


RECORD = "PLATFORM: "
"""Beginning of the record that a cloud ends in: its keys are the contract's."""


def _lines(path: Path) -> list[tuple[int, str]]:
    """Numbered lines that do something."""
    text = path.read_text(encoding="utf-8").partition(RECORD)[0]
    imports = {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    stripped = (line.strip() for line in text.splitlines())
    return [
        (number, line)
        for number, line in enumerate(stripped, start=1)
        if line and number not in imports and not line.startswith(SAID_ALIKE)
    ]


def _blocks(cloud: str) -> Iterator[tuple[Block, str]]:
    """Lines in a row, one more than two clouds may have alike, and where they begin."""
    for pattern in OWN:
        for path in sorted(ROOT.glob(pattern.format(cloud))):
            lines = _lines(path)
            for first in range(len(lines) - LONGEST):
                part = lines[first : first + LONGEST + 1]
                place = f"{path.relative_to(ROOT)}:{part[0][0]}"
                yield tuple(line for _, line in part), place


@pytest.mark.parametrize(("one", "other"), [*combinations(platforms.CLOUDS, 2)])
def test_no_two_clouds_have_a_long_block_alike(one: str, other: str) -> None:
    known = dict(_blocks(one))
    assert known
    alike = [f"{known[block]} = {place}" for block, place in _blocks(other) if block in known]
    assert alike == []
