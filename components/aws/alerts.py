"""Alerts: the topic that alarms go to, its receivers, and the budget."""

from __future__ import annotations

import hashlib
import json

import pulumi
from pulumi_aws import budgets, sns

from components.aws.place import Place
from components.roles import SiteArgs

BUDGET_USED_PERCENT = 80
"""Share of the budget already spent that is reported."""
BUDGET_FORECAST_PERCENT = 100
"""Share of the budget that AWS forecasts for the month's end."""


class Alerts(pulumi.ComponentResource):
    """SNS topic with e-mail subscriptions, and a monthly budget (requirement O4)."""

    topic_arn: pulumi.Output[str]
    """ARN of the topic, known at preview."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        key_arn: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            "letta:aws:Alerts",
            name,
            {"emails": len(args.monitoring.alarm_emails), "alertUsd": args.alert_usd},
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        topic = sns.Topic(name, kms_master_key_id=key_arn, opts=child)
        self.topic_arn = topic.name.apply(lambda named: place.arn("sns", named))
        policy = sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=self.topic_arn.apply(lambda arn: _topic_policy(arn, place)),
            opts=child,
        )
        for address in args.monitoring.alarm_emails:
            sns.TopicSubscription(
                f"{name}-{hashlib.sha256(address.encode()).hexdigest()[:8]}",
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                opts=child,
            )
        if args.alert_usd is not None:
            _budget(self, name, args.alert_usd, topic.arn, policy)
        self.register_outputs({"topicArn": self.topic_arn})


def _topic_policy(topic_arn: str, place: Place) -> str:
    """Publishing is for this account's alarms and budgets (SNS developer guide, "Example
    cases for Amazon SNS access control"); people publish by their IAM policies."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": sid,
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sns:Publish",
                    "Resource": topic_arn,
                    "Condition": {"StringEquals": {"aws:SourceAccount": place.account}},
                }
                for sid, service in (
                    ("Alarms", "cloudwatch.amazonaws.com"),
                    ("Budgets", "budgets.amazonaws.com"),
                )
            ],
        }
    )


def _budget(
    alerts: Alerts,
    name: str,
    limit_usd: float,
    topic_arn: pulumi.Output[str],
    policy: sns.TopicPolicy,
) -> None:
    """A monthly cost budget of the whole account: cost filters by tag see nothing until the
    tag is activated by hand in the billing console, and then alert on nothing."""
    budgets.Budget(
        name,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=f"{limit_usd:.2f}",
        limit_unit="USD",
        notifications=[
            budgets.BudgetNotificationArgs(
                notification_type=notification_type,
                comparison_operator="GREATER_THAN",
                threshold=percent,
                threshold_type="PERCENTAGE",
                subscriber_sns_topic_arns=[topic_arn],
            )
            for notification_type, percent in (
                ("ACTUAL", BUDGET_USED_PERCENT),
                ("FORECASTED", BUDGET_FORECAST_PERCENT),
            )
        ],
        # Budgets checks that it may publish when the notification is made.
        opts=pulumi.ResourceOptions(parent=alerts, depends_on=[policy]),
    )
