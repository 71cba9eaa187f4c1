"""Budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from sandbox.aws.cloud import AwsCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem


def limit(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A sum above nothing, unless it is planned month by month or adjusts itself."""
    amount = properties["limitAmount"]
    if amount is None:
        if not properties["plannedLimits"] and not properties["autoAdjustData"]:
            yield Problem("limitAmount", "InvalidParameterException: a budget needs a limit")
        return
    if not re.fullmatch(r"\d+(\.\d+)?", amount) or float(amount) <= 0:
        yield Problem(
            "limitAmount",
            f"InvalidParameterException: Budget limit {amount!r} must be greater than 0",
        )


def subscribers(properties: Properties, cloud: AwsCloud) -> Iterator[Problem]:
    """A notification goes to somebody, when something above nothing is passed."""
    for notification in properties["notifications"] or []:
        given = [
            *(notification.get("subscriberEmailAddresses") or []),
            *(notification.get("subscriberSnsTopicArns") or []),
        ]
        if not given:
            yield Problem(
                "notifications",
                "InvalidParameterException: Notification should have at least one subscriber",
            )
        if notification["threshold"] <= 0:
            yield Problem(
                "notifications",
                f"InvalidParameterException: the threshold {notification['threshold']} must be "
                "greater than 0",
            )


def month_start(properties: Properties, cloud: AwsCloud) -> str:
    """Where a budget begins that is given no beginning."""
    return f"{datetime.now(UTC):%Y-%m}-01_00:00"
