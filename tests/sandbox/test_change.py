"""Update, Read and Delete."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from sandbox import admin
from sandbox.values import UNKNOWN, Secret
from tests.sandbox.conftest import Clock
from tests.sandbox.engine import Engine, Refused
from tests.sandbox.toy import packages

NETWORK = "toy:index/network:Network"
HOST = "toy:index/host:Host"
DISK = "toy:index/disk:Disk"
VAULT = "toy:index/vault:Vault"

# Update


def test_an_update_computes_anew_only_what_depends_on_the_change(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x", "kind": "slow", "names": ["a"]})
    updated = cloud.update(network, {"range": "x", "kind": "slow", "names": ["b"], "size": 8})
    different = {
        name for name, value in updated.outputs.items() if value != network.outputs.get(name)
    }
    assert different == {"names", "lead", "size", "summary", "doubled", "revision"}
    assert updated.outputs["revision"] == 2
    assert updated.outputs["summary"] == "slow of 8"


def test_a_preview_of_an_update_knows_what_does_not_change(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x", "kind": "slow"})
    outputs = cloud.update(network, {"range": "x", "kind": "slow", "size": 8}, preview=True).outputs
    unknown = {name for name, value in outputs.items() if value is UNKNOWN}
    assert unknown == {"revision", "summary", "doubled"}
    assert outputs["arn"] == network.outputs["arn"]
    assert outputs["id"] == network.id


def test_a_preview_of_an_update_changes_nothing(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    cloud.update(network, {"range": "x", "size": 8}, preview=True)
    read = cloud.read(network)
    assert read is not None
    assert read.outputs["size"] == 4


def test_an_update_leaves_what_the_table_suppresses_as_it_was(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "autoGrow": True, "size": 10})
    smaller = {"image": "base", "autoGrow": True, "size": 5, "settings": "new"}
    assert cloud.update(host, smaller, preview=True).outputs["size"] == 10
    updated = cloud.update(host, smaller)
    assert (updated.outputs["settings"], updated.outputs["size"]) == ("new", 10)
    read = cloud.read(updated)
    assert read is not None
    assert read.outputs["size"] == 10
    assert cloud.update(updated, {**smaller, "size": 15}).outputs["size"] == 15


def test_what_is_read_of_other_objects_is_taken_away_where_it_is_not_given(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    cloud.create(HOST, "web", {"network": network.id, "settings": "of the host"})
    assert cloud.diff(network, {"range": "x"}).changes == {}
    read = cloud.read(network)
    assert read is not None
    assert read.outputs["code"] == "of the host"
    assert cloud.diff(read, {"range": "x"}).changes == {"code": "DELETE"}
    assert cloud.diff(read, {"range": "x"}, ignored=["code"]).changes == {}


def test_an_update_ends_in_a_read_of_the_other_objects(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    cloud.create(HOST, "web", {"network": network.id, "settings": "of the host"})
    updated = cloud.update(network, {"range": "x", "size": 8}, ignored=["code"])
    assert updated.outputs["code"] == "of the host"


def test_an_update_may_not_take_another_objects_name(cloud: Engine) -> None:
    cloud.create(DISK, "one", {"name": "one"})
    two = cloud.create(DISK, "two", {"name": "two"})
    with pytest.raises(Refused, match="AlreadyExists: name 'one' is taken"):
        cloud.update(two, {"name": "one"})
    assert cloud.update(two, {"name": "two", "protected": True}).outputs["protected"] is True


def test_an_object_keeps_its_id_when_its_name_changes(cloud: Engine) -> None:
    renamed = cloud.update(cloud.create(DISK, "data", {"name": "old"}), {"name": "new"})
    assert (renamed.outputs["id"], renamed.outputs["name"]) == ("old", "new")
    assert cloud.read(renamed) is not None


def test_an_update_is_held_to_references_and_checks(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "size": 5})
    with pytest.raises(Refused, match=r"NoSuchHost: peers\[0\] 'nobody'"):
        cloud.update(host, {"image": "base", "size": 5, "peers": ["nobody"]})
    with pytest.raises(Refused, match="size: 4 is less than 5: a host cannot shrink"):
        cloud.update(host, {"image": "base", "size": 4})


def test_a_check_on_others_does_not_count_the_object_itself(cloud: Engine) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x", "size": 2})
    hosts = [cloud.create(HOST, name, {"network": network.id}) for name in ("a", "b")]
    cloud.update(hosts[0], {"network": network.id, "size": 5})


def test_an_update_of_what_is_gone_says_so(cloud: Engine, state: Path) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    admin.remove(state, "net")
    with pytest.raises(Refused, match=r"NoSuchNetwork: .* does not exist any more: run `pulumi re"):
        cloud.update(network, {"range": "x", "size": 8})


# Read


def test_a_refresh_shows_what_was_changed_by_hand(cloud: Engine, state: Path) -> None:
    news = {"range": "x", "tags": {"stage": "test"}}
    network = cloud.create(NETWORK, "net", news)
    admin.set_property(state, "net", "size", 32, packages)
    admin.set_property(state, "net", "tags.stage", "changed", packages)
    read = cloud.read(network)
    assert read is not None
    assert (read.outputs["size"], read.outputs["tags"]) == (32, {"stage": "changed"})
    assert cloud.diff(read, news).changes == {"size": "UPDATE", "tags.stage": "UPDATE"}


def test_a_refresh_of_an_unchanged_object_is_no_difference(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "password": "p"})
    read = cloud.read(host)
    assert read is not None
    assert (read.id, read.inputs, read.outputs) == (host.id, host.inputs, host.outputs)
    assert read.outputs["password"] == Secret("p")


def test_a_refresh_of_what_is_gone_says_that_it_is(cloud: Engine, state: Path) -> None:
    network = cloud.create(NETWORK, "net", {"range": "x"})
    admin.remove(state, network.id)
    assert cloud.read(network) is None


def test_an_object_is_imported_by_its_id(cloud: Engine, connect: Callable[..., Engine]) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "name": "web"})
    imported = cloud.import_by_id(HOST, "imported", "web")
    assert imported is not None
    assert (imported.inputs, imported.outputs) == (host.inputs, host.outputs)
    south = connect("toy", region="south")
    assert south.import_by_id(HOST, "imported", "web") is None
    assert south.import_by_id(HOST, "imported", "web@north") is not None


# Delete


def test_a_deleted_object_is_gone_and_its_name_free(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base", "name": "web"})
    cloud.delete(host)
    assert cloud.read(host) is None
    cloud.create(HOST, "web", {"image": "base", "name": "web"})


def test_deleting_what_is_gone_is_no_error(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base"})
    cloud.delete(host)
    cloud.delete(host)


def test_an_object_in_use_is_not_deleted_and_its_users_are_named(
    cloud: Engine, network_id: str
) -> None:
    host = cloud.create(HOST, "web", {"network": network_id})
    disk = cloud.create(DISK, "data", {"host": host.id})
    network = cloud.import_by_id(NETWORK, "net", network_id)
    assert network is not None
    message = f'DependencyViolation: {NETWORK} "net" ({network_id}) is in use and cannot be '
    message += f'deleted: {HOST} "web" ({host.id}) by its network. Delete or change these first'
    with pytest.raises(Refused, match=re.escape(message)) as refusal:
        cloud.delete(network)
    assert refusal.value.code is grpc.StatusCode.FAILED_PRECONDITION
    with pytest.raises(Refused, match="HostInUse: "):
        cloud.delete(host)
    cloud.delete(cloud.update(disk, {"skipSnapshot": True}))
    cloud.delete(host)
    cloud.delete(network)


def test_a_reference_that_does_not_block_lets_its_target_go(cloud: Engine) -> None:
    peer = cloud.create(HOST, "peer", {"image": "base"})
    cloud.create(HOST, "web", {"image": "base", "peers": [peer.id]})
    cloud.delete(peer)


def test_a_reference_given_up_by_an_update_no_longer_blocks(cloud: Engine) -> None:
    host = cloud.create(HOST, "web", {"image": "base"})
    disk = cloud.create(DISK, "data", {"host": host.id})
    cloud.update(disk, {})
    cloud.delete(host)


def test_a_protected_object_is_not_deleted_and_the_way_out_is_said(cloud: Engine) -> None:
    disk = cloud.create(DISK, "data", {"protected": True, "skipSnapshot": True})
    with pytest.raises(
        Refused, match=r"OperationNotPermitted: the disk is protected .*\"data\""
    ) as r:
        cloud.delete(disk)
    assert "set protected to false, run `pulumi up`, and delete it then" in str(r.value)
    cloud.delete(cloud.update(disk, {"protected": False, "skipSnapshot": True}))


def test_a_final_snapshot_stays_behind(cloud: Engine, state: Path) -> None:
    cloud.delete(cloud.create(DISK, "data", {"snapshotName": "last"}))
    status = admin.status(state, packages)
    assert status["objects"] == 0
    assert status["retained"] == [
        {
            "kind": "disk snapshot",
            "type": DISK,
            "region": "north",
            "id": "last",
            "since": "2030-01-01T00:00:00+00:00",
            "until": None,
        }
    ]


def test_a_delete_without_snapshot_name_is_refused(cloud: Engine) -> None:
    disk = cloud.create(DISK, "data", {})
    with pytest.raises(Refused, match="snapshotName is required when skipSnapshot is false"):
        cloud.delete(disk)
    assert cloud.read(disk) is not None


def test_a_snapshot_name_is_used_once(cloud: Engine) -> None:
    cloud.delete(cloud.create(DISK, "data", {"snapshotName": "last"}))
    again = cloud.create(DISK, "data", {"snapshotName": "last"})
    with pytest.raises(Refused, match="SnapshotExists: there is already a disk snapshot 'last'"):
        cloud.delete(again)


@pytest.mark.parametrize("news", [{"skipSnapshot": True}, {"copyOf": "original"}])
def test_no_snapshot_is_taken_where_the_table_says_so(
    cloud: Engine, state: Path, news: dict[str, Any]
) -> None:
    cloud.create(DISK, "original", {"name": "original"})
    cloud.delete(cloud.create(DISK, "data", news))
    assert admin.status(state, packages)["retained"] == []


def test_the_snapshot_name_is_read_from_pulumis_state(cloud: Engine, state: Path) -> None:
    disk = cloud.create(DISK, "data", {})
    disk.outputs["snapshotName"] = "told"
    cloud.delete(disk)
    assert [item["id"] for item in admin.status(state, packages)["retained"]] == ["told"]


def test_a_name_in_its_recovery_window_cannot_be_used(
    cloud: Engine, state: Path, clock: Clock
) -> None:
    cloud.delete(cloud.create(VAULT, "keys", {"name": "keys", "windowDays": 7}))
    assert admin.status(state, packages)["retained"][0]["until"] == "2030-01-08T00:00:00+00:00"
    with pytest.raises(Refused, match=r"the name 'keys' belongs to a deleted vault .* 2030-01-08"):
        cloud.create(VAULT, "keys", {"name": "keys"})
    clock.move(days=7)
    cloud.create(VAULT, "keys", {"name": "keys"})


def test_a_window_of_no_days_holds_nothing_back(cloud: Engine, state: Path) -> None:
    cloud.delete(cloud.create(VAULT, "keys", {"name": "keys", "windowDays": 0}))
    assert admin.status(state, packages)["retained"] == []
    cloud.create(VAULT, "keys", {"name": "keys"})
