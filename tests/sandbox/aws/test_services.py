"""What AWS refuses of tasks, services, scaling and functions, and what a change of them means."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.values import Value
from tests.sandbox.aws.cases import Case, each, forward, twice
from tests.sandbox.aws.estate import (
    ACCOUNT,
    Estate,
    Inputs,
    archive,
    containers,
    role,
)

TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
CAPACITY = "aws:ecs/capacityProvider:CapacityProvider"
GROUP = "aws:autoscaling/group:Group"
FUNCTION = "aws:lambda/function:Function"


def _target_group_of_nobody(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP, "lonely").id
    balanced = {"targetGroupArn": group, "containerName": "app", "containerPort": 8283}
    return {"loadBalancers": [balanced]}


def _other_container(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP).id
    balanced = {"targetGroupArn": group, "containerName": "letta", "containerPort": 8283}
    return {"loadBalancers": [balanced]}


def _other_port(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP).id
    balanced = {"targetGroupArn": group, "containerName": "app", "containerPort": 80}
    return {"loadBalancers": [balanced]}


def _task_of(**changes: Value) -> Callable[[Estate], Inputs]:
    def changed(estate: Estate) -> Inputs:
        return {"taskDefinition": estate.make(TASK, "other", **changes).outputs["arn"]}

    return changed


def _instance_targets(estate: Estate) -> Inputs:
    group = estate.make(TARGET_GROUP, "by-instance", targetType="instance").id
    estate.make(LISTENER, "second", port=8443, defaultActions=forward(group))
    balanced = {"targetGroupArn": group, "containerName": "app", "containerPort": 8283}
    return {"loadBalancers": [balanced]}


def _without_value(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret", "it-empty").id
    definitions = containers(secrets=[{"name": "A", "valueFrom": secret}])
    return _task_of(containerDefinitions=definitions)(estate)


def _unreadable(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret", "other").id
    estate.make("aws:secretsmanager/secretVersion:SecretVersion", "other", secretId=secret)
    definitions = containers(secrets=[{"name": "A", "valueFrom": secret}])
    return _task_of(containerDefinitions=definitions)(estate)


def _unprotected_group(estate: Estate) -> Inputs:
    arn = estate.make(GROUP, "open", protectFromScaleIn=False).outputs["arn"]
    return {
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": arn,
            "managedScaling": {"status": "ENABLED"},
            "managedTerminationProtection": "ENABLED",
        }
    }


def _role_for_others(name: str) -> Callable[[Estate], Inputs]:
    def changes(estate: Estate) -> Inputs:
        return {name: role(estate, "rds").outputs["arn"]}

    return changes


CASES = [
    Case(
        "a Fargate size that does not exist",
        TASK,
        {"memory": "3584"},
        "1024 CPU, 3584 memory",
    ),
    Case(
        "Fargate CPU units that do not exist",
        TASK,
        {"cpu": "1000"},
        "1000 is no size of Fargate",
    ),
    Case(
        "Fargate without a size",
        TASK,
        {"cpu": None},
        "be defined at the task",
    ),
    Case(
        "Fargate on a bridge",
        TASK,
        {"networkMode": "bridge"},
        "only supports network mode 'awsvpc'",
    ),
    Case(
        "logs on Fargate without a role",
        TASK,
        {"executionRoleArn": None},
        "execution role ARN",
    ),
    Case(
        "a misspelt container key",
        TASK,
        {"containerDefinitions": containers(memoryMb=1)},
        "memoryMb",
    ),
    Case(
        "a secret that is not there",
        TASK,
        {
            "containerDefinitions": containers(
                secrets=[
                    {
                        "name": "A",
                        "valueFrom": f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:none",
                    }
                ]
            )
        },
        "unable to pull secrets",
    ),
    Case(
        "a log group that is not there",
        TASK,
        {
            "containerDefinitions": containers(
                logConfiguration={
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": "none",
                        "awslogs-region": "us-east-1",
                        "awslogs-stream-prefix": "a",
                    },
                }
            )
        },
        "The specified log group does not exist: none",
    ),
    Case(
        "a deployment that can never begin",
        SERVICE,
        {"deploymentMaximumPercent": 100},
        "block deployments",
    ),
    Case(
        "no network for awsvpc",
        SERVICE,
        {"networkConfiguration": None},
        "Network Configuration must be provided",
    ),
    Case(
        "a grace period without a load balancer",
        SERVICE,
        {"loadBalancers": None},
        "Health check grace period",
    ),
    Case(
        "both a launch type and a strategy",
        SERVICE,
        {"launchType": "EC2"},
        "it conflicts with",
    ),
    Case(
        "capacity that the cluster does not have",
        SERVICE,
        {"capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
        "was not found",
    ),
    Case(
        "a provider called ecs",
        CAPACITY,
        {"name": "ecs-workers"},
        "not beginning with aws",
    ),
    Case(
        "a default strategy of others",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        {"defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT"}]},
        "not associated with the cluster",
    ),
    Case(
        "more at least than at most",
        "aws:appautoscaling/target:Target",
        {"minCapacity": 11},
        "Maximum capacity cannot be less",
    ),
    Case(
        "scaling of something that is no service",
        "aws:appautoscaling/target:Target",
        {"resourceId": "letta"},
        "service/<cluster name>/<service name>",
    ),
    Case(
        "scaling of a service that is not there",
        "aws:appautoscaling/target:Target",
        {"resourceId": "service/a/b"},
        "ECS service doesn't exist",
    ),
    Case(
        "a policy for no target",
        "aws:appautoscaling/policy:Policy",
        {"resourceId": "service/a/b"},
        "No scalable target registered",
    ),
    Case(
        "a CPU target above 100",
        "aws:appautoscaling/policy:Policy",
        {
            "targetTrackingScalingPolicyConfiguration": {
                "targetValue": 101,
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "ECSServiceAverageCPUUtilization"
                },
            }
        },
        "no percentage",
    ),
    Case(
        "steps for target tracking",
        "aws:appautoscaling/policy:Policy",
        {"policyType": "StepScaling"},
        "a policy of type StepScaling",
    ),
    Case(
        "a runtime that does not exist",
        FUNCTION,
        {"runtime": "python3.99"},
        "python3.13",
    ),
    Case(
        "a runtime that is retired",
        FUNCTION,
        {"runtime": "python3.6"},
        "no longer supported",
    ),
    Case(
        "a function without a handler",
        FUNCTION,
        {"handler": None},
        "handler and runtime must be set",
    ),
    Case(
        "a handler that is not in the archive",
        FUNCTION,
        {"handler": "main.handler"},
        "Unable to import module 'main'",
    ),
    Case(
        "a variable of Lambda's",
        FUNCTION,
        {"environment": {"variables": {"AWS_REGION": "x"}}},
        "reserved keys",
    ),
    Case(
        "fifteen minutes and a second",
        FUNCTION,
        {"timeout": 901},
        "above the maximum of 900",
    ),
    Case(
        "a call of no function",
        "aws:lambda/invocation:Invocation",
        {"functionName": "none"},
        "ResourceNotFoundException",
    ),
    Case(
        "a call with no JSON",
        "aws:lambda/invocation:Invocation",
        {"input": "run"},
        "no JSON",
    ),
    Case(
        "a group without scale-in protection",
        CAPACITY,
        _unprotected_group,
        "protectFromScaleIn",
    ),
    Case(
        "a second provider of a group",
        CAPACITY,
        twice(CAPACITY),
        "already being used by another capacity provider",
    ),
    Case(
        "a task role for another service",
        TASK,
        _role_for_others("taskRoleArn"),
        "proper trust relationship",
    ),
    Case(
        "a function role for another service",
        FUNCTION,
        _role_for_others("role"),
        "cannot be assumed by Lambda",
    ),
    Case(
        "a target group without a listener",
        SERVICE,
        _target_group_of_nobody,
        "does not have an associated load balancer",
    ),
    Case(
        "a container that is not in the task",
        SERVICE,
        _other_container,
        "The container letta does not exist",
    ),
    Case(
        "a port that the container has not",
        SERVICE,
        _other_port,
        "did not have a container port 80",
    ),
    Case(
        "instances as targets of awsvpc tasks",
        SERVICE,
        _instance_targets,
        "it must be ip",
    ),
    Case(
        "a task larger than the instances",
        SERVICE,
        _task_of(cpu="4096", memory="16384"),
        "no container instance met all of its requirements",
    ),
    Case(
        "an ARM task on Intel instances",
        SERVICE,
        _task_of(runtimePlatform={"cpuArchitecture": "ARM64"}),
        "the task is for arm64",
    ),
    Case(
        "a secret without a value",
        SERVICE,
        _without_value,
        "AWSCURRENT",
    ),
    Case(
        "a secret that the role may not read",
        SERVICE,
        _unreadable,
        "not authorized to perform secretsmanager:GetSecretValue",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_an_archive_with_the_handlers_file_is_accepted(estate: Estate) -> None:
    files = archive({"run_once.py": "def handler(event, context): ..."})
    assert estate.refusal(FUNCTION, {"code": files, "handler": "run_once.handler"}) == ""


def test_a_service_scaled_beyond_its_bounds_is_refused_on_update_too(estate: Estate) -> None:
    target = estate.make("aws:appautoscaling/target:Target")
    answer = estate.engine.check(target.type, "it", {**target.inputs, "maxCapacity": 1})
    assert "Maximum capacity cannot be less" in answer.failures[0][1]


def test_every_change_of_a_task_is_a_new_revision_beside_the_old(estate: Estate) -> None:
    first = estate.make(TASK)
    diff = estate.engine.diff(first, {**first.inputs, "memory": "4096"})
    assert (diff.replaces, diff.delete_before_replace) == (["memory"], False)
    second = estate.make(TASK, "again", memory="4096")
    assert (first.outputs["revision"], second.outputs["revision"]) == (1, 2)


def test_containers_that_differ_in_spelling_alone_are_no_change(estate: Estate) -> None:
    first = estate.make(TASK)
    [container] = json.loads(first.inputs["containerDefinitions"])
    respelt = json.dumps([{**container, "cpu": 0, "environment": []}], indent=2)
    assert (
        estate.engine.diff(first, {**first.inputs, "containerDefinitions": respelt}).changes == {}
    )
