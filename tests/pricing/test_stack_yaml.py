"""YAML of stack files is what the engine takes it for, not what YAML 1.1 did."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml

from pricing import stack_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("off", "off"),
        ("y", "y"),
        ("1:30", "1:30"),
        ("2026-11-30", "2026-11-30"),
        ("=", "="),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("1500", 1500),
        ("-5", -5),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 15),
        ("0b101", 5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", -math.inf),
        ("'5'", "5"),
        ("v1.2", "v1.2"),
        ("{<<: {a: 1}, b: 2}", {"a": 1, "b": 2}),
        ("[&a {x: 1}, *a]", [{"x": 1}, {"x": 1}]),
    ],
)
def test_a_value_is_what_the_engine_reads(text: str, value: Any) -> None:  # noqa: ANN401
    found = stack_yaml.load(f"key: {text}")["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["a: !!int x", "a: !!float x", "a: !!timestamp x", "? [a]\n: b"])
def test_what_cannot_be_is_an_error_of_the_file(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        stack_yaml.load(text)
