"""The bootstrap on a cluster: one Job, awaited, run again when something changes."""

from __future__ import annotations

from functools import cache
from typing import Any

import pulumi
import pytest

from components.letta import bootstrap
from components.roles import ServerArgs
from components.workloads.bootstrap import BootstrapJob
from components.workloads.cluster import BASE_PLACEMENT
from tests.components.aws.mock_cloud import UNKNOWN, Run, run
from tests.components.workloads import strict
from tests.components.workloads.standin import SERVICES, cluster, nested, stored

NAME = "letta-test-boot"


@cache
def _run(preview: bool = False, revision: str = "1") -> Run[pulumi.Resource]:
    def program() -> pulumi.Resource:
        references = {
            bootstrap.ADMIN_URI: stored(bootstrap.ADMIN_URI, revision=revision),
            "LETTA_PG_URI": stored("LETTA_PG_URI"),
        }
        args = ServerArgs(image="letta/letta:0.16.4", environment={}, references=references)
        opts = pulumi.ResourceOptions()
        return BootstrapJob(NAME, args, cluster(), BASE_PLACEMENT, opts).done

    return run(program, preview=preview)


def _spec() -> dict[str, Any]:
    spec: dict[str, Any] = _run().one(":Job").inputs["spec"]
    return spec


def _container() -> dict[str, Any]:
    (container,) = _spec()["template"]["spec"]["containers"]
    found: dict[str, Any] = container
    return found


def test_every_object_holds_against_the_schemas_of_the_oldest_version() -> None:
    assert {"Job", "ExternalSecret"} <= {
        each.inputs["kind"] for each in strict.objects(_run().resources)
    }
    assert strict.problems(_run().resources) == []


def test_the_job_runs_the_script_in_the_images_own_work_directory() -> None:
    container = _container()
    assert container["command"] == list(bootstrap.command())
    assert not {"args", "workingDir"} & set(container)
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/home/letta", "/tmp"}
    assert {"name": "HOME", "value": "/home/letta"} in container["env"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert _spec()["template"]["spec"]["securityContext"]["runAsNonRoot"] is True


def test_pulumi_waits_longer_than_the_run_may_last() -> None:
    job = _run().one(":Job")
    assert job.inputs["spec"]["activeDeadlineSeconds"] == bootstrap.TIMEOUT_SECONDS
    assert int(job.timeouts["create"].removesuffix("s")) > bootstrap.TIMEOUT_SECONDS
    assert "skipAwait" not in str(job.inputs["metadata"].get("annotations"))
    assert _run().result is not None


def test_one_pod_runs_at_a_time_and_a_lost_one_is_followed_by_another() -> None:
    spec = _spec()
    assert (spec["completions"], spec["parallelism"]) == (1, 1)
    assert spec["backoffLimit"] > 0
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_a_job_that_ended_stays_for_without_it_pulumi_would_run_another() -> None:
    assert "ttlSecondsAfterFinished" not in _spec()


def test_a_changed_template_makes_another_job_and_a_failed_run_too() -> None:
    job = _run().one(":Job")
    assert job.delete_before_replace
    assert job.inputs["metadata"]["annotations"] == {"pulumi.com/replaceUnready": "true"}


@pytest.mark.parametrize("preview", [False, True])
def test_a_rotated_value_is_read_by_another_run(preview: bool) -> None:
    def secret(revision: str) -> object:
        job = _run(preview, revision).one(":Job")
        (container,) = job.inputs["spec"]["template"]["spec"]["containers"]
        return [each for each in container["env"] if "valueFrom" in each]

    assert secret("1") != secret("2")
    assert UNKNOWN not in list(nested(secret("1")))


def test_the_administrators_uri_comes_from_a_secret_of_the_jobs_own() -> None:
    external = _run().one(":ExternalSecret")
    assert external.inputs["metadata"]["name"].startswith(f"{NAME}-")
    keys = [each["secretKey"] for each in external.inputs["spec"]["data"]]
    assert bootstrap.ADMIN_URI in keys
    assert f"ExternalSecret {NAME}" in _run().one(":Job").depends_on


def test_the_job_reaches_the_stores_and_https_and_nobody_reaches_it() -> None:
    spec = _run().one(":NetworkPolicy", NAME).inputs["spec"]
    assert spec["ingress"] == []
    stores, internet = spec["egress"]
    assert [port["port"] for port in stores["ports"]] == [5432, 6379]
    assert [port["port"] for port in internet["ports"]] == [443]
    assert SERVICES in internet["to"][0]["ipBlock"]["except"]
    labels = _spec()["template"]["metadata"]["labels"]
    assert spec["podSelector"]["matchLabels"].items() <= labels.items()
