"""Budgets."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.azure_native.cloud import AzureCloud
from sandbox.cloud import Properties
from sandbox.errors import Problem

MOST_NOTIFICATIONS = 5
_MOST_PERCENT = 1000


def notifications(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """Somebody is told, at a share that can be (Cost Management documentation, "Create and manage
    budgets")."""
    given = properties["notifications"] or {}
    if not 1 <= len(given) <= MOST_NOTIFICATIONS:
        yield Problem("notifications", f"1 to {MOST_NOTIFICATIONS} are needed, not {len(given)}")
    for name, one in given.items():
        if not 0 < one["threshold"] <= _MOST_PERCENT:
            yield Problem(
                "notifications", f"threshold of {name} must be a per cent up to {_MOST_PERCENT}"
            )
        if not (one["contactEmails"] or one.get("contactGroups") or one.get("contactRoles")):
            yield Problem("notifications", f"nobody is told by {name}")


def period(properties: Properties, cloud: AzureCloud) -> Iterator[Problem]:
    """A budget begins on the first of a month."""
    start = str(properties.get("timePeriod.startDate"))
    if start[8:10] != "01":
        yield Problem("timePeriod", f"startDate {start} must be the first of a month")
