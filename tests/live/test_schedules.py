"""What is run on schedule, read from a stack made by hand; and the folder that stands for a
bucket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.live import tasks
from sandbox.aws.live.tasks import TASK_DEFINITION
from sandbox.live import buckets, schedules
from sandbox.live.containers import Containers
from sandbox.live.spec import Addresses, LiveError, Objects
from tests.live.objects import made
from tests.live.pods import kubernetes, pod

IMAGE = "amazon/aws-cli:2.37.5"


def _container(name: str, script: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - of a task
    return {
        "name": name,
        "image": IMAGE,
        "entryPoint": ["sh", "-c"],
        "command": [script],
        "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/scratch"}],
        **more,
    }


def stack(*containers: dict[str, Any], state: str = "ENABLED") -> Objects:
    """A task on schedule."""
    task = made(
        TASK_DEFINITION.removeprefix("aws:"),
        arn="arn:task",
        containerDefinitions=json.dumps(containers),
    )
    schedule = made(
        tasks.SCHEDULE.removeprefix("aws:"),
        arn="dump",
        state=state,
        target={"ecsParameters": {"taskDefinitionArn": "arn:task"}},
    )
    return Objects([task, schedule])


def cron_job(*, suspend: bool = False) -> Objects:
    template = pod({"name": "upload", "image": IMAGE}, initContainers=[{"name": "d", "image": "i"}])
    spec = {
        "suspend": suspend,
        "jobTemplate": {"spec": {"template": template, "activeDeadlineSeconds": 60}},
    }
    return Objects([kubernetes("batch/v1:CronJob", "dump", spec=spec)])


@pytest.fixture
def containers(tmp_path: Path) -> Containers:
    """Runs containers in a folder of the test's own."""
    return Containers(tmp_path / "bin", tmp_path / "home")


def run(objects: Objects, containers: Containers) -> None:
    [found] = schedules.read(objects)
    schedules.run(found, containers, Addresses("127.78.92"))


def test_a_cron_job_is_one_run_whose_first_container_prepares() -> None:
    [found] = schedules.read(cron_job())
    assert (found.name, found.seconds) == ("dump", 60)
    assert [each.name for each in found.processes] == ["d", "upload"]


def test_what_is_switched_off_is_not_run() -> None:
    assert schedules.read(stack(_container("a", "true"), state="DISABLED")) == ()
    assert schedules.read(cron_job(suspend=True)) == ()


def test_containers_share_a_volume_and_run_in_the_order_of_their_waiting(
    containers: Containers, tmp_path: Path
) -> None:
    buckets.make(containers.buckets, ["data"])
    waiting = [{"containerName": "dump", "condition": "SUCCESS"}]
    copied = 'aws s3 cp --only-show-errors /scratch/a "s3://data/database/a"'
    objects = stack(
        _container("upload", copied, dependsOn=waiting),
        _container("dump", "test ! -e /scratch/a && echo dumped >/scratch/a"),
    )
    run(objects, containers)
    run(objects, containers)
    file = containers.buckets / "data" / "database" / "a"
    assert file.read_text(encoding="utf-8") == "dumped\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_after_a_container_that_failed_nothing_more_runs(containers: Containers) -> None:
    objects = stack(
        _container("dump", "echo no room left; exit 3"),
        _container(
            "upload",
            "touch /scratch/b",
            dependsOn=[{"containerName": "dump", "condition": "SUCCESS"}],
        ),
    )
    with pytest.raises(LiveError, match=r"dump ended with status 3(.|\n)*no room left"):
        run(objects, containers)
    assert not list(containers.home.rglob("b"))


def test_a_bucket_that_the_stack_does_not_have_takes_nothing(containers: Containers) -> None:
    with pytest.raises(LiveError, match="NoSuchBucket: the stack has no bucket other"):
        run(
            stack(_container("upload", "echo x >/scratch/a; aws s3 cp /scratch/a s3://other/a")),
            containers,
        )
