"""Physical names of the longest stack stay within what AWS takes."""

from __future__ import annotations

import pytest

from components.naming import BASE_LIMIT, base_name
from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import NAME_PREFIX, NAMED_BY, Registered

_SUFFIX = "-1234567"

LIMITS = {
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:ecs/cluster:Cluster": 255,
    "aws:ecs/service:Service": 255,
    "aws:ecs/capacityProvider:CapacityProvider": 255,
    "aws:ec2/launchTemplate:LaunchTemplate": 128,
    "aws:autoscaling/group:Group": 255,
    "aws:iam/instanceProfile:InstanceProfile": 128,
    "aws:iam/rolePolicy:RolePolicy": 128,
    "aws:lambda/function:Function": 64,
    "aws:rds/instance:Instance": 63,
    "aws:rds/subnetGroup:SubnetGroup": 255,
    "aws:rds/parameterGroup:ParameterGroup": 255,
    "aws:elasticache/replicationGroup:ReplicationGroup": 40,
    "aws:elasticache/subnetGroup:SubnetGroup": 255,
    "aws:elasticache/parameterGroup:ParameterGroup": 255,
    "aws:s3/bucket:Bucket": 63,
    "aws:sqs/queue:Queue": 80,
    "aws:iam/role:Role": 64,
    "aws:ec2/securityGroup:SecurityGroup": 255,
    "aws:kms/alias:Alias": 256,
    "aws:sns/topic:Topic": 256,
    "aws:secretsmanager/secret:Secret": 512,
    "aws:cloudwatch/logGroup:LogGroup": 512,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 255,
    "aws:ssm/parameter:Parameter": 1011,
    "aws:budgets/budget:Budget": 100,
}
"""Longest name by type: the API reference of each service; for a parameter what fits its ARN."""


@pytest.fixture(scope="module")
def longest() -> tuple[Registered, ...]:
    """All that stacks with a very long name deploy."""
    stack = "a-very-long-stack-name-of-some-department"
    assert len(base_name(stack)) == BASE_LIMIT
    small = deployed("small", stack=stack, budget=100)
    medium = deployed("medium", stack=stack, queue={"fifo": True})
    return (*small.resources, *medium.resources)


@pytest.mark.parametrize("type_", LIMITS)
def test_names_fit(longest: tuple[Registered, ...], type_: str) -> None:
    found = [each for each in longest if each.type == type_]
    assert found, f"{type_} is not deployed: take it off the table"
    for resource in found:
        automatic = NAME_PREFIX.get(type_, "") + resource.name + _SUFFIX
        name = str(resource.inputs.get(NAMED_BY.get(type_, "name"), automatic))
        assert len(name) <= LIMITS[type_], name
