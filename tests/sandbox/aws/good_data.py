"""Good resources: databases, caches and buckets."""

from __future__ import annotations

from tests.sandbox.aws.estate import Estate, Inputs, good, lifecycle_rule, policy


@good("aws:rds/subnetGroup:SubnetGroup")
def _(estate: Estate) -> Inputs:
    return {"subnetIds": estate.subnets}


@good("aws:rds/parameterGroup:ParameterGroup")
def _(estate: Estate) -> Inputs:
    return {
        "family": "postgres16",
        "parameters": [
            {"name": "shared_buffers", "value": "524288", "applyMethod": "pending-reboot"},
            {"name": "work_mem", "value": "65536"},
        ],
    }


@good("aws:rds/instance:Instance")
def _(estate: Estate) -> Inputs:
    return {
        "allocatedStorage": 200,
        "maxAllocatedStorage": 400,
        "backupRetentionPeriod": 7,
        "dbName": "letta",
        "dbSubnetGroupName": estate.make("aws:rds/subnetGroup:SubnetGroup").id,
        "engine": "postgres",
        "engineVersion": "16",
        "finalSnapshotIdentifier": "letta-final-1",
        "instanceClass": "db.r5.large",
        "parameterGroupName": estate.make("aws:rds/parameterGroup:ParameterGroup").id,
        "password": "of-no-worth-at-all",
        "storageEncrypted": True,
        "storageType": "gp3",
        "username": "letta_admin",
        "vpcSecurityGroupIds": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
    }


@good("aws:elasticache/subnetGroup:SubnetGroup")
def _(estate: Estate) -> Inputs:
    return {"subnetIds": estate.subnets}


@good("aws:elasticache/parameterGroup:ParameterGroup")
def _(estate: Estate) -> Inputs:
    return {
        "family": "redis7",
        "parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
    }


@good("aws:elasticache/replicationGroup:ReplicationGroup")
def _(estate: Estate) -> Inputs:
    return {
        "description": "of a test",
        "engine": "redis",
        "engineVersion": "7.1",
        "nodeType": "cache.t4g.medium",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "parameterGroupName": estate.make("aws:elasticache/parameterGroup:ParameterGroup").id,
        "subnetGroupName": estate.make("aws:elasticache/subnetGroup:SubnetGroup").id,
        "securityGroupIds": [estate.make("aws:ec2/securityGroup:SecurityGroup").id],
    }


@good("aws:s3/bucket:Bucket")
def _(estate: Estate) -> Inputs:
    return {}


@good("aws:s3/bucketVersioning:BucketVersioning")
def _(estate: Estate) -> Inputs:
    return {**_bucket(estate), "versioningConfiguration": {"status": "Enabled"}}


def _bucket(estate: Estate) -> Inputs:
    return {"bucket": estate.make("aws:s3/bucket:Bucket").id}


@good("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")
def _(estate: Estate) -> Inputs:
    default = {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": estate.get("aws:kms/key:Key", "arn"),
    }
    rule = {"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": True}
    return {**_bucket(estate), "rules": [rule]}


@good("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
def _(estate: Estate) -> Inputs:
    return {
        **_bucket(estate),
        "rules": [lifecycle_rule({"days": 30, "storageClass": "STANDARD_IA"})],
    }


@good("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
def _(estate: Estate) -> Inputs:
    return {**_bucket(estate), "blockPublicPolicy": True}


@good("aws:s3/bucketOwnershipControls:BucketOwnershipControls")
def _(estate: Estate) -> Inputs:
    return {**_bucket(estate), "rule": {"objectOwnership": "BucketOwnerEnforced"}}


@good("aws:s3/bucketPolicy:BucketPolicy")
def _(estate: Estate) -> Inputs:
    bucket = estate.get("aws:s3/bucket:Bucket", "arn")
    return {
        **_bucket(estate),
        "policy": policy(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket, f"{bucket}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ),
    }


@good("aws:s3/bucketLogging:BucketLogging")
def _(estate: Estate) -> Inputs:
    target = estate.make("aws:s3/bucket:Bucket", "log").id
    return {**_bucket(estate), "targetBucket": target, "targetPrefix": "s3/"}
