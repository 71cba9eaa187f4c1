from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import deserialize, proxy

from policies.facts.graph import Graph
from policies.facts.resource import UNDETERMINED, Resource, Secret, from_message
from policies.facts.unknown import Undecidable, Unknown


def resource(**properties: Any) -> Resource:  # noqa: ANN401
    return Resource(type="aws:x:Y", name="thing", urn="urn:thing", properties=properties)


def test_a_message_of_the_engine_keeps_secrets_unknowns_and_references() -> None:
    message = analyzer_pb2.AnalyzerResource(
        type="aws:x:Y",
        name="thing",
        urn="urn:thing",
        parent="urn:parent",
        dependencies=["urn:other"],
    )
    json_format.ParseDict(
        {
            "port": 5432,
            "ratio": 0.5,
            "address": proxy.UNKNOWN_STRING_VALUE,
            "nested": [{"flag": proxy.UNKNOWN_BOOLEAN_VALUE}],
            "password": {
                deserialize.SPECIAL_SIG_KEY: deserialize.SPECIAL_SECRET_SIG,
                "value": "hunter2",
            },
        },
        message.properties,
    )
    message.propertyDependencies["port"].urns.append("urn:other")
    read = from_message(message)
    assert read.properties == {
        "port": 5432,
        "ratio": 0.5,
        "address": UNDETERMINED,
        "nested": [{"flag": UNDETERMINED}],
        "password": Secret("hunter2"),
    }
    assert isinstance(read.properties["port"], int)
    assert (read.parent, read.dependencies) == ("urn:parent", ("urn:other",))
    assert read.property_dependencies == {"port": ("urn:other",)}


def test_what_is_left_out_reads_as_the_default() -> None:
    root = resource(empty=None).root
    assert root.text("name", "gp2") == "gp2"
    assert root.integer("size", 7) == 7
    assert root.number("share", 0.5) == 0.5
    assert root.flag("public") is False
    assert root.flag("protected", default=True) is True
    assert root.text("empty", "x") == "x"
    assert root.texts("names") == ()
    assert root.nodes("rules") == ()
    assert root.mapping("variables") == {}


def test_numbers_and_flags_that_the_cloud_keeps_as_strings_are_read() -> None:
    root = resource(memory="2048", delay="120", protected="true", port=443, on=True).root
    assert root.integer("memory") == 2048
    assert root.number("delay") == 120
    assert root.flag("protected") is True
    assert root.text("port") == "443"
    assert root.text("on") == "true"


def test_parts_are_found_at_any_depth_and_through_secrets() -> None:
    root = resource(a=Secret({"b": [{"c": Secret("deep")}]})).root
    assert root.text("a.b.0.c") == "deep"
    assert [node.text("c") for node in root.nodes("a.b")] == ["deep"]
    assert root.node("a").nodes("b")[0].text("c") == "deep"


@pytest.mark.parametrize(
    "read",
    [
        lambda root: root.text("x"),
        lambda root: root.integer("x"),
        lambda root: root.number("x"),
        lambda root: root.flag("x"),
        lambda root: root.texts("x"),
        lambda root: root.nodes("x"),
        lambda root: root.mapping("x"),
        lambda root: root.text("x.deeper"),
        lambda root: root.text("list.0.x"),
        lambda root: root.nodes("list")[0].integer("x"),
        lambda root: root.texts("texts")[0],
        lambda root: root.mapping("map")["x"],
    ],
)
def test_an_undetermined_value_reads_as_unknown(read: Any) -> None:  # noqa: ANN401
    root = resource(
        x=UNDETERMINED,
        list=[{"x": UNDETERMINED}],
        texts=[UNDETERMINED],
        map={"x": UNDETERMINED},
    ).root
    assert isinstance(read(root), Unknown)


def test_an_unknown_names_the_whole_path_of_its_property() -> None:
    nodes = resource(rules=[{"a": 1}, {"status": UNDETERMINED}]).root.nodes("rules")
    with pytest.raises(Undecidable, match=r"property `rules\[1\]\.status` of `thing`"):
        str(nodes[1].text("status"))


@pytest.mark.parametrize(
    ("value", "read", "kind"),
    [
        ("many", lambda root: root.integer("x"), "integer"),
        (2.5, lambda root: root.integer("x"), "integer"),
        (True, lambda root: root.integer("x"), "integer"),
        ("half", lambda root: root.number("x"), "number"),
        ("maybe", lambda root: root.flag("x"), "flag"),
        ([1], lambda root: root.text("x"), "text"),
        ("text", lambda root: root.mapping("x"), "mapping"),
    ],
)
def test_a_value_of_another_type_is_undecidable_not_a_crash(
    value: object,
    read: Any,  # noqa: ANN401
    kind: str,
) -> None:
    with pytest.raises(Undecidable, match=f"property `x` of `thing` is no {kind}"):
        bool(read(resource(x=value).root))


def test_something_not_known_yet_is_there_all_the_same() -> None:
    root = resource(key=UNDETERMINED, empty="", nothing=None, none=[], text="x").root
    assert root.given("key")
    assert root.given("text")
    assert not root.given("empty")
    assert not root.given("nothing")
    assert not root.given("none")
    assert not root.given("missing")


def test_left_out_tells_the_clouds_own_values_from_the_programs() -> None:
    made = Resource(
        type="t",
        name="n",
        urn="u",
        properties={"computed": UNDETERMINED, "wired": UNDETERMINED, "stated": 1},
        property_dependencies={"wired": ("urn:other",)},
    ).root
    assert made.left_out("computed")
    assert made.left_out("missing")
    assert not made.left_out("wired")
    assert not made.left_out("stated")


def named(name: str, kind: str, **dependencies: str) -> Resource:
    return Resource(
        type=kind,
        name=name,
        urn=name,
        properties={},
        parent=dependencies.pop("parent", ""),
        property_dependencies={key: (value,) for key, value in dependencies.items()},
    )


def test_references_are_followed_directly_backwards_and_through_go_betweens() -> None:
    graph = Graph(
        [
            named("service", "Service", network="association", task="task"),
            named("association", "Association", subnet="subnet", table="table"),
            named("table", "Table", vpc="vpc"),
            named("subnet", "Subnet", vpc="vpc"),
            named("vpc", "Vpc"),
            named("task", "Task"),
        ]
    )
    service = graph["service"]
    assert [found.name for found in graph.referred(service, "task", "Task")] == ["task"]
    assert graph.referred(service, "network", "Subnet") == []
    through = graph.referred(service, "network", "Subnet", via=("Association",))
    assert [found.name for found in through] == ["subnet"]
    assert [found.name for found in graph.referring(graph["vpc"], "vpc", "Subnet")] == ["subnet"]


def test_ancestors_end_at_the_stack_and_resources_come_in_a_fixed_order() -> None:
    graph = Graph(
        [
            named("z", "B", parent="api"),
            named("a", "B", parent="api"),
            named("api", "A", parent="stack"),
            named("stack", "A"),
        ]
    )
    assert [one.name for one in graph.ancestors(graph["z"])] == ["api", "stack"]
    assert [one.name for one in graph.resources] == ["api", "stack", "a", "z"]
    assert [one.name for one in graph.of("B", "A")] == ["a", "z", "api", "stack"]
