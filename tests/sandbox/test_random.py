"""The package random: values for the state alone."""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.values import UNKNOWN, Secret, Value
from tests.sandbox.engine import Engine, Refused

PASSWORD = "random:index/randomPassword:RandomPassword"
STRING = "random:index/randomString:RandomString"
ID = "random:index/randomId:RandomId"
SPECIAL = "!@#$%&*()-_=+[]{}<>:?"


@pytest.fixture
def random(connect: Callable[..., Engine]) -> Engine:
    return connect("random")


def result(random: Engine, **arguments: Value) -> str:
    value = random.create(PASSWORD, "password", arguments).outputs["result"]
    assert isinstance(value, Secret)
    return str(value.value)


def test_a_password_has_the_length_and_characters_asked_for(random: Engine) -> None:
    password = result(random, length=200)
    assert len(password) == 200
    classes = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SPECIAL)
    assert set(password) <= set("".join(classes))
    assert all(set(password) & set(characters) for characters in classes)


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        ({"special": False}, "[A-Za-z0-9]+"),
        ({"special": False, "upper": False, "lower": False}, "[0-9]+"),
        ({"numeric": False, "special": False}, "[A-Za-z]+"),
        ({"number": False, "special": False}, "[A-Za-z]+"),
        ({"overrideSpecial": "_-", "upper": False}, "[a-z0-9_-]+"),
    ],
)
def test_classes_of_characters_can_be_left_out(
    random: Engine, arguments: dict[str, Any], pattern: str
) -> None:
    assert re.fullmatch(pattern, result(random, length=100, **arguments))


def test_the_minimum_of_each_class_is_kept(random: Engine) -> None:
    arguments = {"minLower": 1, "minUpper": 2, "minNumeric": 3, "minSpecial": 4}
    password = result(random, length=10, **arguments)
    counts = [
        sum(character in characters for character in password)
        for characters in (
            string.ascii_lowercase,
            string.ascii_uppercase,
            string.digits,
            SPECIAL,
        )
    ]
    assert counts == [1, 2, 3, 4]


def test_no_two_passwords_are_the_same(random: Engine) -> None:
    assert len({result(random, length=20) for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("arguments", "failure"),
    [
        ({"length": 0}, ("length", "0 is below the minimum of 1")),
        (
            {"length": 3, "minLower": 4},
            (
                "length",
                "3 is less than the 4 characters that the minimums ask for: raise it, or lower "
                "them",
            ),
        ),
        (
            {"length": 3, "minSpecial": 1, "special": False},
            ("minSpecial", "it asks for characters that special = false excludes"),
        ),
        (
            {"length": 3, "special": False, "upper": False, "lower": False, "numeric": False},
            (
                "lower",
                "no class of characters is left: allow one of lower, numeric, special, upper",
            ),
        ),
        (
            {"length": 3, "numeric": True, "number": True},
            ("number", "it conflicts with numeric: give one"),
        ),
    ],
)
def test_a_password_that_cannot_be_made_is_refused(
    random: Engine, arguments: dict[str, Any], failure: tuple[str, str]
) -> None:
    assert random.check(PASSWORD, "password", arguments).failures == [failure]


def test_a_preview_does_not_know_the_password(random: Engine) -> None:
    outputs = random.preview(PASSWORD, "password", {"length": 20})
    assert outputs["result"] == Secret(UNKNOWN)


def test_another_keeper_makes_a_new_value_and_the_same_ones_keep_it(random: Engine) -> None:
    password = random.create(PASSWORD, "password", {"length": 20, "keepers": {"user": "a"}})
    assert random.diff(password, {"length": 20, "keepers": {"user": "a"}}).changes == {}
    changed = random.diff(password, {"length": 20, "keepers": {"user": "b"}})
    assert changed.changes == {"keepers.user": "UPDATE_REPLACE"}


def test_a_text_is_no_secret(random: Engine) -> None:
    text = random.create(STRING, "suffix", {"length": 8, "special": False, "upper": False})
    assert re.fullmatch("[a-z0-9]{8}", text.outputs["result"])
    assert text.id == text.outputs["result"]


def test_an_identifier_says_the_same_in_every_notation(random: Engine) -> None:
    outputs = random.create(ID, "id", {"byteLength": 5, "prefix": "x-"}).outputs
    value = bytes.fromhex(outputs["hex"].removeprefix("x-"))
    assert len(value) == 5
    assert outputs["dec"] == f"x-{int.from_bytes(value)}"
    assert outputs["b64Std"] == f"x-{base64.b64encode(value).decode()}"
    url = base64.urlsafe_b64encode(value).decode().rstrip("=")
    assert (outputs["b64Url"], outputs["id"]) == (f"x-{url}", url)


def test_a_value_is_read_back_from_the_state_and_deleted_without_a_trace(random: Engine) -> None:
    password = random.create(PASSWORD, "password", {"length": 20})
    read = random.read(password)
    assert read is not None
    assert read.outputs == password.outputs
    random.delete(password)


def test_a_value_cannot_be_imported(random: Engine) -> None:
    with pytest.raises(Refused, match="the sandbox cannot import a random:index/randomPassword"):
        random.import_by_id(PASSWORD, "password", "none")
