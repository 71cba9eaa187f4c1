"""Encryption keys."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sandbox.aws.checks import documents
from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

KEY = "aws:kms/key:Key"


def default_policy(properties: Properties, cloud: AwsCloud) -> str:
    """What KMS gives a key without a policy: the account may do everything by IAM."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [
                {
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Allow",
                    "Principal": {"AWS": _root(cloud)},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    )


def policy_keeps_the_account(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """KMS refuses a policy that would lock out whoever sets it."""
    if not properties["policy"] or properties["bypassPolicyLockoutSafetyCheck"]:
        return
    try:
        statements = documents.parse(properties["policy"])
    except documents.NoDocumentError:
        return
    keepers = {"*", cloud.account, _root(cloud)}
    kept = any(
        statement.allows
        and statement.covers("kms:PutKeyPolicy")
        and keepers.intersection(statement.principals("AWS"))
        for statement in statements
    )
    if not kept:
        yield Problem(
            "policy",
            "MalformedPolicyDocumentException: The new key policy will not allow you to update "
            f"the key policy in the future: allow kms:* to {_root(cloud)}",
        )


def _root(cloud: AwsCloud) -> str:
    return f"arn:{cloud.partition}:iam::{cloud.account}:root"
