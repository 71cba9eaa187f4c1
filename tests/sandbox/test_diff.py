"""Diff: exactly the changed values, and which of them need a new object."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.diff import Kind, changes
from sandbox.spec import ResourceTable
from sandbox.values import UNKNOWN, Secret, Value
from tests.sandbox.engine import Engine, Resource

NETWORK = "toy:index/network:Network"
HOST = "toy:index/host:Host"
TASK = "toy:index/task:Task"


@pytest.fixture
def network(cloud: Engine) -> Resource:
    """A network with something of everything."""
    return cloud.create(NETWORK, "net", dict(BASE))


BASE: dict[str, Any] = {
    "range": "10.0.0.0/8",
    "kind": "Fast",
    "policy": '{"a": [1, 2], "b": 3}',
    "names": ["one", "two"],
    "options": {"a.b": "1", "c": "2"},
    "tags": {"stage": "test"},
    "ratio": 0.5,
}


def test_nothing_changed_is_no_difference(cloud: Engine, network: Resource) -> None:
    assert cloud.diff(network, BASE).changes == {}


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        ({"size": 8}, {"size": "UPDATE"}),
        ({"tags": {"stage": "x", "new": "y"}}, {"tags.stage": "UPDATE", "tags.new": "ADD"}),
        ({"tags": {}}, {"tags": "DELETE"}),
        ({"options": {"c": "2"}}, {'options["a.b"]': "DELETE"}),
        ({"names": ["one"]}, {"names[1]": "DELETE"}),
        ({"names": ["one", "two", "three"]}, {"names[2]": "ADD"}),
        ({"names": ["two", "one"]}, {"names[0]": "UPDATE", "names[1]": "UPDATE"}),
        ({"policy": '{"a": [1, 3]}'}, {"policy": "UPDATE"}),
        ({"kind": "slow"}, {"kind": "UPDATE"}),
        ({"range": "11.0.0.0/8"}, {"range": "UPDATE_REPLACE"}),
        ({"region": "south"}, {"region": "UPDATE_REPLACE"}),
        ({"size": UNKNOWN}, {"size": "UPDATE"}),
        ({"names": ["one", UNKNOWN]}, {"names[1]": "UPDATE"}),
        ({"range": UNKNOWN}, {"range": "UPDATE_REPLACE"}),
    ],
)
def test_a_change_is_named_by_path_and_kind(
    cloud: Engine, network: Resource, news: dict[str, Any], expected: dict[str, str]
) -> None:
    diff = cloud.diff(network, {**BASE, **news})
    assert diff.changes == expected
    assert diff.replaces == sorted(
        path.partition(".")[0] for path, kind in expected.items() if kind.endswith("_REPLACE")
    )


def test_a_property_taken_away_is_deleted(cloud: Engine, network: Resource) -> None:
    assert cloud.diff(network, _without("ratio")).changes == {"ratio": "DELETE"}


def test_a_property_that_the_cloud_computes_then_keeps_its_value(
    cloud: Engine, network: Resource
) -> None:
    given_note = cloud.update(network, {**BASE, "note": "mine"})
    assert cloud.diff(given_note, BASE).changes == {}


@pytest.mark.parametrize(
    "news",
    [
        {"policy": '{"b":3,"a":[1,2]}'},
        {"kind": "fAST"},
        {"ratio": "0.5"},
        {"size": "4"},
        {"shared": "false"},
    ],
)
def test_another_spelling_of_the_same_value_is_no_difference(
    cloud: Engine, network: Resource, news: dict[str, Any]
) -> None:
    assert cloud.diff(network, {**BASE, **news}).changes == {}


def test_an_empty_map_or_list_is_the_same_as_none(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    assert cloud.diff(network, {"range": "x", "tags": {}, "options": {}}).changes == {}


HOST_BASE: dict[str, Any] = {
    "image": "base",
    "ports": [{"number": 1}, {"number": 2, "open": True}],
    "disk": {"kind": "ssd", "gib": 5, "tags": ["a", "b"]},
}


@pytest.fixture
def host(cloud: Engine) -> Resource:
    return cloud.create(HOST, "web", dict(HOST_BASE))


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        ({"ports": [{"number": 2, "open": True}, {"number": 1}]}, {}),
        ({"disk": {"kind": "ssd", "gib": 5, "tags": ["b", "a"]}}, {}),
        ({"disk": {"kind": "ssd", "gib": 6, "tags": ["a", "b"]}}, {"disk.gib": "UPDATE"}),
        ({"disk": {"kind": "hdd", "gib": 5, "tags": ["a", "b"]}}, {"disk.kind": "UPDATE_REPLACE"}),
        ({"disk": None}, {"disk": "DELETE_REPLACE"}),
        ({"disk": UNKNOWN}, {"disk": "UPDATE_REPLACE"}),
        (
            {"disk": {"kind": "ssd", "gib": 5, "tags": ["a", "c", "d"]}},
            {"disk.tags[1]": "UPDATE", "disk.tags[2]": "ADD"},
        ),
        ({"ports": [{"number": 2, "open": True}]}, {"ports[0]": "DELETE_REPLACE"}),
        (
            {"namePrefix": "x", "name": None},
            {"name": "DELETE_REPLACE", "namePrefix": "ADD_REPLACE"},
        ),
    ],
)
def test_sets_and_nested_replacements(
    cloud: Engine, host: Resource, news: dict[str, Any], expected: dict[str, str]
) -> None:
    assert cloud.diff(host, {**HOST_BASE, **news}).changes == expected


def test_what_the_table_suppresses_is_no_difference(cloud: Engine) -> None:
    news = {"image": "base", "autoGrow": True, "size": 10}
    host = cloud.create(HOST, "web", news)
    assert cloud.diff(host, {**news, "size": 5}).changes == {}
    assert cloud.diff(host, {**news, "size": 15}).changes == {"size": "UPDATE"}
    assert cloud.diff(host, {**news, "autoGrow": False, "size": 5}).changes == {
        "autoGrow": "UPDATE",
        "size": "UPDATE",
    }


def test_strings_that_a_function_finds_alike_are_no_difference(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "disk": {"kind": "fast"}})
    assert cloud.diff(host, {"image": "base", "disk": {"kind": "fa-st"}}).changes == {}
    slow = cloud.diff(host, {"image": "base", "disk": {"kind": "slow"}}).changes
    assert slow == {"disk.kind": "UPDATE_REPLACE"}


def test_a_write_only_property_is_never_a_difference(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "passwordWo": "one"})
    assert cloud.diff(host, {"image": "base", "passwordWo": "two"}).changes == {}


def test_secret_values_are_compared_by_what_is_inside(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "password": "one"})
    assert cloud.diff(host, {"image": "base", "password": Secret("one")}).changes == {}
    assert cloud.diff(host, {"image": "base", "password": Secret("two")}).changes == {
        "password": "UPDATE"
    }


# Names and places


def test_a_fixed_name_must_be_free_before_the_replacement(cloud: Engine) -> None:
    fixed = cloud.create(HOST, "web", {"image": "base", "name": "web"})
    diff = cloud.diff(fixed, {"image": "base", "name": "web", "disk": {"kind": "ssd"}})
    assert (diff.replaces, diff.delete_before_replace) == (["disk"], True)


def test_a_new_fixed_name_needs_no_delete_first(cloud: Engine) -> None:
    fixed = cloud.create(HOST, "web", {"image": "base", "name": "web"})
    diff = cloud.diff(fixed, {"image": "base", "name": "other"})
    assert (diff.replaces, diff.delete_before_replace) == (["name"], False)


def test_an_automatic_name_lets_the_replacement_come_first(cloud: Engine, host: Resource) -> None:
    diff = cloud.diff(host, {**HOST_BASE, "disk": {"kind": "hdd", "gib": 5, "tags": ["a", "b"]}})
    assert (diff.replaces, diff.delete_before_replace) == (["disk"], False)


def test_the_table_can_demand_that_the_old_object_goes_first(cloud: Engine) -> None:
    task = cloud.create(TASK, "task", {"family": "f", "command": "a"})
    assert cloud.diff(task, {"family": "f", "command": "b"}).delete_before_replace


def test_a_provider_in_another_region_replaces_what_names_none(
    cloud: Engine, network: Resource, connect: Callable[..., Engine]
) -> None:
    south = connect("toy", region="south")
    diff = south.diff(network, BASE)
    assert diff.changes == {"region": "UPDATE_REPLACE"}
    named = cloud.create(NETWORK, "named", {**BASE, "region": "north"})
    assert south.diff(named, {**BASE, "region": "north"}).changes == {}


def test_other_default_tags_of_the_provider_are_a_difference(
    cloud: Engine, network: Resource, connect: Callable[..., Engine]
) -> None:
    tagging = connect("toy", region="north", defaultTags={"owner": "me"})
    assert tagging.diff(network, BASE).changes == {"tagsAll.owner": "ADD"}
    overridden = {**BASE, "tags": {**BASE["tags"], "owner": "you"}}
    assert tagging.diff(network, overridden).changes == {"tags.owner": "ADD"}


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in BASE.items() if key != name}


# Properties of the comparison itself

_TABLE = ResourceTable.model_validate(
    {"about": "x", "id": "x", "latency_seconds": {"create": 0, "update": 0, "delete": 0}}
)
_keys = st.text(st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=4)
_scalars = st.booleans() | st.integers(-9, 9) | st.text("abc.", min_size=1, max_size=3)
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(_keys, inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)
_properties = st.dictionaries(_keys, _values, min_size=1, max_size=4)


def _places(value: Value, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in the value that holds a scalar."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in _places(item, (*place, key))]
    if isinstance(value, list):
        return [found for i, item in enumerate(value) for found in _places(item, (*place, i))]
    return [place]


def _no_hook(name: str) -> NoReturn:
    raise AssertionError(name)


@given(_properties)
def test_equal_properties_never_differ(properties: dict[str, Any]) -> None:
    assert changes(_TABLE, properties, copy.deepcopy(properties), _no_hook) == []


@given(_properties)
def test_secrecy_alone_is_never_a_difference(properties: dict[str, Any]) -> None:
    sealed = {name: Secret(value) for name, value in properties.items()}
    assert changes(_TABLE, properties, sealed, _no_hook) == []


@given(st.data(), _properties)
def test_exactly_the_changed_places_are_named(data: st.DataObject, old: dict[str, Any]) -> None:
    new = copy.deepcopy(old)
    chosen = data.draw(st.lists(st.sampled_from(_places(old)), unique=True, max_size=3))
    for *way, last in chosen:
        here: Any = new
        for segment in way:
            here = here[segment]
        here[last] = "changed to something else"
    found = changes(_TABLE, old, new, _no_hook)
    assert {change.place for change in found} == set(chosen)
    assert all(change.kind is Kind.UPDATE and not change.replaces for change in found)


@given(_properties, _properties)
def test_what_one_way_adds_the_other_way_deletes(old: dict[str, Any], new: dict[str, Any]) -> None:
    there = {change.place: change.kind for change in changes(_TABLE, old, new, _no_hook)}
    back = {change.place: change.kind for change in changes(_TABLE, new, old, _no_hook)}
    opposite = {Kind.ADD: Kind.DELETE, Kind.DELETE: Kind.ADD, Kind.UPDATE: Kind.UPDATE}
    assert back == {place: opposite[kind] for place, kind in there.items()}


@given(st.permutations(["a", "b", {"c": 1}, {"c": 2}]))
def test_the_order_of_a_set_never_matters(order: list[Any]) -> None:
    table = _TABLE.model_copy(update={"sets": ["items"]})
    old = {"items": ["a", "b", {"c": 1}, {"c": 2}]}
    assert changes(table, old, {"items": order}, _no_hook) == []
