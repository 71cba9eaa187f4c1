"""Policy of the stack's KMS key: who may use it, said in full."""

from __future__ import annotations

import json
from typing import Any

from components.aws.place import Place

ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
USE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey")
"""What a service needs to publish to an encrypted topic (SNS developer guide, "Configuring
KMS permissions for SNS")."""
THIS_KEY = "*"
"""In a key policy the resource is the key that the policy is attached to."""


def key_policy(place: Place) -> str:
    """The key's policy as JSON, known at preview.

    The account's own principals are admitted as far as their IAM policies go: databases,
    caches and Secrets Manager use the key by grants of whoever creates them. Beside them,
    CloudWatch Logs for log groups of this account ("Encrypt log data in CloudWatch Logs"),
    and the services that publish alarms.
    """
    account = {"StringEquals": {"aws:SourceAccount": place.account}}
    statements = [
        _allow("Account", {"AWS": place.account_root}, sorted({*ADMINISTRATION, *USE})),
        _allow(
            "Logs",
            {"Service": f"logs.{place.region}.amazonaws.com"},
            USE,
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.arn("logs", "log-group:*")}},
        ),
        _allow("Alarms", {"Service": "cloudwatch.amazonaws.com"}, PUBLISH, account),
        _allow("Budgets", {"Service": "budgets.amazonaws.com"}, PUBLISH, account),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(
    sid: str,
    principal: dict[str, str],
    actions: tuple[str, ...] | list[str],
    condition: dict[str, dict[str, str]] | None = None,
) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": THIS_KEY,
    }
    return {**statement, "Condition": condition} if condition else statement
