"""The database of Alibaba Cloud and the version of its clusters, also of stacks that are there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.components.alicloud.deployment import FUNCTIONS, deployed
from tests.components.aws.mock_cloud import Registered

TIERS = ("small", "medium", "large")


def _one(tier: str, kind: str) -> dict[str, Any]:
    return dict(deployed(tier).one(kind).inputs)


def _database(tier: str) -> Registered:
    return deployed(tier).one("rds/instance:Instance")


def test_the_database_is_of_the_size_that_the_requirements_name() -> None:
    sizes = {
        tier: (_database(tier).inputs["instanceType"], _database(tier).inputs["instanceStorage"])
        for tier in TIERS
    }
    assert sizes == {
        "small": ("pg.n2.2c.2m", 100),
        "medium": ("pg.n2.4c.2m", 500),
        "large": ("pg.n2.8c.2m", 1000),
    }
    assert len(deployed("medium").all(":ReadOnlyInstance")) == 1
    assert len(deployed("large").all(":ReadOnlyInstance")) == 2
    assert _database("medium").inputs["storageUpperBound"] == 1000
    assert _database("medium").inputs["sqlCollectorStatus"] == "Enabled"


def test_a_read_only_instance_goes_with_its_setting() -> None:
    replica = deployed("medium").one(":ReadOnlyInstance")
    assert not replica.protect
    assert replica.inputs["deletionProtection"] is False


@pytest.mark.parametrize(
    ("gib", "growth"), [([], "Enable"), ([100], "Disable"), ([500], "Enable"), ([700], "Enable")]
)
def test_a_disk_grows_by_itself_but_in_the_run_that_makes_it_larger(
    gib: list[int], growth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {"instances": [{"instanceStorage": each} for each in gib]}
    monkeypatch.setitem(FUNCTIONS, "alicloud:rds/getInstances:getInstances", there)
    found = deployed("medium", stack=f"disk{sum(gib)}")
    database = found.one("rds/instance:Instance").inputs
    assert database["instanceStorage"] == 500
    assert database["storageAutoScale"] == growth
    assert database["tags"].get("letta:storage-ceiling-gib") == (
        "1000" if growth == "Disable" else None
    )
    asked = found.calls["alicloud:rds/getInstances:getInstances"]
    assert asked["tags"] == {"letta:stack": f"disk{sum(gib)}"}


def _offering(*versions: str) -> dict[str, Any]:
    return {"metadatas": [{"version": each, "runtimes": []} for each in versions]}


def test_a_cluster_whose_version_left_the_list_keeps_what_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = _offering("1.38.1-aliyun.1", "1.36.4-aliyun.1", "1.37.2-aliyun.1")
    monkeypatch.setitem(FUNCTIONS, "alicloud:cs/getKubernetesVersion:getKubernetesVersion", later)
    cluster = deployed("small", stack="later").one(":ManagedKubernetes")
    assert "version" not in cluster.inputs


def test_a_version_that_is_not_offered_yet_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = _offering("1.32.7-aliyun.1", "1.34.10-aliyun.1", "1.34.9-aliyun.1")
    monkeypatch.setitem(FUNCTIONS, "alicloud:cs/getKubernetesVersion:getKubernetesVersion", earlier)
    with pytest.raises(Exception, match=r"ACK offers no 1\.35 .* 1\.34\.9-.*, 1\.34\.10-"):
        deployed("small", stack="earlier")


def test_a_read_only_instance_is_given_what_it_does_not_inherit() -> None:
    replica, primary = _one("medium", ":ReadOnlyInstance"), _database("medium").inputs
    for each in ("parameters", "securityIps", "tags", "instanceStorage"):
        assert replica[each] == primary[each]
    assert replica["sslEnabled"] == 1
    assert primary["sslAction"] == "Open"
