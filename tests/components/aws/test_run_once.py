"""The function that runs the bootstrap's task and waits for it."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.exceptions import WaiterError  # type: ignore[import-untyped]

from components.aws import run_once
from tests.components.aws.deployment import deployed

_EVENT = {
    "cluster": "letta-test",
    "taskDefinition": "letta-test-boot:1",
    "subnets": ["subnet-1"],
    "securityGroups": ["sg-1"],
    "assignPublicIp": False,
    "logGroup": "letta-test-logs-bootstrap",
}


class _Ecs:
    """Answers of ECS, and what it was asked."""

    def __init__(
        self,
        *,
        failures: tuple[dict[str, str], ...] = (),
        containers: tuple[dict[str, Any], ...] = ({"name": "bootstrap", "exitCode": 0},),
        ends: bool = True,
    ) -> None:
        self.failures = failures
        self.containers = containers
        self.ends = ends
        self.asked: dict[str, Any] = {}

    def run_task(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        self.asked = request
        tasks = [] if self.failures else [{"taskArn": "task-1"}]
        return {"tasks": tasks, "failures": list(self.failures)}

    def get_waiter(self, name: str) -> _Ecs:
        assert name == "tasks_stopped"
        return self

    def wait(self, **request: Any) -> None:  # noqa: ANN401
        assert request["tasks"] == ["task-1"]
        if not self.ends:
            raise WaiterError(name="TasksStopped", reason="Max attempts exceeded", last_response={})

    def describe_tasks(self, **_: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"tasks": [{"stoppedReason": "its reason", "containers": list(self.containers)}]}


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """Maker of the ECS that the function meets."""

    def meet(**answers: Any) -> _Ecs:  # noqa: ANN401
        found = _Ecs(**answers)
        monkeypatch.setattr(boto3, "client", lambda _service: found)
        return found

    return meet


def test_a_task_that_ends_well_is_returned(ecs: Any) -> None:  # noqa: ANN401
    asked = ecs()
    assert run_once.handler(_EVENT, None) == {"task": "task-1"}
    network = asked.asked["networkConfiguration"]["awsvpcConfiguration"]
    assert asked.asked["launchType"] == "FARGATE"
    assert network == {
        "subnets": ["subnet-1"],
        "securityGroups": ["sg-1"],
        "assignPublicIp": "DISABLED",
    }


def test_a_task_in_public_subnets_gets_an_address(ecs: Any) -> None:  # noqa: ANN401
    asked = ecs()
    run_once.handler({**_EVENT, "assignPublicIp": True}, None)
    network = asked.asked["networkConfiguration"]["awsvpcConfiguration"]
    assert network["assignPublicIp"] == "ENABLED"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"failures": ({"reason": "RESOURCE:FARGATE"},)}, "could not be started: RESOURCE:FARGATE"),
        (
            {"containers": ({"name": "bootstrap", "exitCode": 1},)},
            r"bootstrap ended with status 1 \(its reason\); read the log group "
            "letta-test-logs-bootstrap; the task is task-1",
        ),
        (
            {"containers": ({"name": "bootstrap", "reason": "CannotPullContainerError"},)},
            r"ended with status none \(CannotPullContainerError\)",
        ),
        ({"ends": False}, r"no end after 850 s .*; read the log group letta-test-logs-bootstrap"),
    ],
)
def test_a_task_that_fails_fails_the_deployment_with_its_reason(
    ecs: Any,  # noqa: ANN401
    answers: dict[str, Any],
    message: str,
) -> None:
    ecs(**answers)
    with pytest.raises(run_once.RunFailedError, match=message):
        run_once.handler(_EVENT, None)


def test_the_function_ends_before_lambda_ends_it() -> None:
    limit = deployed("medium").one(":Function").inputs["timeout"]
    assert run_once.POLL_SECONDS * run_once.POLLS < limit <= 900


def test_the_function_stands_alone_in_its_archive() -> None:
    imported = {
        (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else each.name
        for node in ast.walk(ast.parse(Path(run_once.__file__).read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in node.names
    }
    assert imported <= {"__future__", "typing", "boto3", "botocore"}


def test_the_function_is_called_with_all_that_it_reads() -> None:
    result = deployed("small")
    event = json.loads(result.one(":Invocation").inputs["input"])
    assert set(event) == set(_EVENT)
    assert event["assignPublicIp"] is True
    assert event["cluster"].startswith("letta-test-cluster-")


def test_the_functions_own_log_is_encrypted_and_kept_as_long_as_the_others() -> None:
    result = deployed("medium")
    function = result.one(":Function").inputs
    group = result.one(":LogGroup", "letta-test-boot-function").inputs
    assert function["loggingConfig"]["logGroup"].startswith("letta-test-boot-function-")
    assert group["retentionInDays"] == 30
    assert "kmsKeyId" in group
