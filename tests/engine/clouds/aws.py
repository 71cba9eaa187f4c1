"""AWS: what of a stack holds data or opens it."""

from __future__ import annotations

from tests.engine.clouds import Told

TOLD = Told(
    data=(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "aws:kms/key:Key",
        "aws:rds/instance:Instance",
        "aws:s3/bucket:Bucket",
        "aws:secretsmanager/secret:Secret",
        "aws:ssm/parameter:Parameter",
    ),
)
