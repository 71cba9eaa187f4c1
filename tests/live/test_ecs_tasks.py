from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sandbox.aws.live.tasks import TASK_DEFINITION, runs, services, task
from sandbox.live.spec import LiveError, Objects, Registration
from tests.live.objects import made

SECRET = "arn:aws:secretsmanager:us-east-1:1:secret:password-ab12cd"
PARAMETER = "arn:aws:ssm:us-east-1:1:parameter/host"
TASK = "arn:aws:ecs:us-east-1:1:task-definition/api:1"
GROUP = "arn:targets/api"


def container(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - properties of any kind
    return {
        "name": "server",
        "image": "letta/letta:0.16.4",
        "command": ["letta", "server"],
        "environment": [{"name": "PLAIN", "value": "1"}],
        "secrets": [
            {"name": "PASSWORD", "valueFrom": SECRET.rpartition("-")[0]},
            {"name": "HOST", "valueFrom": PARAMETER},
        ],
        "portMappings": [{"containerPort": 8283}],
        "healthCheck": {"command": ["CMD", "python", "-c", "pass"], "startPeriod": 180},
        **changes,
    }


def stack(*, stages: tuple[str, ...] = ("AWSCURRENT",), **changes: Any) -> Objects:  # noqa: ANN401
    """A service of two copies and a run, both of one task; `changes` are the container's."""
    return Objects(
        [
            made("secretsmanager/secret:Secret", arn=SECRET),
            made(
                "secretsmanager/secretVersion:SecretVersion",
                arn="arn:version",
                secretId=SECRET,
                secretString="hidden",
                versionStages=list(stages),
            ),
            made("ssm/parameter:Parameter", arn=PARAMETER, insecureValue="cache.example.com"),
            made(
                "ecs/taskDefinition:TaskDefinition",
                arn=TASK,
                containerDefinitions=json.dumps([container(**changes)]),
            ),
            made(
                "lambda/invocation:Invocation",
                arn="arn:run",
                input=json.dumps({"taskDefinition": TASK}),
            ),
            made("lambda/invocation:Invocation", arn="arn:other", input="{}"),
            made(
                "ecs/service:Service",
                arn="arn:service",
                taskDefinition=TASK,
                desiredCount=2,
                loadBalancers=[
                    {"containerName": "server", "containerPort": 8283, "targetGroupArn": GROUP}
                ],
            ),
        ]
    )


def with_definition(objects: Objects, **changes: Any) -> Objects:  # noqa: ANN401 - as above
    """The objects, with properties of the task definition changed."""
    return Objects(
        made("ecs/taskDefinition:TaskDefinition", **{**item.outputs, **changes})
        if item.type == TASK_DEFINITION
        else item
        for item in objects.everything
    )


def test_secrets_and_parameters_come_from_where_the_definition_refers_to() -> None:
    [process] = task(stack(), TASK)
    assert process.environment == {
        "PLAIN": "1",
        "PASSWORD": "hidden",
        "HOST": "cache.example.com",
    }


def test_a_secret_is_not_shown_with_its_process() -> None:
    assert "hidden" not in repr(task(stack(), TASK))


@pytest.mark.parametrize("reference", [SECRET[:-8], f"{PARAMETER}s", "parameter"])
def test_a_reference_to_nothing_is_named(reference: str) -> None:
    referring = stack(secrets=[{"name": "PASSWORD", "valueFrom": reference}])
    with pytest.raises(LiveError, match=f"is called {reference}$"):
        task(referring, TASK)


def test_a_secret_without_a_current_version_has_no_value() -> None:
    with pytest.raises(LiveError, match="with a current version"):
        task(stack(stages=("AWSPREVIOUS",)), TASK)


def test_a_service_has_its_copies_and_where_its_load_balancer_sends_requests() -> None:
    [service] = services(stack())
    assert service.copies == 2
    assert service.registrations == (Registration(container="server", port=8283, group=GROUP),)
    assert service.processes == task(stack(), TASK)


def test_what_runs_once_is_a_function_call_that_names_a_task() -> None:
    [run] = runs(stack())
    assert run.processes == task(stack(), TASK)


def test_what_a_definition_leaves_out_is_as_ecs_has_it() -> None:
    [process] = task(stack(), TASK)
    assert process.stop_seconds == 30
    assert process.health is not None
    assert (process.health.interval_seconds, process.health.timeout_seconds) == (30, 5)
    assert (process.health.retries, process.health.start_seconds) == (3, 180)


def test_a_health_check_in_a_shell_is_refused() -> None:
    with pytest.raises(LiveError, match="must begin with CMD, not CMD-SHELL"):
        task(stack(healthCheck={"command": ["CMD-SHELL", "true"]}), TASK)


def test_an_entry_point_comes_before_its_arguments() -> None:
    [process] = task(stack(entryPoint=["sh", "-c"], command=["exec letta server"]), TASK)
    assert process.command == ("sh", "-c", "exec letta server")


def test_containers_wait_for_those_that_they_depend_on() -> None:
    conditions = {"START": "started", "HEALTHY": "healthy", "SUCCESS": "succeeded"}
    waits = [{"containerName": name, "condition": name} for name in conditions]
    [process] = task(stack(dependsOn=waits), TASK)
    assert process.after == conditions


def test_containers_with_a_network_of_their_own_find_each_other_on_the_machine() -> None:
    [process] = task(stack(), TASK)
    assert process.neighbours == ("172.17.0.1",)


def test_the_same_task_on_fargate_differs_only_in_what_containers_call_each_other() -> None:
    fargate = with_definition(stack(), networkMode="awsvpc", requiresCompatibilities=["FARGATE"])
    [process], [before] = task(fargate, TASK), task(stack(), TASK)
    assert process.neighbours == ("127.0.0.1", "localhost")
    assert replace(process, neighbours=before.neighbours) == before
    assert services(fargate)[0].copies == 2


def test_a_folder_of_the_machine_stays_one() -> None:
    mounts = [{"sourceVolume": name, "containerPath": f"/{name}"} for name in ("kept", "work")]
    kept = with_definition(
        stack(mountPoints=mounts),
        volumes=[{"name": "kept", "hostPath": "/var/lib/kept"}, {"name": "work"}],
    )
    [process] = task(kept, TASK)
    assert process.folders == {"/kept": "/var/lib/kept", "/work": "work"}


def test_a_port_that_the_machine_publishes_under_another_number_cannot_be_had() -> None:
    ports = [{"containerPort": 8283, "hostPort": 80}, {"containerPort": 6379, "hostPort": 6379}]
    [process] = task(stack(portMappings=ports), TASK)
    assert process.ports == (8283, 6379)
    assert process.refused == ("port 8283 published as 80",)
