"""Check: defaults, names, types and limits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.values import UNKNOWN, Secret, Value
from tests.sandbox.engine import Engine

NETWORK = "toy:index/network:Network"
HOST = "toy:index/host:Host"
VAULT = "toy:index/vault:Vault"
Autonaming = provider_pb2.CheckRequest.AutonamingOptions


def failures(engine: Engine, token: str, news: dict[str, Any]) -> list[tuple[str, str]]:
    return engine.check(token, "it", news).failures


def test_defaults_are_filled_in_and_noted(cloud: Engine) -> None:
    inputs = cloud.checked(NETWORK, "net", {"range": "10.0.0.0/8", "size": 8})
    assert inputs == {"range": "10.0.0.0/8", "size": 8, "shared": False, "__defaults": ["shared"]}


def test_an_unknown_property_is_refused_with_the_nearest_one(cloud: Engine) -> None:
    assert failures(cloud, NETWORK, {"range": "x", "sise": 4}) == [
        ("sise", "there is no such property; did you mean size?")
    ]


def test_an_unknown_property_inside_an_object_is_refused_with_its_path(cloud: Engine) -> None:
    found = failures(cloud, HOST, {"image": "base", "disk": {"kind": "ssd", "gb": 5}})
    assert found == [("disk", "disk.gb: there is no such property; did you mean gib?")]


@pytest.mark.parametrize(
    ("news", "reason"),
    [
        ({"size": "many"}, "expected an integer, got a string"),
        ({"size": 1.5}, "expected an integer, got a number"),
        ({"size": True}, "expected an integer, got a boolean"),
        ({"shared": "perhaps"}, "expected a boolean, got a string"),
        ({"names": "a"}, "expected a list, got a string"),
        ({"options": ["a"]}, "expected an object, got a list"),
        ({"ratio": []}, "expected a number, got a list"),
        ({"code": "x"}, "expected an archive, got a string"),
        ({"kind": ["fast"]}, "expected a string, got a list"),
    ],
)
def test_a_wrong_basic_type_is_refused(cloud: Engine, news: dict[str, Any], reason: str) -> None:
    assert failures(cloud, NETWORK, {"range": "x", **news}) == [(next(iter(news)), reason)]


def test_a_wrong_type_inside_a_list_is_refused_with_its_path(cloud: Engine) -> None:
    found = failures(cloud, HOST, {"image": "base", "ports": [{"number": "x"}]})
    assert found == [("ports", "ports[0].number: expected an integer, got a string")]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"size": "8"}, {"size": 8}),
        ({"kind": 5}, {"kind": "5"}),
        ({"ratio": "0.5"}, {"ratio": 0.5}),
        ({"shared": "true"}, {"shared": True}),
        ({"zone": True, "region": "south"}, {"zone": "true", "region": "south"}),
        ({"anything": {"a": [1]}}, {"anything": {"a": [1]}}),
    ],
)
def test_scalars_are_brought_to_the_type_of_the_property(
    cloud: Engine, given: dict[str, Any], taken: dict[str, Any]
) -> None:
    if "kind" in given:
        assert failures(cloud, NETWORK, {"range": "x", **given}) == [
            ("kind", "'5' is not allowed: use letters alone")
        ]
        return
    inputs = cloud.checked(NETWORK, "net", {"range": "x", **given})
    assert {name: inputs[name] for name in taken} == taken


def test_a_missing_required_property_is_refused(cloud: Engine) -> None:
    assert failures(cloud, NETWORK, {}) == [("range", "it is required and missing")]


def test_a_missing_required_property_inside_an_object_is_refused(cloud: Engine) -> None:
    found = failures(cloud, HOST, {"image": "base", "disk": {"gib": 5}})
    assert found == [("disk", "disk.kind: it is required and missing")]


@pytest.mark.parametrize(
    ("news", "failure"),
    [
        ({"size": 0}, ("size", "0 is below the minimum of 1")),
        ({"size": 65}, ("size", "65 is above the maximum of 64")),
        ({"size": 3}, ("size", "3 is no multiple of 2")),
        ({"kind": "a b"}, ("kind", "'a b' is not allowed: use letters alone")),
        ({"kind": "abcdefghi"}, ("kind", "it has 9 characters, at most 8 are allowed")),
        ({"names": []}, ("names", "it has 0 items, at least 1 are needed")),
        ({"names": list("abcd")}, ("names", "it has 4 items, at most 3 are allowed")),
        (
            {"policy": '{"rules": [{"port": 1}, {"port": 70000}]}'},
            ("policy", "policy.rules[1].port: 70000 is above the maximum of 65535"),
        ),
        ({"policy": "{"}, ("policy", "it is no JSON document")),
        ({"zone": "a"}, ("zone", "it needs region as well")),
    ],
)
def test_a_value_outside_its_limits_is_refused_with_value_and_limit(
    cloud: Engine, news: dict[str, Any], failure: tuple[str, str]
) -> None:
    found = failures(cloud, NETWORK, {"range": "x", **news})
    assert failure in found
    assert len({name for name, _ in found}) == 1


def test_every_fault_of_a_resource_is_reported_at_once(cloud: Engine) -> None:
    found = failures(cloud, NETWORK, {"range": "x", "size": 66, "kind": "a b"})
    assert [name for name, _ in found] == ["size", "kind"]


@pytest.mark.parametrize(
    ("news", "failure"),
    [
        (
            {"name": "a", "namePrefix": "b", "image": "base"},
            ("name", "it conflicts with namePrefix: give one"),
        ),
        (
            {"network": "a", "image": "base"},
            ("network", "it conflicts with image: give one"),
        ),
        ({"ports": [{"number": 1}]}, ("network", "one of network, image is required")),
        ({}, ("network", "one of network, image, ports is required")),
    ],
)
def test_properties_that_exclude_or_need_each_other_are_held_to_it(
    cloud: Engine, news: dict[str, Any], failure: tuple[str, str]
) -> None:
    assert failure in failures(cloud, HOST, news)


def test_the_limits_let_an_unknown_value_pass(cloud: Engine) -> None:
    inputs = cloud.checked(NETWORK, "net", {"range": UNKNOWN, "size": UNKNOWN, "names": UNKNOWN})
    assert inputs["size"] is UNKNOWN


def test_a_named_check_refuses_what_it_knows_and_waits_for_what_it_does_not(cloud: Engine) -> None:
    assert failures(cloud, NETWORK, {"range": "x", "names": ["forbidden"]}) == [
        ("names", "'forbidden' is forbidden: use another")
    ]
    assert failures(cloud, NETWORK, {"range": "x", "names": [UNKNOWN, "forbidden"]}) == []
    assert len(failures(cloud, NETWORK, {"range": "x", "names": ["forbidden", UNKNOWN]})) == 1


def test_secrets_stay_secret_and_sensitive_inputs_become_so(cloud: Engine) -> None:
    news = {"image": "base", "password": "p", "tags": {"a": Secret("b")}, "size": Secret("3")}
    inputs = cloud.checked(HOST, "host", news)
    assert inputs["password"] == Secret("p")
    assert inputs["tags"] == {"a": Secret("b")}
    assert inputs["size"] == Secret(3)


def test_a_secret_outside_its_limits_is_refused(cloud: Engine) -> None:
    found = failures(cloud, NETWORK, {"range": "x", "size": Secret(66)})
    assert found == [("size", "66 is above the maximum of 64")]


# Names


def test_a_name_is_made_of_the_logical_name_and_seven_hex_digits(cloud: Engine) -> None:
    inputs = cloud.checked(HOST, "Web", {"image": "base"})
    assert re.fullmatch(r"web-[0-9a-f]{7}", inputs["name"])
    assert "name" in inputs["__defaults"]


def test_the_same_seed_makes_the_same_name_and_another_another(cloud: Engine) -> None:
    def name(seed: bytes) -> object:
        return cloud.check(HOST, "web", {"image": "base"}, seed=seed).inputs["name"]

    assert name(b"one") == name(b"one") != name(b"two")


def test_an_automatic_name_is_kept_on_an_update(cloud: Engine) -> None:
    first = cloud.checked(HOST, "web", {"image": "base"})
    second = cloud.checked(HOST, "web", {"image": "base", "size": 2}, first)
    assert second["name"] == first["name"]


def test_a_name_that_the_user_gave_up_is_made_anew(cloud: Engine) -> None:
    first = cloud.checked(HOST, "web", {"image": "base", "name": "mine"})
    second = cloud.checked(HOST, "web", {"image": "base"}, first)
    assert second["name"].startswith("web-")


def test_a_name_that_would_be_too_long_is_refused_not_cut(cloud: Engine) -> None:
    assert cloud.checked(HOST, "a" * 12, {"image": "base"})["name"].startswith("a" * 12 + "-")
    assert failures_for_name(cloud, "a" * 13) == [
        (
            "name",
            f"name {'a' * 13 + '-'!r} plus 7 random characters is longer than the maximum length "
            "20: shorten the logical name by 1, or set name",
        )
    ]


def failures_for_name(cloud: Engine, name: str) -> list[tuple[str, str]]:
    return cloud.check(HOST, name, {"image": "base"}).failures


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a" * 21, f"{'a' * 21!r} has 21 characters, at most 20 are allowed"),
        ("", "'' has 0 characters, at least 1 are needed"),
        (
            "A.b",
            "'A.b' is not allowed: use lower-case letters, digits and hyphens",
        ),
    ],
)
def test_a_given_name_must_fit_length_and_characters(cloud: Engine, name: str, reason: str) -> None:
    assert ("name", reason) in failures(cloud, HOST, {"image": "base", "name": name})


def test_no_name_is_made_beside_a_prefix(cloud: Engine) -> None:
    assert "name" not in cloud.checked(HOST, "web", {"image": "base", "namePrefix": "x-"})


def test_prefix_separator_and_suffix_come_from_the_table(cloud: Engine) -> None:
    assert re.fullmatch(r"vault/keys\.[0-9a-f]{7}\.v", cloud.checked(VAULT, "keys", {})["name"])


def test_a_suffix_can_depend_on_a_property(cloud: Engine) -> None:
    name = cloud.checked(VAULT, "keys", {"shared": "true"})["name"]
    assert re.fullmatch(r"vault/keys\.[0-9a-f]{7}\.v\.all", name)
    assert cloud.checked(VAULT, "keys", {"shared": False})["name"].endswith(".v")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(Autonaming.PROPOSE, "proposed"), (Autonaming.ENFORCE, "Proposed")],
)
def test_the_stacks_autonaming_is_honoured(
    cloud: Engine, mode: Autonaming.Mode.ValueType, expected: str
) -> None:
    wish = Autonaming(proposed_name="Proposed", mode=mode)
    checked = cloud.check(HOST, "web", {"image": "base"}, autonaming=wish)
    assert checked.inputs["name"] == expected


def test_a_proposed_name_that_is_too_long_is_refused(cloud: Engine) -> None:
    wish = Autonaming(proposed_name="p" * 21, mode=Autonaming.PROPOSE)
    [(name, reason)] = cloud.check(HOST, "web", {"image": "base"}, autonaming=wish).failures
    assert name == "name"
    assert "exceeds the maximum length of 20" in reason


def test_disabled_autonaming_asks_for_a_name(cloud: Engine) -> None:
    wish = Autonaming(mode=Autonaming.DISABLE)
    [(name, reason)] = cloud.check(HOST, "web", {"image": "base"}, autonaming=wish).failures
    assert name == "name"
    assert "set name" in reason


# Configuration


def test_a_bad_provider_argument_is_reported_on_that_argument(
    connect: Callable[..., Engine], cloud: Engine
) -> None:
    assert cloud.check_config({"region": "west"}) == [
        ("region", "'west' is neither north nor south")
    ]
    assert cloud.check_config({"region": "south"}) == []
    assert cloud.check_config({"region": UNKNOWN}) == []


def test_a_document_given_as_an_object_is_written_as_json(aws: Engine) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    inputs = aws.checked("aws:iam/role:Role", "task", {"assumeRolePolicy": document})
    assert json.loads(inputs["assumeRolePolicy"]) == document


@pytest.mark.parametrize("document", [5.5, ["a"]])
def test_what_is_neither_text_nor_object_is_no_document(aws: Engine, document: Value) -> None:
    found = failures(aws, "aws:iam/role:Role", {"assumeRolePolicy": document})
    assert [name for name, _ in found] == ["assumeRolePolicy"]
