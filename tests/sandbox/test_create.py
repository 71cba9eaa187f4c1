"""Create: what becomes of the inputs, in a preview and for good."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from sandbox.values import UNKNOWN, Secret
from tests.sandbox.engine import Engine, Refused

NETWORK = "toy:index/network:Network"
HOST = "toy:index/host:Host"
DISK = "toy:index/disk:Disk"
VAULT = "toy:index/vault:Vault"
TASK = "toy:index/task:Task"


def test_a_preview_knows_inputs_defaults_and_names_and_no_computed_output(cloud: Engine) -> None:
    outputs = cloud.preview(NETWORK, "net", {"range": "10.0.0.0/8", "kind": "slow"})
    unknown = {name for name, value in outputs.items() if value is UNKNOWN}
    assert unknown == {
        "id", "arn", "revision", "summary", "created", "lead", "speed", "doubled", "note"
    }  # fmt: skip
    assert {name: value for name, value in outputs.items() if name not in unknown} == {
        "range": "10.0.0.0/8",
        "kind": "slow",
        "size": 4,
        "shared": False,
        "region": "north",
        "tagsAll": {},
    }


def test_a_preview_knows_an_automatic_name_and_what_the_table_says(cloud: Engine) -> None:
    outputs = cloud.preview(HOST, "web", {"network": UNKNOWN})
    assert re.fullmatch(r"web-[0-9a-f]{7}", outputs["name"])
    assert outputs["label"] == f"host {outputs['name']}"
    assert outputs["network"] is UNKNOWN
    assert outputs["address"] is UNKNOWN


def test_a_preview_knows_no_name_that_is_made_from_a_prefix(cloud: Engine) -> None:
    outputs = cloud.preview(HOST, "web", {"image": "base", "namePrefix": "x-"})
    assert outputs["name"] is UNKNOWN
    assert outputs["label"] is UNKNOWN


def test_a_preview_creates_nothing(cloud: Engine) -> None:
    cloud.preview(HOST, "web", {"image": "base", "name": "web"})
    assert cloud.create(HOST, "web", {"image": "base", "name": "web"}).id == "web"


def test_outputs_are_computed_from_the_templates(cloud: Engine) -> None:
    news = {"range": "10.0.0.0/8", "kind": "slow", "size": 6, "names": ["first", "second"]}
    network = cloud.create(NETWORK, "net", news)
    assert re.fullmatch(r"net-[0-9a-f]{8}", network.id)
    assert network.outputs == {
        **news,
        "shared": False,
        "id": network.id,
        "region": "north",
        "tagsAll": {},
        "arn": f"arn:toy:net:north:000000000001:{network.id}",
        "revision": 1,
        "summary": "slow of 6",
        "created": "2030-01-01T00:00:00Z",
        "lead": "first",
        "speed": 1,
        "doubled": 12,
        "note": "standard",
    }


def test_an_output_whose_parts_are_missing_is_absent(cloud: Engine) -> None:
    outputs = cloud.create(NETWORK, "net", {"range": "x"}).outputs
    assert "summary" not in outputs
    assert "lead" not in outputs
    assert outputs["speed"] == 10


def test_what_the_user_gives_is_not_computed(cloud: Engine) -> None:
    assert cloud.create(NETWORK, "net", {"range": "x", "note": "mine"}).outputs["note"] == "mine"


def test_an_output_can_come_from_the_object_a_reference_names(
    cloud: Engine, network_id: str
) -> None:
    host = cloud.create(HOST, "web", {"network": network_id})
    assert host.outputs["networkRange"] == "10.0.0.0/8"


def test_a_prefix_makes_a_unique_name(cloud: Engine) -> None:
    names = {
        cloud.create(HOST, "web", {"image": "base", "namePrefix": "x-"}).outputs["name"]
        for _ in range(3)
    }
    assert len(names) == 3
    assert all(re.fullmatch(r"x-\d{26}", name) for name in names)


def test_numbers_count_up_for_each_key(cloud: Engine) -> None:
    made = [cloud.create(TASK, "t", {"family": family}) for family in ("a", "a", "b")]
    assert [task.id for task in made] == ["a:1", "a:2", "b:1"]
    cloud.delete(made[1])
    assert cloud.create(TASK, "t", {"family": "a"}).id == "a:3"


# Secrets


def test_secret_inputs_make_secret_outputs_at_the_same_place(cloud: Engine) -> None:
    news = {"image": "base", "tags": {"a": Secret("b"), "c": "d"}, "disk": {"kind": Secret("ssd")}}
    for outputs in (cloud.preview(HOST, "web", news), cloud.create(HOST, "web", news).outputs):
        assert outputs["tags"] == outputs["tagsAll"] == {"a": Secret("b"), "c": "d"}
        assert outputs["disk"] == {"kind": Secret("ssd")}


def test_what_the_table_calls_secret_is_secret_in_the_outputs(cloud: Engine) -> None:
    assert cloud.create(HOST, "web", {"image": "base", "password": "p"}).outputs[
        "password"
    ] == Secret("p")


def test_an_output_made_of_a_secret_is_secret(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "password": "p"})
    assert host.outputs["login"] == Secret("admin:p")


def test_a_write_only_property_is_in_no_output(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "passwordWo": "p"})
    assert "passwordWo" not in host.outputs


# Tags and regions


def test_tags_are_merged_with_those_of_the_provider(connect: Callable[..., Engine]) -> None:
    engine = connect("toy", region="north", defaultTags={"owner": "me", "stage": "all"})
    news = {"range": "x", "tags": {"stage": "test"}}
    for outputs in (engine.preview(NETWORK, "n", news), engine.create(NETWORK, "n", news).outputs):
        assert outputs["tagsAll"] == {"owner": "me", "stage": "test"}
        assert outputs["tags"] == {"stage": "test"}
    assert engine.preview(NETWORK, "n", {"range": "x", "tags": UNKNOWN})["tagsAll"] is UNKNOWN


def test_a_resource_can_be_put_into_another_region_than_its_provider(cloud: Engine) -> None:
    outputs = cloud.create(NETWORK, "net", {"range": "x", "region": "south"}).outputs
    assert outputs["region"] == "south"
    assert outputs["arn"].startswith("arn:toy:net:south:")


# References


@pytest.mark.parametrize(
    ("news", "message"),
    [
        (
            {"network": "net-0"},
            "NoSuchNetwork: network 'net-0' names no toy:index/network:Network in north: create "
            "it first, or correct the value",
        ),
        ({"image": "other"}, "NotFound: image 'other' names no toy:index/image:Image in north"),
        (
            {"image": "base", "peers": ["nobody"]},
            "NoSuchHost: peers[0] 'nobody' names no toy:index/host:Host in north",
        ),
        (
            {"image": "base", "settings": '{"network": "arn:toy:net:x"}'},
            "NoSuchNetwork: settings.network 'arn:toy:net:x' names no",
        ),
    ],
)
def test_a_reference_to_nothing_is_refused(
    cloud: Engine, news: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refused, match=re.escape(message)) as refusal:
        cloud.create(HOST, "web", news)
    assert refusal.value.code is grpc.StatusCode.NOT_FOUND


def test_a_reference_may_be_by_any_attribute_the_table_names(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    by_arn = cloud.create(HOST, "web", {"network": network.outputs["arn"]})
    assert by_arn.outputs["networkRange"] == "x"


def test_what_the_account_holds_beforehand_can_be_referred_to(cloud: Engine) -> None:
    cloud.create(HOST, "web", {"image": "base"})
    cloud.create(HOST, "web", {"image": "arn:toy:image:north:000000000001:base"})


def test_what_the_account_holds_in_one_region_is_not_in_another(
    cloud: Engine, connect: Callable[..., Engine]
) -> None:
    connect("toy", region="south").create(HOST, "web", {"image": "southern"})
    with pytest.raises(Refused, match="image 'southern' names no toy:index/image:Image in north"):
        cloud.create(HOST, "web", {"image": "southern"})


def test_an_exempt_value_needs_no_object(cloud: Engine) -> None:
    cloud.create(HOST, "web", {"image": "local/anything"})


def test_an_object_in_another_region_is_found_by_arn_alone(
    cloud: Engine, connect: Callable[..., Engine]
) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    south = connect("toy", region="south")
    with pytest.raises(Refused, match=r"names no toy:index/network:Network in south"):
        south.create(HOST, "web", {"network": network.id})
    south.create(HOST, "web", {"network": network.outputs["arn"]})


def test_a_refused_create_leaves_nothing_behind(cloud: Engine) -> None:
    with pytest.raises(Refused):
        cloud.create(HOST, "web", {"network": "net-0", "name": "web"})
    cloud.create(HOST, "web", {"image": "base", "name": "web"})


def test_a_check_on_other_objects_refuses(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x", "size": 2})
    for name in ("a", "b"):
        cloud.create(HOST, name, {"network": network.id})
    with pytest.raises(Refused, match=f"network: {network.id} is full: it has 2 hosts"):
        cloud.create(HOST, "c", {"network": network.id})


# Uniqueness


def test_a_name_is_unique_in_its_region(cloud: Engine, connect: Callable[..., Engine]) -> None:
    cloud.create(HOST, "one", {"image": "base", "name": "web"})
    with pytest.raises(
        Refused, match=r"HostAlreadyExists: name 'web' is taken by .*\"one\" \(web\)"
    ):
        cloud.create(HOST, "two", {"image": "base", "name": "web"})
    connect("toy", region="south").create(HOST, "two", {"image": "base", "name": "web"})


def test_names_without_case_are_the_same_in_any(cloud: Engine) -> None:
    cloud.create(DISK, "one", {"name": "Data"})
    with pytest.raises(Refused, match="name 'dATA' is taken"):
        cloud.create(DISK, "two", {"name": "dATA"})


def test_a_global_name_is_unique_everywhere(cloud: Engine, connect: Callable[..., Engine]) -> None:
    cloud.create(VAULT, "one", {"name": "keys"})
    with pytest.raises(Refused) as refusal:
        connect("toy", region="south").create(VAULT, "two", {"name": "keys"})
    assert refusal.value.code is grpc.StatusCode.ALREADY_EXISTS


def test_two_objects_of_a_type_never_have_the_same_id(cloud: Engine) -> None:
    cloud.create("toy:index/image:Image", "one", {"name": "mine"})
    with pytest.raises(Refused, match="AlreadyExists: there is already a toy:index/image:Image"):
        cloud.create("toy:index/image:Image", "two", {"name": "mine"})
