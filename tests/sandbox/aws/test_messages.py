"""What AWS refuses of queues, topics, logs, alarms and budgets, and what a change of them means."""

from __future__ import annotations

import json

from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import ACCOUNT, Estate, Inputs, policy

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
QUEUE = "aws:sqs/queue:Queue"
BUDGET = "aws:budgets/budget:Budget"
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def _closed_key(estate: Estate) -> Inputs:
    key = estate.make(
        "aws:kms/key:Key",
        "closed",
        policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ),
    )
    return {"kmsKeyId": key.outputs["arn"]}


def _key_of_another_group(estate: Estate) -> Inputs:
    key = estate.make(
        "aws:kms/key:Key",
        "narrow",
        policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Effect": "Allow",
                "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
                "Action": "kms:*",
                "Resource": "*",
                "Condition": {
                    "ArnEquals": {
                        "kms:EncryptionContext:aws:logs:arn": (
                            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:other"
                        )
                    }
                },
            },
        ),
    )
    return {"kmsKeyId": key.outputs["arn"]}


CASES = [
    Case(
        "a queue's policy without a principal",
        "aws:sqs/queuePolicy:QueuePolicy",
        {"policy": policy(ALLOW)},
        "Missing required field Principal",
    ),
    Case(
        "invisible for more than twelve hours",
        QUEUE,
        {"visibilityTimeoutSeconds": 43201},
        "above the maximum of 43200",
    ),
    Case(
        "kept for fifteen days",
        QUEUE,
        {"messageRetentionSeconds": 1296000},
        "above the maximum of 1209600",
    ),
    Case(
        "a FIFO name without FIFO",
        QUEUE,
        {"name": "jobs.fifo"},
        "ends in .fifo",
    ),
    Case(
        "dead letters of all by queue",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        {"redriveAllowPolicy": json.dumps({"redrivePermission": "byQueue"})},
        "goes with redrivePermission byQueue only",
    ),
    Case(
        "a FIFO topic's name without FIFO",
        "aws:sns/topic:Topic",
        {"name": "it.fifo"},
        "ends in .fifo",
    ),
    Case(
        "dead letters without a count",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        {"redrivePolicy": json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:1:q"})},
        "maxReceiveCount",
    ),
    Case(
        "dead letters to no queue",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        {
            "redrivePolicy": json.dumps(
                {
                    "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:none",
                    "maxReceiveCount": 5,
                }
            )
        },
        "NonExistentQueue",
    ),
    Case(
        "mail to no address",
        "aws:sns/topicSubscription:TopicSubscription",
        {"endpoint": "operator"},
        "is not an e-mail address",
    ),
    Case(
        "logs kept for 31 days",
        LOG_GROUP,
        {"retentionInDays": 31},
        "31 is not allowed",
    ),
    Case(
        "a period of 90 seconds",
        ALARM,
        {"period": 90},
        "90 is no period",
    ),
    Case(
        "an alarm over two days",
        ALARM,
        {"period": 600, "evaluationPeriods": 288},
        "across more than 86400",
    ),
    Case(
        "an alarm without a statistic",
        ALARM,
        {"statistic": None},
        "statistic or extendedStatistic",
    ),
    Case(
        "an alarm to no topic",
        ALARM,
        {"alarmActions": [f"arn:aws:sns:us-east-1:{ACCOUNT}:none"]},
        "NotFound",
    ),
    Case(
        "a filter that counts words",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        {"metricTransformation": {"name": "N", "namespace": "Letta", "value": "one"}},
        "neither a number",
    ),
    Case(
        "a dashboard of 25 columns",
        "aws:cloudwatch/dashboard:Dashboard",
        {
            "dashboardBody": json.dumps(
                {"widgets": [{"type": "text", "properties": {"markdown": "x"}, "width": 25}]}
            )
        },
        "reaches over the 24 columns",
    ),
    Case(
        "a budget of nothing",
        BUDGET,
        {"limitAmount": "0"},
        "must be greater than 0",
    ),
    Case(
        "a warning to nobody",
        BUDGET,
        {
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                }
            ]
        },
        "at least one subscriber",
    ),
    Case(
        "a key that logs cannot use",
        LOG_GROUP,
        _closed_key,
        "not allowed to be used with Arn",
    ),
    Case(
        "a key for another log group",
        LOG_GROUP,
        _key_of_another_group,
        "not allowed to be used with Arn",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)
