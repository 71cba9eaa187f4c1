"""Good resources: clusters, services and functions."""

from __future__ import annotations

from tests.sandbox.aws.estate import (
    ACCOUNT,
    Estate,
    Inputs,
    archive,
    containers,
    good,
    role,
)


@good("aws:ecs/cluster:Cluster")
def _(estate: Estate) -> Inputs:
    return {"settings": [{"name": "containerInsights", "value": "enabled"}]}


@good("aws:ecs/capacityProvider:CapacityProvider")
def _(estate: Estate) -> Inputs:
    return {
        "autoScalingGroupProvider": {
            "autoScalingGroupArn": estate.get("aws:autoscaling/group:Group", "arn"),
            "managedScaling": {"status": "ENABLED", "targetCapacity": 100},
            "managedTerminationProtection": "ENABLED",
        }
    }


@good("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
def _(estate: Estate) -> Inputs:
    return {
        "clusterName": estate.get("aws:ecs/cluster:Cluster", "name"),
        "capacityProviders": [
            estate.get("aws:ecs/capacityProvider:CapacityProvider", "name"),
            "FARGATE",
        ],
    }


@good("aws:ecs/taskDefinition:TaskDefinition")
def _(estate: Estate) -> Inputs:
    secret = estate.make("aws:secretsmanager/secret:Secret")
    estate.make("aws:secretsmanager/secretVersion:SecretVersion")
    estate.make("aws:iam/rolePolicy:RolePolicy")
    options = {
        "awslogs-group": estate.make("aws:cloudwatch/logGroup:LogGroup").id,
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "api",
    }
    partial = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{secret.outputs['name']}"
    return {
        "family": "letta-api",
        "cpu": "1024",
        "memory": "3072",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["EC2", "FARGATE"],
        "executionRoleArn": estate.get("aws:iam/role:Role", "arn"),
        "containerDefinitions": containers(
            logConfiguration={"logDriver": "awslogs", "options": options},
            secrets=[{"name": "LETTA_PG_URI", "valueFrom": partial}],
        ),
    }


@good("aws:ecs/service:Service")
def _(estate: Estate) -> Inputs:
    estate.make("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders")
    estate.make("aws:lb/listener:Listener")
    return {
        "cluster": estate.make("aws:ecs/cluster:Cluster").id,
        "taskDefinition": estate.make("aws:ecs/taskDefinition:TaskDefinition").outputs["arn"],
        "desiredCount": 2,
        "healthCheckGracePeriodSeconds": 300,
        "capacityProviderStrategies": [
            {
                "capacityProvider": estate.get("aws:ecs/capacityProvider:CapacityProvider", "name"),
                "weight": 1,
            }
        ],
        "networkConfiguration": {
            "subnets": estate.subnets,
            "securityGroups": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
        },
        "loadBalancers": [
            {
                "targetGroupArn": estate.make("aws:lb/targetGroup:TargetGroup").id,
                "containerName": "app",
                "containerPort": 8283,
            }
        ],
    }


def _scaled(estate: Estate) -> Inputs:
    cluster = estate.get("aws:ecs/cluster:Cluster", "name")
    service = estate.get("aws:ecs/service:Service", "name")
    return {
        "resourceId": f"service/{cluster}/{service}",
        "scalableDimension": "ecs:service:DesiredCount",
        "serviceNamespace": "ecs",
    }


@good("aws:appautoscaling/target:Target")
def _(estate: Estate) -> Inputs:
    return {**_scaled(estate), "minCapacity": 2, "maxCapacity": 10}


@good("aws:appautoscaling/policy:Policy")
def _(estate: Estate) -> Inputs:
    estate.make("aws:appautoscaling/target:Target")
    return {
        **_scaled(estate),
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 65,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
        },
    }


@good("aws:appautoscaling/scheduledAction:ScheduledAction")
def _(estate: Estate) -> Inputs:
    estate.make("aws:appautoscaling/target:Target")
    return {
        **_scaled(estate),
        "schedule": "cron(0 22 * * ? *)",
        "timezone": "Europe/Berlin",
        "scalableTargetAction": {"minCapacity": 2, "maxCapacity": 2},
    }


@good("aws:scheduler/schedule:Schedule")
def _(estate: Estate) -> Inputs:
    return {
        "scheduleExpression": "cron(17 3,15 * * ? *)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {
            "arn": estate.get("aws:ecs/cluster:Cluster", "arn"),
            "roleArn": role(estate, "scheduler").outputs["arn"],
            "ecsParameters": {
                "taskDefinitionArn": estate.get("aws:ecs/taskDefinition:TaskDefinition", "arn"),
                "launchType": "FARGATE",
                "networkConfiguration": {"subnets": estate.subnets},
            },
        },
    }


@good("aws:lambda/function:Function")
def _(estate: Estate) -> Inputs:
    return {
        "role": role(estate, "lambda").outputs["arn"],
        "runtime": "python3.13",
        "handler": "index.handler",
        "code": archive({"index.py": "def handler(event, context): ..."}),
        "timeout": 900,
    }


@good("aws:lambda/invocation:Invocation")
def _(estate: Estate) -> Inputs:
    return {
        "functionName": estate.make("aws:lambda/function:Function").id,
        "input": "{}",
        "triggers": {"revision": "1"},
    }


@good("aws:lambda/permission:Permission")
def _(estate: Estate) -> Inputs:
    return {
        "function": estate.make("aws:lambda/function:Function").id,
        "action": "lambda:InvokeFunction",
        "principal": "sns.amazonaws.com",
    }
