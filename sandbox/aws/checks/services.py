"""ECS services: whether their tasks would start, be placed, and be reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from components.aws import catalog
from sandbox.aws.checks import autoscaling, documents, ecs, lb, neighbours
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem

SERVICE: Final = "aws:ecs/service:Service"
_CLUSTER: Final = "aws:ecs/cluster:Cluster"
_TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
_CLUSTER_PROVIDERS: Final = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
_GROUP: Final = "aws:autoscaling/group:Group"
_FARGATE: Final = ("FARGATE", "FARGATE_SPOT")
_ARCHITECTURES: Final = {"X86_64": "x86_64", "ARM64": "arm64"}
_KNOWN_MANAGED: Final = ("AmazonECSTaskExecutionRolePolicy", "AmazonSSMManagedInstanceCore")
"""Policies of AWS that give no right to read secrets."""


def deployment_percentages(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A deployment must be able to start or stop a task."""
    if properties["schedulingStrategy"] == "DAEMON":
        return
    most = _or(properties["deploymentMaximumPercent"], 200)
    least = _or(properties["deploymentMinimumHealthyPercent"], 100)
    if most == least == 100:
        yield Problem(
            "deploymentMaximumPercent",
            "InvalidParameterException: Both maximumPercent and minimumHealthyPercent cannot be "
            "100 as this will block deployments",
        )
    elif most < least or most < 100:
        yield Problem(
            "deploymentMaximumPercent",
            "InvalidParameterException: maximumPercent must be at least 100 and not below "
            f"minimumHealthyPercent: {most} with {least}",
        )
    if properties["availabilityZoneRebalancing"] == "ENABLED" and most <= 100:
        yield Problem(
            "availabilityZoneRebalancing",
            "InvalidParameterException: it cannot be ENABLED with a maximumPercent of 100 or less",
        )


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def placement(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Placement is for instances; a grace period is for services behind a load balancer."""
    if _on_fargate(properties) and properties["orderedPlacementStrategies"]:
        yield Problem(
            "orderedPlacementStrategies",
            "InvalidParameterException: Placement strategies are not supported with FARGATE",
        )
    if _on_fargate(properties) and properties["placementConstraints"]:
        yield Problem(
            "placementConstraints",
            "InvalidParameterException: Placement constraints are not supported with FARGATE",
        )
    if properties["healthCheckGracePeriodSeconds"] and not properties["loadBalancers"]:
        yield Problem(
            "healthCheckGracePeriodSeconds",
            "InvalidParameterException: Health check grace period is only valid for services "
            "configured to use load balancers",
        )


def strategy(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A strategy is of Fargate or of instances, starts somewhere, and weighs something."""
    given = properties["capacityProviderStrategies"] or []
    if len({item["capacityProvider"] in _FARGATE for item in given}) > 1:
        yield _bad_strategy(
            "A capacity provider strategy cannot contain a mix of capacity providers using Auto "
            "Scaling groups and Fargate"
        )
    if sum(1 for item in given if item.get("base")) > 1:
        yield _bad_strategy("Only one capacity provider in the strategy can have a base")
    if given and not any(item.get("weight") or item.get("base") for item in given):
        yield _bad_strategy("The weight of at least one capacity provider must be greater than 0")


def _bad_strategy(reason: str) -> Problem:
    return Problem("capacityProviderStrategies", f"InvalidParameterException: {reason}")


def _on_fargate(properties: Properties) -> bool:
    if properties["launchType"]:
        return bool(properties["launchType"] == "FARGATE")
    strategies = properties["capacityProviderStrategies"] or []
    return bool(strategies) and all(s["capacityProvider"] in _FARGATE for s in strategies)


def _task(properties: Properties, cloud: AwsCloud) -> CloudObject | None:
    given = properties["taskDefinition"]
    attributes = ("arn", "arnWithoutRevision", "family")
    found = (cloud.find(_TASK_DEFINITION, attribute, given) for attribute in attributes)
    return next((task for task in found if task is not None), None)


def service_fits_its_task(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Network mode and launch type of task and service must go together."""
    task = _task(properties, cloud)
    if task is None:
        return
    awsvpc = task.get("networkMode") == "awsvpc"
    network = properties["networkConfiguration"]
    if awsvpc and not network:
        yield Problem(
            "networkConfiguration",
            "InvalidParameterException: Network Configuration must be provided when networkMode "
            "'awsvpc' is specified",
        )
    if network and not awsvpc:
        yield Problem(
            "networkConfiguration",
            "InvalidParameterException: Network Configuration is not valid for the given "
            f"networkMode of this task definition: {task.get('networkMode')}",
        )
    if _on_fargate(properties) and "FARGATE" not in (task.get("requiresCompatibilities") or []):
        yield Problem(
            "taskDefinition",
            "InvalidParameterException: Task definition does not support launch_type FARGATE: add "
            "it to requiresCompatibilities",
        )
    if (network or {}).get("assignPublicIp") and not _on_fargate(properties):
        yield Problem(
            "networkConfiguration",
            "InvalidParameterException: Assign public IP is not supported for this launch type",
        )
    yield from _target_problems(properties, cloud, awsvpc=awsvpc)


def _target_problems(properties: Properties, cloud: AwsCloud, *, awsvpc: bool) -> Iterator[Problem]:
    subnets = (properties["networkConfiguration"] or {}).get("subnets")
    vpcs = neighbours.vpcs(subnets, cloud)
    for balanced in properties["loadBalancers"] or []:
        group = cloud.find(lb.TARGET_GROUP, "arn", balanced.get("targetGroupArn") or "")
        if group is None:
            continue
        wanted = "ip" if awsvpc else "instance"
        if group.get("targetType") != wanted:
            yield Problem(
                "loadBalancers",
                "InvalidParameterException: The provided target group "
                f"{group.id} has target type {group.get('targetType')}, which is incompatible with "
                f"the network mode of the task definition: it must be {wanted}",
            )
        if vpcs and group.get("vpcId") not in vpcs:
            yield Problem(
                "loadBalancers",
                f"InvalidParameterException: the target group {group.id} is in another VPC than "
                "the service's subnets",
            )


def target_group_has_a_listener(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """ECS registers tasks only with a target group that a load balancer uses."""
    for balanced in properties["loadBalancers"] or []:
        arn = balanced.get("targetGroupArn")
        if arn and not lb.listens_for(arn, cloud):
            yield Problem(
                "loadBalancers",
                f"InvalidParameterException: The target group with targetGroupArn {arn} does not "
                "have an associated load balancer: let the service depend on the listener",
            )


def load_balanced_container_exists(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The container and port behind the load balancer are in the task definition."""
    task = _task(properties, cloud)
    if task is None:
        return
    ports = {
        container["name"]: [
            mapping.get("containerPort") for mapping in container.get("portMappings") or []
        ]
        for container in ecs.containers(task.get("containerDefinitions"))
    }
    for balanced in properties["loadBalancers"] or []:
        name, port = balanced["containerName"], balanced["containerPort"]
        if name not in ports:
            yield Problem(
                "loadBalancers",
                f"InvalidParameterException: The container {name} does not exist in the task "
                f"definition: it has {', '.join(ports)}",
            )
        elif port not in ports[name]:
            yield Problem(
                "loadBalancers",
                f"InvalidParameterException: The container {name} did not have a container port "
                f"{port} defined",
            )


def capacity_belongs_to_cluster(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A service uses only capacity providers of its cluster."""
    cluster = _cluster(properties, cloud)
    if cluster is None:
        return
    held = {
        name
        for item in cloud.all(_CLUSTER_PROVIDERS)
        if item.get("clusterName") == cluster.get("name")
        for name in item.get("capacityProviders") or []
    }
    for item in properties["capacityProviderStrategies"] or []:
        if item["capacityProvider"] not in held:
            yield Problem(
                "capacityProviderStrategies",
                "InvalidParameterException: The specified capacity provider "
                f"'{item['capacityProvider']}' was not found: it is not associated with the "
                f"cluster {cluster.get('name')}; let the service depend on the "
                "ClusterCapacityProviders",
            )


def _cluster(properties: Properties, cloud: AwsCloud) -> CloudObject | None:
    given = properties["cluster"]
    return cloud.find(_CLUSTER, "arn" if given.startswith("arn:") else "name", given)


def instances_can_hold_the_task(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A task that is larger than the instances is never placed."""
    task = _task(properties, cloud)
    if task is None:
        return
    for item in properties["capacityProviderStrategies"] or []:
        name = item["capacityProvider"]
        for instance in _instance_types(name, cloud):
            for reason in _placement_reasons(task, instance):
                yield Problem(
                    "capacityProviderStrategies",
                    "service was unable to place a task because no container instance met all of "
                    f"its requirements: {reason} ({name})",
                )


def _instance_types(provider: str, cloud: AwsCloud) -> list[catalog.InstanceType]:
    found = cloud.find(ecs.CAPACITY_PROVIDER, "name", provider)
    arn = found.get("autoScalingGroupProvider.autoScalingGroupArn") if found else None
    group = cloud.find(_GROUP, "arn", arn) if arn else None
    return [catalog.instance_type(n) for n in autoscaling.launched(group, cloud)] if group else []


def _placement_reasons(task: CloudObject, instance: catalog.InstanceType) -> Iterator[str]:
    containers = ecs.containers(task.get("containerDefinitions"))
    cpu = int(task.get("cpu") or sum(c.get("cpu") or 0 for c in containers))
    memory = int(
        task.get("memory")
        or sum(c.get("memoryReservation") or c.get("memory") or 0 for c in containers)
    )
    if cpu > instance.vcpus * 1024:
        yield (f"the task wants {cpu} CPU units, {instance.name} has {instance.vcpus * 1024}")
    if memory > instance.memory_gib * 1024:
        yield (f"the task wants {memory} MiB, {instance.name} has {instance.memory_gib * 1024:.0f}")
    wanted = _ARCHITECTURES.get(task.get("runtimePlatform.cpuArchitecture") or "X86_64")
    if wanted != instance.architecture:
        yield f"the task is for {wanted}, {instance.name} is {instance.architecture}"


def secrets_can_be_read(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """Secrets have a value, and the execution role may read them; else no task ever starts."""
    task = _task(properties, cloud)
    if task is None:
        return
    role = str(task.get("executionRoleArn") or "").rpartition("/")[2]
    statements = _role_statements(role, cloud)
    with_value = {
        version.get("secretId")
        for version in cloud.all("aws:secretsmanager/secretVersion:SecretVersion")
    }
    for container in ecs.containers(task.get("containerDefinitions")):
        for secret in container.get("secrets") or []:
            arn = ecs.secret_arn(secret["valueFrom"], cloud)
            if arn is None:
                continue
            start = (
                f"ResourceInitializationError: unable to pull secrets: {secret['name']} of "
                f"container {container['name']!r}"
            )
            if arn not in with_value:
                yield Problem(
                    "taskDefinition",
                    f"{start}: Secrets Manager can't find the specified secret value for staging "
                    f"label: AWSCURRENT; let the service depend on the SecretVersion of {arn}",
                )
            if statements is not None and not _may_read(arn, statements):
                yield Problem(
                    "taskDefinition",
                    f"{start}: AccessDeniedException: the execution role {role} is not authorized "
                    f"to perform secretsmanager:GetSecretValue on {arn}; let the service depend on "
                    "the policy that allows it",
                )


def _may_read(arn: str, statements: list[documents.Statement]) -> bool:
    return any(
        statement.allows
        and statement.covers("secretsmanager:GetSecretValue")
        and statement.applies_to(arn)
        for statement in statements
    )


def _role_statements(role: str, cloud: AwsCloud) -> list[documents.Statement] | None:
    """The statements of a role's policies; None when a policy of AWS's is among them that the
    sandbox does not have the text of."""
    texts = [
        policy.get("policy")
        for policy in cloud.all("aws:iam/rolePolicy:RolePolicy")
        if policy.get("role") == role
    ]
    for attachment in cloud.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
        if attachment.get("role") != role:
            continue
        policy = cloud.find("aws:iam/policy:Policy", "arn", attachment.get("policyArn"))
        if policy is not None:
            texts.append(policy.get("policy"))
        elif not attachment.get("policyArn").endswith(_KNOWN_MANAGED):
            return None
    return [statement for text in texts for statement in documents.parse(text)]


def launch_type(properties: Properties, cloud: AwsCloud) -> str:
    """What one gets who names none: instances, unless a strategy says otherwise."""
    return "" if properties["capacityProviderStrategies"] else "EC2"


def platform_version(properties: Properties, cloud: AwsCloud) -> str:
    """Only Fargate has platform versions."""
    return "LATEST" if _on_fargate(properties) else ""


def exists(resource_id: str, cloud: AwsCloud) -> bool:
    """Whether `service/<cluster>/<service>` names a service."""
    match = re.fullmatch(r"service/([^/]+)/([^/]+)", resource_id)
    if match is None:
        return False
    return any(
        service.get("name") == match[2]
        and str(service.get("cluster")).rpartition("/")[2] == match[1]
        for service in cloud.all(SERVICE)
    )
