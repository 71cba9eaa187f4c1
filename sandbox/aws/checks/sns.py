"""Topics and subscriptions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

_ENDPOINTS: Final = {
    "application": (r"arn:[^:]+:sns:.+", "the ARN of a platform endpoint"),
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    "email-json": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    "firehose": (r"arn:[^:]+:firehose:.+", "the ARN of a delivery stream"),
    "http": (r"http://.+", "an address that begins with http://"),
    "https": (r"https://.+", "an address that begins with https://"),
    "lambda": (r"arn:[^:]+:lambda:.+", "the ARN of a function"),
    "sms": (r"\+\d{7,15}", "a telephone number such as +15550100"),
    "sqs": (r"arn:[^:]+:sqs:.+", "the ARN of a queue"),
}
_MUST_CONFIRM: Final = ("email", "email-json", "http", "https")


def fifo_name(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The name of a FIFO topic, and of no other, ends in .fifo."""
    name = properties["name"]
    if name and name.endswith(".fifo") != bool(properties["fifoTopic"]):
        yield Problem(
            "name",
            f"invalid topic name: {name}: a name ends in .fifo if and only if fifoTopic is true",
        )


def default_policy(properties: Properties, cloud: AwsCloud) -> str:
    """What SNS gives a topic without a policy: the account may use it."""
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [
                        "SNS:GetTopicAttributes",
                        "SNS:SetTopicAttributes",
                        "SNS:Publish",
                        "SNS:Subscribe",
                    ],
                    "Resource": properties["arn"],
                    "Condition": {"StringEquals": {"AWS:SourceOwner": cloud.account}},
                }
            ],
        }
    )


def endpoint(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """The endpoint must be of the protocol's kind."""
    pattern, rule = _ENDPOINTS[properties["protocol"]]
    if not re.fullmatch(pattern, properties["endpoint"]):
        yield Problem(
            "endpoint",
            f"InvalidParameter: Invalid parameter: Endpoint: {properties['endpoint']!r} is not "
            f"{rule}",
        )


def awaits_confirmation(properties: Properties, cloud: AwsCloud) -> bool:
    """Whether somebody has to confirm the subscription."""
    return properties["protocol"] in _MUST_CONFIRM


def confirmed_at_once(properties: Properties, cloud: AwsCloud) -> bool:
    """Whether the account's own endpoint needed no confirmation."""
    return not awaits_confirmation(properties, cloud)
