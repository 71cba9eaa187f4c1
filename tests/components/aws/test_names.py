"""Physical names of the longest stack stay within what AWS takes."""

from __future__ import annotations

import pulumi
import pytest

from components.args import BucketArgs, QueueArgs
from components.aws.bucket import Bucket, LogBucket
from components.aws.cache import cache
from components.aws.database import Database
from components.aws.queue import Queue
from components.aws.site import site
from components.naming import BASE_LIMIT, base_name
from tests.components.aws.conftest import MakeSiteArgs
from tests.components.aws.mock_cloud import NAME_PREFIX, NAMED_BY, Run, run
from tests.components.aws.test_cache import ARGS as CACHE
from tests.components.aws.test_database import ARGS as DATABASE

_SUFFIX = "-1234567"

LIMITS = {
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
def longest(site_args: MakeSiteArgs) -> Run[None]:
    """Everything below the tiers, of a stack with a very long name."""
    base = base_name("a-very-long-stack-name-of-some-department")
    assert len(base) == BASE_LIMIT
    opts = pulumi.ResourceOptions()

    def program() -> None:
        where = site(base, site_args(budget_usd=100), opts)
        Database(f"{base}-db", DATABASE, where, opts)
        cache(f"{base}-cache", CACHE, where, opts)
        Bucket(f"{base}-data", BucketArgs(), where, opts)
        LogBucket(f"{base}-in-logs", where, opts)
        Queue(f"{base}-jobs", QueueArgs(fifo=True), where, opts)

    return run(program)


@pytest.mark.parametrize("type_", LIMITS)
def test_names_fit(longest: Run[None], type_: str) -> None:
    found = longest.all(type_)
    assert found, f"{type_} is not deployed: take it off the table"
    for resource in found:
        automatic = NAME_PREFIX.get(type_, "") + resource.name + _SUFFIX
        name = str(resource.inputs.get(NAMED_BY.get(type_, "name"), automatic))
        assert len(name) <= LIMITS[type_], name
