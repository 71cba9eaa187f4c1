"""What the operator sees and does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import admin
from sandbox.store import Retained, Store
from tests.sandbox.engine import Engine
from tests.sandbox.toy import packages

DISK = "toy:index/disk:Disk"
NETWORK = "toy:index/network:Network"
VAULT = "toy:index/vault:Vault"


def test_objects_are_counted_by_type(cloud: Engine, state: Path) -> None:
    cloud.create(NETWORK, "net", {"range": "x"})
    cloud.create(DISK, "one", {})
    cloud.create(DISK, "two", {"protected": True})
    status = admin.status(state, packages)
    assert (status["objects"], status["by_type"]) == (3, {DISK: 2, NETWORK: 1})
    assert status["protected"] == ["two"]
    assert [item["name"] for item in admin.objects(state)] == ["net", "one", "two"]


def test_a_cloud_that_never_ran_is_empty(tmp_path: Path) -> None:
    state = tmp_path / "none.sqlite"
    assert admin.status(state)["objects"] == 0
    assert not state.exists()


def test_random_values_are_no_objects_of_the_cloud(
    state: Path, connect: Callable[..., Engine]
) -> None:
    engine = connect("random")
    engine.create("random:index/randomId:RandomId", "id", {"byteLength": 4})
    assert admin.status(state)["objects"] == 0


def test_unprotect_lifts_every_protection_and_names_it(cloud: Engine, state: Path) -> None:
    disks = [
        cloud.create(DISK, name, {"protected": protected, "skipSnapshot": True})
        for name, protected in (("one", True), ("two", False), ("three", True))
    ]
    assert admin.unprotect(state, packages) == ["one", "three"]
    for disk in disks:
        cloud.delete(disk)
    assert admin.unprotect(state, packages) == []


def test_unprotect_of_one_stack_leaves_the_others_protected(
    cloud: Engine, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.create(DISK, "one", {"protected": True})
    monkeypatch.setattr("tests.sandbox.engine._STACK", "urn:pulumi:test2::letta")
    cloud.create(DISK, "two", {"protected": True})
    assert admin.unprotect(state, packages, stack="test") == ["one"]
    assert admin.status(state, packages)["protected"] == ["two"]


def test_a_sweep_deletes_what_the_stacks_state_does_not_know_and_nothing_else(
    cloud: Engine, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cloud.create(DISK, "known", {"skipSnapshot": True})
    known = {(made.urn, made.id)}
    cloud.create(DISK, "lost", {"skipSnapshot": True})
    monkeypatch.setattr("tests.sandbox.engine._STACK", "urn:pulumi:test2::letta")
    cloud.create(DISK, "another stack's", {"skipSnapshot": True})
    assert admin.sweep(state, "test", known) == ["lost"]
    assert [one["name"] for one in admin.objects(state)] == ["known", "another stack's"]
    assert admin.sweep(state, "test", known) == []


def test_what_was_retained_is_no_longer_shown_when_its_window_is_over(state: Path) -> None:
    store = Store(state)
    for name, until in (("past", datetime(2000, 1, 1, tzinfo=UTC)), ("kept", None)):
        store.retain(
            Retained(
                kind="vault",
                type=VAULT,
                region="",
                id=name,
                name_scope=None,
                until=until,
                since=datetime(1999, 1, 1, tzinfo=UTC),
            )
        )
    store.close()
    assert [item["id"] for item in admin.status(state, packages)["retained"]] == ["kept"]


def test_a_nested_property_is_changed_by_hand(cloud: Engine, state: Path) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x", "names": ["a", "b"]})
    admin.set_property(state, "net", "names[1]", "c", packages)
    admin.set_property(state, "net", "speed", 99, packages)
    read = cloud.read(network)
    assert read is not None
    assert (read.outputs["names"], read.outputs["speed"]) == (["a", "c"], 99)
    assert "speed" not in read.inputs


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        ("other", "size", "there is no object 'other'"),
        ("net", "sise", "has no property 'sise'"),
        ("net", "names[5]", "there is nothing at 'names"),
        ("net", "tags.a.b", "there is nothing at 'tags.a.b'"),
        ("net", "names[*]", "names more than one place"),
        ("twin", "size", "names several objects: .*; use an id"),
    ],
)
def test_a_change_by_hand_that_fits_nothing_is_refused(
    cloud: Engine, state: Path, name: str, path: str, message: str
) -> None:
    cloud.create(NETWORK, "net", {"range": "x", "names": ["a"]})
    for _ in range(2):
        cloud.create(NETWORK, "twin", {"range": "x"})
    with pytest.raises(admin.AdminError, match=message):
        admin.set_property(state, name, path, 1, packages)


def test_a_change_needs_a_cloud(tmp_path: Path) -> None:
    with pytest.raises(admin.AdminError, match="there is no sandbox state at"):
        admin.unprotect(tmp_path / "none.sqlite")
