"""The dump on Cloud Run: what its containers are given, when it runs, who is told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from components.letta.dump import SCRATCH
from tests.components.gcp.deployment import deployed

NAME = "letta-test-dump"


def _template(tier: str = "medium") -> dict[str, Any]:
    template: dict[str, Any] = deployed(tier).one("cloudrunv2/job:Job", NAME).inputs["template"]
    found: dict[str, Any] = template["template"]
    return found


def test_only_the_container_that_dumps_knows_the_database() -> None:
    dump, upload = _template()["containers"]
    names = [{each["name"] for each in one["envs"]} for one in (dump, upload)]
    assert "LETTA_PG_URI" in names[0]
    assert "DUMP_BUCKET" not in names[0]
    assert "LETTA_PG_URI" not in names[1]


def test_the_upload_begins_when_the_dump_has_ended_well_or_not() -> None:
    dump, upload = (one["args"][-1] for one in _template()["containers"])
    assert dump.startswith(f"trap 'touch {SCRATCH}/ended' EXIT\n")
    assert upload.startswith(f"until [ -e {SCRATCH}/ended ]")
    assert upload.index("ended") < upload.index("curl ")


def test_a_file_is_put_into_the_folder_of_dumps_with_a_token_that_no_command_line_shows(
    tmp_path: Path,
) -> None:
    told = tmp_path / "told"
    for name, script in (
        ("gcloud", "echo the-token"),
        ("curl", f'cat >>"{told}"; printf " %s\\n" "$*" >>"{told}"'),
        ("sleep", "exit 1"),
    ):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
    for name in ("ended", "b.dump", "b.json"):
        (tmp_path / name).touch()
    _, upload = _template()["containers"]
    subprocess.run(
        ["sh", "-c", upload["args"][-1].replace(SCRATCH, str(tmp_path))],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "DUMP_BUCKET": "data"},
        check=True,
    )
    lines = told.read_text().splitlines()
    assert [line.partition(" --")[0] for line in lines] == ["Authorization: Bearer the-token"] * 2
    assert not any("the-token" in line.partition(" --")[2] for line in lines)
    url = "https://storage.googleapis.com/upload/storage/v1/b/data/o?uploadType=media"
    assert [line.rpartition(" ")[2] for line in lines] == [
        f"{url}&name=database%2Fb.{kind}" for kind in ("dump", "json")
    ]


@pytest.mark.parametrize("tier", ["small", "medium"])
def test_a_dump_is_written_to_a_disk_and_not_to_memory(tier: str) -> None:
    [volume] = _template(tier)["volumes"]
    assert volume["emptyDir"] == {"medium": "DISK", "sizeLimit": "20Gi"}


def test_all_attempts_end_before_half_of_the_time_to_the_next_run() -> None:
    template = _template()
    attempts = template["maxRetries"] + 1
    assert int(template["timeout"].removesuffix("s")) * attempts == 6 * 3600


def test_it_runs_twice_a_day_by_an_account_that_may_run_it_alone() -> None:
    result = deployed("medium")
    schedule = result.one("cloudscheduler/job:Job", NAME).inputs
    assert schedule["schedule"] == "17 3,15 * * *"
    assert schedule["httpTarget"]["uri"].endswith(":run")
    member = result.one(":JobIamMember", NAME).inputs
    assert member["role"] == "roles/run.invoker"
    email = schedule["httpTarget"]["oauthToken"]["serviceAccountEmail"]
    assert member["member"] == f"serviceAccount:{email}"


def test_it_may_add_to_the_folder_of_dumps_and_to_nothing_else() -> None:
    grant = deployed("medium").one(":BucketIAMMember", NAME).inputs
    assert grant["role"] == "roles/storage.objectCreator"
    assert "/objects/database/" in grant["condition"]["expression"]


def test_somebody_is_told_when_no_dump_has_come_for_as_long_as_is_promised() -> None:
    [condition] = deployed("medium").one(":AlertPolicy", f"{NAME}-missing").inputs["conditions"]
    threshold = condition["conditionThreshold"]
    assert threshold["comparison"] == "COMPARISON_LT"
    assert threshold["aggregations"][0]["alignmentPeriod"] == f"{18 * 3600}s"
    assert threshold["evaluationMissingData"] == "EVALUATION_MISSING_DATA_ACTIVE"


def test_somebody_is_told_of_a_run_that_failed_even_of_the_first() -> None:
    [condition] = deployed("medium").one(":AlertPolicy", f"{NAME}-failed").inputs["conditions"]
    threshold = condition["conditionThreshold"]
    job = deployed("medium").one("cloudrunv2/job:Job", NAME).inputs["name"]
    assert f'resource.labels.job_name = "{job}"' in threshold["filter"]
    assert 'metric.labels.result = "failed"' in threshold["filter"]
    assert (threshold["comparison"], threshold["thresholdValue"]) == ("COMPARISON_GT", 0)


def test_dumps_expire_with_a_week_to_have_them_back() -> None:
    rules = deployed("medium").one("storage/bucket:Bucket").inputs["lifecycleRules"]
    conditions = [rule["condition"] for rule in rules if rule["condition"].get("matchesPrefixes")]
    assert conditions == [
        {"age": 30, "matchesPrefixes": ["database/"], "withState": "LIVE"},
        {"daysSinceNoncurrentTime": 7, "matchesPrefixes": ["database/"], "withState": "ARCHIVED"},
    ]
