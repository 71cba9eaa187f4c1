"""What AWS refuses of databases, caches and buckets, and what a change of them means."""

from __future__ import annotations

import pytest

from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import Estate, Inputs, lifecycle_rule, policy
from tests.sandbox.engine import Refused

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
DATABASE = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def _open_policy(estate: Estate) -> Inputs:
    bucket = estate.get(BUCKET, "arn")
    estate.make("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    return {"policy": policy({**ALLOW, "Principal": "*", "Resource": f"{bucket}/*"})}


def _replica_of_a_server_without_backups(estate: Estate) -> Inputs:
    source = estate.make(DATABASE, "careless", backupRetentionPeriod=0)
    new = ("allocatedStorage", "dbName", "engine", "engineVersion", "password", "username")
    return {
        **dict.fromkeys(new),
        "maxAllocatedStorage": None,
        "parameterGroupName": None,
        "replicateSourceDb": source.outputs["identifier"],
        "skipFinalSnapshot": True,
    }


def _other_vpc(estate: Estate) -> str:
    return estate.make(VPC, "other", cidrBlock="10.1.0.0/16").id


def _subnets_of_two_vpcs(estate: Estate) -> Inputs:
    other = estate.make(
        SUBNET,
        "other",
        vpcId=_other_vpc(estate),
        cidrBlock="10.1.1.0/24",
        availabilityZone="us-east-1b",
    )
    return {"subnetIds": [estate.subnet("a", 1), other.id]}


CASES = [
    Case(
        "a database class that does not exist",
        DATABASE,
        {"instanceClass": "db.r5.lage"},
        "db.r5.large",
    ),
    Case(
        "a PostgreSQL version that does not exist",
        DATABASE,
        {"engineVersion": "16.99"},
        "Cannot find version 16.99",
    ),
    Case(
        "a retired PostgreSQL version",
        DATABASE,
        {"engineVersion": "9.6.24"},
        "Cannot find version",
    ),
    Case(
        "less room at most than now",
        DATABASE,
        {"maxAllocatedStorage": 100},
        "Max storage size 100",
    ),
    Case(
        "a password with an @",
        DATABASE,
        {"password": "p@ssword-long"},
        "not a valid password",
    ),
    Case(
        "a database without a password",
        DATABASE,
        {"password": None},
        "a password must be provided",
    ),
    Case(
        "gp3 with iops on a small volume",
        DATABASE,
        {"iops": 6000},
        "storage size less than 400",
    ),
    Case(
        "monitoring without a role",
        DATABASE,
        {"monitoringInterval": 60},
        "A MonitoringRoleARN value",
    ),
    Case(
        "advanced insights without history",
        DATABASE,
        {"databaseInsightsMode": "advanced"},
        "at least 465",
    ),
    Case(
        "backups for 36 days",
        DATABASE,
        {"backupRetentionPeriod": 36},
        "above the maximum of 35",
    ),
    Case(
        "a parameter group of another version",
        DATABASE,
        {"engineVersion": "17"},
        "DBParameterGroupFamily postgres16",
    ),
    Case(
        "a static parameter at once",
        "aws:rds/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "max_connections", "value": "500"}]},
        "immediate apply method for static parameter max_connections",
    ),
    Case(
        "a parameter with a unit",
        "aws:rds/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "work_mem", "value": "64MB"}]},
        "allowed values are: 64-2147483647",
    ),
    Case(
        "a family that does not exist",
        "aws:rds/parameterGroup:ParameterGroup",
        {"family": "postgres99"},
        "postgres16",
    ),
    Case(
        "a cache node that does not exist",
        CACHE,
        {"nodeType": "cache.t4g.huge"},
        "no cache node type",
    ),
    Case(
        "failover with nothing to fail over to",
        CACHE,
        {"numCacheClusters": 1},
        "must be at least 2",
    ),
    Case(
        "several zones without failover",
        CACHE,
        {"automaticFailoverEnabled": False},
        "automaticFailoverEnabled must be true",
    ),
    Case(
        "a cache password without TLS",
        CACHE,
        {"authToken": "x" * 20},
        "transitEncryptionEnabled",
    ),
    Case(
        "a Redis version that does not exist",
        CACHE,
        {"engineVersion": "8.0"},
        "Cannot find version 8.0 for redis",
    ),
    Case(
        "parameters of another engine",
        CACHE,
        {"engine": "valkey", "engineVersion": "8.0"},
        "family valkey8",
    ),
    Case(
        "a cache family that does not exist",
        "aws:elasticache/parameterGroup:ParameterGroup",
        {"family": "redis9"},
        "redis7",
    ),
    Case(
        "an eviction policy that is none",
        "aws:elasticache/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "maxmemory-policy", "value": "lru"}]},
        "allkeys-lru",
    ),
    Case(
        "persistence set in a parameter group",
        "aws:elasticache/parameterGroup:ParameterGroup",
        {"parameters": [{"name": "appendonly", "value": "yes"}]},
        "appendonly cannot be modified",
    ),
    Case(
        "a bucket in capital letters",
        BUCKET,
        {"bucket": "Letta"},
        "lower-case letters",
    ),
    Case(
        "versioning inside the bucket",
        BUCKET,
        {"versioning": {"enabled": True}},
        "aws:s3/bucketVersioning:BucketVersioning",
    ),
    Case(
        "a bucket like an address",
        BUCKET,
        {"bucket": "10.0.0.1"},
        "not like an IP address",
    ),
    Case(
        "infrequent access after 29 days",
        LIFECYCLE,
        {"rules": [lifecycle_rule({"days": 29, "storageClass": "STANDARD_IA"})]},
        "greater than or equal to 30",
    ),
    Case(
        "archive 29 days after infrequent access",
        LIFECYCLE,
        {
            "rules": [
                lifecycle_rule(
                    {"days": 30, "storageClass": "STANDARD_IA"},
                    {"days": 59, "storageClass": "GLACIER"},
                )
            ]
        },
        "30 days more than for 'STANDARD_IA'",
    ),
    Case(
        "an end before the archive",
        LIFECYCLE,
        {
            "rules": [
                lifecycle_rule({"days": 90, "storageClass": "GLACIER"}, expiration={"days": 90})
            ]
        },
        "must be greater than 90",
    ),
    Case(
        "a rule that does nothing",
        LIFECYCLE,
        {"rules": [lifecycle_rule()]},
        "At least one action",
    ),
    Case(
        "a key with AES256",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "AES256",
                        "kmsMasterKeyId": "alias/it",
                    }
                }
            ]
        },
        "is not applicable",
    ),
    Case(
        "a bucket's policy about another bucket",
        "aws:s3/bucketPolicy:BucketPolicy",
        {"policy": policy({**ALLOW, "Principal": "*", "Resource": "arn:aws:s3:::other/*"})},
        "Policy has invalid resource",
    ),
    Case(
        "databases in one zone",
        "aws:rds/subnetGroup:SubnetGroup",
        lambda e: {"subnetIds": [e.subnet("a", 1)]},
        "DBSubnetGroupDoesNotCoverEnoughAZs",
    ),
    Case(
        "a replica without backups",
        DATABASE,
        _replica_of_a_server_without_backups,
        "Automated backups are not enabled",
    ),
    Case(
        "a public policy where that is blocked",
        "aws:s3/bucketPolicy:BucketPolicy",
        _open_policy,
        "public policies are blocked",
    ),
    Case(
        "caches in two VPCs",
        "aws:elasticache/subnetGroup:SubnetGroup",
        _subnets_of_two_vpcs,
        "not in one VPC",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


def test_storage_cannot_be_made_smaller(estate: Estate) -> None:
    database = estate.make(DATABASE)
    smaller = {**database.inputs, "allocatedStorage": 100, "maxAllocatedStorage": None}
    smaller.pop("maxAllocatedStorage")
    with pytest.raises(Refused, match="storage cannot be made smaller"):
        estate.engine.update(database, smaller)


def test_a_major_upgrade_must_be_allowed(estate: Estate) -> None:
    database = estate.make(DATABASE, "plain", parameterGroupName="default.postgres16")
    newer = {**database.inputs, "engineVersion": "17", "parameterGroupName": "default.postgres17"}
    with pytest.raises(Refused, match="AllowMajorVersionUpgrade"):
        estate.engine.update(database, newer)


def test_a_database_with_deletion_protection_stays(estate: Estate) -> None:
    database = estate.make(DATABASE, "kept", deletionProtection=True)
    with pytest.raises(Refused, match="Cannot delete protected DB Instance"):
        estate.engine.delete(database)


def test_a_replica_takes_after_its_source(estate: Estate) -> None:
    source = estate.make(DATABASE)
    replica = estate.engine.create(
        DATABASE,
        "replica",
        {
            "instanceClass": "db.r5.large",
            "replicateSourceDb": source.outputs["identifier"],
            "skipFinalSnapshot": True,
            "storageEncrypted": True,
        },
    )
    same = ("engine", "engineVersionActual", "username", "allocatedStorage", "kmsKeyId")
    assert all(replica.outputs[name] == source.outputs[name] for name in same)
