"""Container definitions: what ECS refuses is refused when it is checked, which is at preview."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.values import UNKNOWN, Value
from tests.sandbox.engine import Engine

TASK = "aws:ecs/taskDefinition:TaskDefinition"


def container(**changes: Value) -> dict[str, Any]:
    """A container that is well formed, with some parameters changed; None leaves one out."""
    good: dict[str, Any] = {
        "name": "api",
        "image": "letta/letta:0.16.4",
        "portMappings": [{"containerPort": 8283}],
        "environment": [{"name": "A", "value": "1"}],
        "secrets": [{"name": "B", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/b"}],
    }
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def task(*containers: Value, **arguments: Value) -> dict[str, Any]:
    """A task definition for Fargate."""
    return {
        "family": "api",
        "cpu": "1024",
        "memory": "2048",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": json.dumps(containers),
        **arguments,
    }


def reasons(aws: Engine, arguments: dict[str, Any]) -> list[str]:
    failures = aws.check(TASK, "api", arguments).failures
    assert {name for name, _ in failures} <= {"containerDefinitions"}
    return [reason.removeprefix("ClientException: ") for _, reason in failures]


def test_well_formed_containers_pass(aws: Engine) -> None:
    sidecar = container(
        name="redis",
        portMappings=[{"containerPort": 6379}],
        essential=False,
        healthCheck={"command": ["CMD", "true"], "interval": 10, "retries": 3},
        mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}],
        logConfiguration={
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "g",
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "redis",
            },
        },
    )
    waiting = container(dependsOn=[{"containerName": "redis", "condition": "HEALTHY"}])
    assert reasons(aws, task(waiting, sidecar, volumes=[{"name": "data"}])) == []


@pytest.mark.parametrize("definitions", ["{}", "no JSON", '["api"]', "5"])
def test_what_is_no_list_of_objects_is_refused(aws: Engine, definitions: str) -> None:
    found = reasons(aws, task(containerDefinitions=definitions))
    assert found[-1] == "it must be a JSON list of container objects"


def test_an_empty_list_is_refused(aws: Engine) -> None:
    assert reasons(aws, task()) == ["Container list cannot be empty: give at least one"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"imagee": "x"}, "[0].imagee: there is no such property; did you mean image?"),
        ({"image": None}, "[0]: Container.image should not be null or empty: it is missing"),
        ({"name": None}, "[0]: Container.name should not be null or empty: it is missing"),
        ({"memory": "512"}, "[0].memory: expected an integer, got a string"),
        ({"essential": "true"}, "[0].essential: expected a boolean, got a string"),
        (
            {"environment": [{"name": "A", "value": 1}]},
            "[0].environment[0].value: expected a string, got a number",
        ),
        ({"command": "run"}, "[0].command: expected a list, got a string"),
        (
            {"secrets": [{"name": "A"}]},
            "[0].secrets[0].valueFrom: it is required and missing",
        ),
        (
            {"healthCheck": {"interval": 10}},
            "[0].healthCheck.command: it is required and missing",
        ),
    ],
)
def test_a_container_of_the_wrong_shape_is_refused_with_its_path(
    aws: Engine, changes: dict[str, Any], reason: str
) -> None:
    assert reasons(aws, task(container(**changes))) == [reason]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "a.b"}, "the container name 'a.b' is not allowed"),
        ({"essential": False}, "no container is essential"),
        ({"memory": 5}, "container 'api' has 5 MiB: at least 6 are needed"),
        ({"memory": 64, "memoryReservation": 128}, "reserves 128 MiB, more than its limit of 64"),
        ({"memory": 4096}, "the containers' memory adds up to 4096, more than the task's 2048"),
        ({"cpu": 2048}, "the containers' cpu adds up to 2048, more than the task's 1024"),
        ({"portMappings": [{"containerPort": 70000}]}, "the port 70000 is not in 0 to 65535"),
        ({"portMappings": [{"hostPort": 80}]}, "a port mapping has no containerPort"),
        (
            {"portMappings": [{"containerPort": 80, "hostPort": 81}]},
            "the hostPort 81 must be the containerPort 80, or left out",
        ),
        (
            {"portMappings": [{"containerPort": 80, "protocol": "http"}]},
            "the protocol 'http' is neither tcp nor udp",
        ),
        (
            {"environment": [{"name": "B", "value": "1"}]},
            "the variable 'B' is set 2 times: keep one",
        ),
        ({"secrets": [{"name": "C", "valueFrom": ""}]}, "the secret 'C' has an empty valueFrom"),
        ({"healthCheck": {"command": ["true"]}}, "command begins with CMD, CMD-SHELL or NONE"),
        (
            {"healthCheck": {"command": ["CMD", "x"], "interval": 4}},
            "the health check's interval 4 is not in 5 to 300",
        ),
        (
            {"healthCheck": {"command": ["CMD", "x"], "retries": 11}},
            "the health check's retries 11 is not in 1 to 10",
        ),
        (
            {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g"}}},
            "Log driver awslogs requires options: awslogs-region",
        ),
        (
            {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]},
            "Unknown volume 'data': the task has none",
        ),
        ({"privileged": True}, "privileged is not supported on Fargate"),
        (
            {"linuxParameters": {"tmpfs": [{"containerPath": "/tmp", "size": 64}]}},
            "linuxParameters.tmpfs is not supported on Fargate",
        ),
        (
            {"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}},
            "the capability NET_ADMIN cannot be added on Fargate",
        ),
        ({"stopTimeout": 121}, "stopTimeout 121 is above 120, the most on Fargate"),
        (
            {"dependsOn": [{"containerName": "redis", "condition": "START"}]},
            "container 'api' depends on 'redis', which is no other container",
        ),
        (
            {"dependsOn": [{"containerName": "api", "condition": "START"}]},
            "container 'api' depends on 'api', which is no other container",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_with_value_and_limit(
    aws: Engine, changes: dict[str, Any], reason: str
) -> None:
    found = reasons(aws, task(container(**changes)))
    assert any(reason in item for item in found), found


@pytest.mark.parametrize(
    ("changes", "other", "reason"),
    [
        ({}, {"name": "api"}, "Container name must be unique: 2 containers are called 'api'"),
        ({}, {}, "containers 'api' and 'other' both want port 8283/tcp"),
        (
            {"dependsOn": [{"containerName": "other", "condition": "HEALTHY"}]},
            {},
            "container 'api' waits until 'other' is HEALTHY: it has no healthCheck",
        ),
        (
            {"dependsOn": [{"containerName": "other", "condition": "SUCCESS"}]},
            {},
            "container 'api' waits until 'other' has ended (SUCCESS): that one is essential",
        ),
        (
            {"dependsOn": [{"containerName": "other", "condition": "SOON"}]},
            {},
            "the condition 'SOON' is none of",
        ),
        (
            {"dependsOn": [{"containerName": "other", "condition": "START"}]},
            {"dependsOn": [{"containerName": "api", "condition": "START"}]},
            "the containers depend on each other in a circle: api -> other -> api",
        ),
    ],
)
def test_two_containers_must_fit_together(
    aws: Engine, changes: dict[str, Any], other: dict[str, Any], reason: str
) -> None:
    found = reasons(aws, task(container(**changes), container(**{"name": "other", **other})))
    assert any(reason in item for item in found), found


def test_without_task_memory_every_container_needs_its_own(aws: Engine) -> None:
    on_instances = {"requiresCompatibilities": ["EC2"], "networkMode": "bridge"}
    arguments = task(container(), **on_instances)
    del arguments["memory"]
    [found] = reasons(aws, arguments)
    assert "at least one of 'memory' or 'memoryReservation' must be specified" in found
    arguments["containerDefinitions"] = json.dumps([container(memoryReservation=512)])
    assert reasons(aws, arguments) == []


def test_in_bridge_mode_two_containers_may_listen_on_one_port_of_their_own(aws: Engine) -> None:
    on_instances = {"requiresCompatibilities": ["EC2"], "networkMode": "bridge"}
    dynamic = [{"containerPort": 80, "hostPort": 0}]
    fixed = [{"containerPort": 80, "hostPort": 80}]
    pair = (container(portMappings=dynamic), container(name="b", portMappings=dynamic))
    assert reasons(aws, task(*pair, **on_instances)) == []
    clash = (container(portMappings=fixed), container(name="b", portMappings=fixed))
    assert reasons(aws, task(*clash, **on_instances)) == [
        "containers 'api' and 'b' both want port 80/tcp"
    ]


def test_definitions_that_are_not_known_yet_pass(aws: Engine) -> None:
    assert reasons(aws, task(containerDefinitions=UNKNOWN)) == []
