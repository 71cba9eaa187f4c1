"""Good resources: queues, topics and monitoring."""

from __future__ import annotations

import json

from tests.sandbox.aws.estate import Estate, Inputs, good, policy


@good("aws:sqs/queue:Queue")
def _(estate: Estate) -> Inputs:
    return {"visibilityTimeoutSeconds": 900}


@good("aws:sqs/queuePolicy:QueuePolicy")
def _(estate: Estate) -> Inputs:
    queue = estate.make("aws:sqs/queue:Queue")
    return {
        "queueUrl": queue.id,
        "policy": policy(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sqs:*",
                "Resource": queue.outputs["arn"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ),
    }


@good("aws:sqs/redrivePolicy:RedrivePolicy")
def _(estate: Estate) -> Inputs:
    dead = estate.get("aws:sqs/queue:Queue", "arn", "dead")
    return {
        "queueUrl": estate.make("aws:sqs/queue:Queue").id,
        "redrivePolicy": json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 5}),
    }


@good("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")
def _(estate: Estate) -> Inputs:
    source = estate.get("aws:sqs/queue:Queue", "arn")
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [source]}
    return {
        "queueUrl": estate.make("aws:sqs/queue:Queue", "dead").id,
        "redriveAllowPolicy": json.dumps(allowed),
    }


@good("aws:sns/topic:Topic")
def _(estate: Estate) -> Inputs:
    return {"kmsMasterKeyId": estate.make("aws:kms/key:Key").id}


@good("aws:sns/topicPolicy:TopicPolicy")
def _(estate: Estate) -> Inputs:
    topic = estate.make("aws:sns/topic:Topic").id
    return {
        "arn": topic,
        "policy": policy(
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
            }
        ),
    }


@good("aws:sns/topicSubscription:TopicSubscription")
def _(estate: Estate) -> Inputs:
    topic = estate.make("aws:sns/topic:Topic").id
    return {"topic": topic, "protocol": "email", "endpoint": "operator@example.com"}


@good("aws:cloudwatch/logGroup:LogGroup")
def _(estate: Estate) -> Inputs:
    return {"retentionInDays": 30, "kmsKeyId": estate.get("aws:kms/key:Key", "arn")}


@good("aws:cloudwatch/metricAlarm:MetricAlarm")
def _(estate: Estate) -> Inputs:
    return {
        "namespace": "AWS/RDS",
        "metricName": "DatabaseConnections",
        "statistic": "Maximum",
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 100,
        "period": 60,
        "evaluationPeriods": 5,
        "alarmActions": [estate.make("aws:sns/topic:Topic").id],
    }


@good("aws:cloudwatch/logMetricFilter:LogMetricFilter")
def _(estate: Estate) -> Inputs:
    return {
        "logGroupName": estate.make("aws:cloudwatch/logGroup:LogGroup").id,
        "pattern": '"Failed to initialize Redis"',
        "metricTransformation": {"name": "NoRedis", "namespace": "Letta", "value": "1"},
    }


@good("aws:cloudwatch/dashboard:Dashboard")
def _(estate: Estate) -> Inputs:
    widget = {"type": "text", "properties": {"markdown": "# Letta"}, "width": 24}
    return {"dashboardName": "letta", "dashboardBody": json.dumps({"widgets": [widget]})}


@good("aws:budgets/budget:Budget")
def _(estate: Estate) -> Inputs:
    return {
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "900",
        "limitUnit": "USD",
        "notifications": [
            {
                "comparisonOperator": "GREATER_THAN",
                "notificationType": "FORECASTED",
                "threshold": 100,
                "thresholdType": "PERCENTAGE",
                "subscriberSnsTopicArns": [estate.make("aws:sns/topic:Topic").id],
            }
        ],
    }
