"""Values on their way over the wire, into the file and along paths."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import paths, values
from sandbox.paths import PathError
from sandbox.values import UNKNOWN, Secret

_keys = st.text("abc.", min_size=1, max_size=3)
_scalars = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: number % 1 != 0)
    | st.text(max_size=5)
)
_stored = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_keys, inner, max_size=3)
        | st.builds(Secret, inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(_keys, _stored | st.just(UNKNOWN)))
def test_properties_come_over_the_wire_as_they_were_sent(properties: dict[str, Any]) -> None:
    assert values.from_struct(values.to_struct(properties)) == properties


@given(st.dictionaries(_keys, _stored))
def test_properties_come_out_of_the_file_as_they_were_put_in(properties: dict[str, Any]) -> None:
    assert values.from_json(values.to_json(properties)) == properties


def test_an_unknown_is_never_stored() -> None:
    with pytest.raises(TypeError, match="UNKNOWN"):
        values.to_json({"a": [UNKNOWN]})


def test_a_secret_never_shows_itself() -> None:
    assert "hunter2" not in repr({"password": Secret("hunter2")})


def test_a_null_property_is_left_out_and_a_null_inside_is_kept() -> None:
    sent = values.to_struct({"a": None, "b": [None, 1]})
    assert values.from_struct(sent) == {"b": [None, 1]}


def test_every_kind_of_unknown_is_understood() -> None:
    struct = values.to_struct({"a": "x"})
    for sentinel in values.UNKNOWN_STRINGS:
        struct.fields["a"].string_value = sentinel
        assert values.from_struct(struct) == {"a": UNKNOWN}


_DOCUMENT: dict[str, Any] = {
    "a": {"b": [{"c": 1}, {"c": Secret(2)}], "d": {"x": 3, "y": 4}},
    "json": '{"rules": [{"port": 80}, {"port": 443}]}',
    "text": "no document",
    "later": UNKNOWN,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b[0].c", [(("a", "b", 0, "c"), 1)]),
        ("a.b[*].c", [(("a", "b", 0, "c"), 1), (("a", "b", 1, "c"), 2)]),
        ("a.d.*", [(("a", "d", "x"), 3), (("a", "d", "y"), 4)]),
        ("json$.rules[1].port", [(("json", "rules", 1, "port"), 443)]),
        ("text$.rules", []),
        ("a.b[2].c", []),
        ("missing.x", []),
        ("later.x[*]", [(("later",), UNKNOWN)]),
    ],
)
def test_a_path_finds_every_place_it_names(path: str, expected: list[Any]) -> None:
    assert list(paths.find(_DOCUMENT, path)) == expected


@pytest.mark.parametrize("path", ["", "[0]", "a[x]", "a[-1]", "a["])
def test_a_path_that_cannot_be_read_is_an_error(path: str) -> None:
    with pytest.raises(PathError):
        paths.parse(path)


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (("tags", "stage"), "tags.stage"),
        (("tags", "a.b"), 'tags["a.b"]'),
        (("rules", 0, "id"), "rules[0].id"),
        (("tags", 'say "x"'), 'tags["say \\"x\\""]'),
    ],
)
def test_a_place_is_written_in_the_engines_syntax(place: tuple[Any, ...], shown: str) -> None:
    assert paths.show(place) == shown
