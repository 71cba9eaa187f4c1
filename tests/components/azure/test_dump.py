"""The dump on Container Apps: what its containers are given, when it runs, who is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.azure.dump import condition
from tests.components.azure.deployment import deployed

NAME = "letta-test-dump"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


def _job(tier: str = "medium") -> Mapping[str, Any]:
    return deployed(tier).one("app:Job", NAME).inputs


def test_only_the_container_that_dumps_knows_the_database() -> None:
    [dump], [upload] = _job()["template"]["initContainers"], _job()["template"]["containers"]
    assert {one["name"] for one in dump["env"]} >= {"LETTA_PG_URI"}
    assert "DUMP_BUCKET" not in {one["name"] for one in dump["env"]}
    assert not any("secretRef" in one for one in upload["env"])


def test_only_the_container_that_uploads_has_the_identity() -> None:
    [setting] = _job()["configuration"]["identitySettings"]
    assert setting["lifecycle"] == "Main"


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_the_run_has_the_disk_that_the_dump_is_written_to(tier: str) -> None:
    [dump] = _job(tier)["template"]["initContainers"]
    assert dump["resources"]["cpu"] > 1, "with less, the disk has 4 GiB"
    [volume] = _job(tier)["template"]["volumes"]
    assert volume["storageType"] == "EmptyDir"


def test_all_attempts_end_before_half_of_the_time_to_the_next_run() -> None:
    configuration = _job()["configuration"]
    attempts = configuration["replicaRetryLimit"] + 1
    assert configuration["replicaTimeout"] * attempts == 12 * 3600
    assert configuration["scheduleTriggerConfig"]["cronExpression"] == "17 3 * * *"


def test_it_may_add_to_the_folder_of_dumps_and_to_nothing_else() -> None:
    [grant] = [one for one in deployed("medium").all(":RoleAssignment") if "folder" in one.name]
    [account] = deployed("medium").all(":StorageAccount")
    given = grant.inputs["condition"]
    assert given == condition(account.inputs["accountName"])
    assert "blobs:path] StringLike 'database/*'" in given
    for never in ("read", "delete", "move/action"):
        assert f"!(ActionMatches{{'{BLOBS}/{never}'}})" in given


def test_dumps_expire_with_a_week_to_have_them_back() -> None:
    rules = deployed("medium").one(":ManagementPolicy").inputs["policy"]["rules"]
    [rule] = [one for one in rules if one["name"] == "expire-database"]
    actions = rule["definition"]["actions"]
    assert rule["definition"]["filters"]["prefixMatch"] == ["data/database/"]
    assert next(iter(actions["baseBlob"]["delete"].values())) == 30
    assert next(iter(actions["version"]["delete"].values())) == 7
