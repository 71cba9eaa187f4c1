"""The dump on Alibaba Cloud: what its containers are given, what they may do, who is told."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from components.letta.dump import SCRATCH
from tests.components.alicloud.deployment import deployed

NAME = "letta-test-dump"


def _pod() -> dict[str, Any]:
    spec = deployed("medium").one("batch/v1:CronJob", NAME).inputs["spec"]
    found: dict[str, Any] = spec["jobTemplate"]["spec"]["template"]["spec"]
    return found


def test_only_the_container_that_dumps_knows_the_database() -> None:
    pod = _pod()
    [dump], [upload] = pod["initContainers"], pod["containers"]
    assert "LETTA_PG_URI" in {each["name"] for each in dump["env"]}
    names = {each["name"] for each in upload["env"]}
    assert "LETTA_PG_URI" not in names
    assert {"DUMP_KEY", "DUMP_BUCKET"} <= names


def test_the_key_is_in_no_command_line(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = tmp_path / "rclone"
    program.write_text(
        f'#!/bin/sh\necho "$*" >>"{told}"\n'
        f'echo "$RCLONE_CONFIG_OSS_ACCESS_KEY_ID $RCLONE_CONFIG_OSS_SECRET_ACCESS_KEY" >>"{told}"\n'
    )
    program.chmod(0o700)
    for name in ("b.dump", "b.json"):
        (tmp_path / name).touch()
    [upload] = _pod()["containers"]
    subprocess.run(
        [*upload["command"][:-1], upload["command"][-1].replace(SCRATCH, str(tmp_path))],
        env={
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "DUMP_BUCKET": "data",
            "DUMP_KEY": "the-id:the-secret",
        },
        check=True,
    )
    arguments, keys, *rest = told.read_text().splitlines()
    assert arguments.endswith(f"{tmp_path}/b.dump OSS:data/database/b.dump")
    assert "the-secret" not in arguments
    assert keys == "the-id the-secret"
    assert rest[0].endswith("OSS:data/database/b.json")


def test_its_user_may_add_to_the_folder_of_dumps_and_use_the_stacks_key() -> None:
    result = deployed("medium", preview=True)
    document = json.loads(result.one("ram/policy:Policy", f"{NAME}-key").inputs["policyDocument"])
    put, key = document["Statement"]
    bucket = result.one("oss/bucket:Bucket").inputs["bucket"]
    assert put["Resource"] == [f"acs:oss:*:1234567890123456:{bucket}/database/*"]
    assert "oss:PutObject" in put["Action"]
    assert not [each for each in put["Action"] if each.endswith(("GetObject", "*"))]
    assert key["Condition"] == {"StringEquals": {"kms:tag/letta:stack": "test"}}
    assert not result.all("ram/loginProfile:LoginProfile")


def test_the_key_lies_in_a_secret_of_the_cluster() -> None:
    result = deployed("medium")
    secret = result.one("core/v1:Secret", f"{NAME}-key")
    assert "stringData" in secret.secrets
    assert set(secret.inputs["stringData"]) == {"DUMP_KEY"}


def test_it_runs_twice_a_day_and_somebody_is_told_when_none_has_come() -> None:
    result = deployed("medium")
    assert result.one("batch/v1:CronJob", NAME).inputs["spec"]["schedule"] == "17 3,15 * * *"
    alert = result.one("log/alert:Alert", f"{NAME}-missing").inputs
    [query] = alert["queryLists"]
    assert query["store"] == "dump"
    assert query["start"] == f"-{18 * 60}m"
    assert alert["severityConfigurations"][0]["evalCondition"]["condition"] == "found < 1"
    assert alert["noDataFire"] is True


def test_a_server_without_redis_is_told_of() -> None:
    alert = deployed("medium").one("log/alert:Alert", "letta-test-logs-redis-lost").inputs
    [query] = alert["queryLists"]
    assert "Failed to initialize Redis" in query["query"]
    assert alert["severityConfigurations"][0]["evalCondition"]["condition"] == "found > 0"
