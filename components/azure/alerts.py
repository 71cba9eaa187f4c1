"""Alerts: whom alarms tell, and the budget."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pulumi
from pulumi_azure_native import consumption, monitor

from components.azure.place import Place
from components.roles import SiteArgs

BUDGET_USED_PERCENT = 80
"""Share of the budget already spent that is reported."""
BUDGET_FORECAST_PERCENT = 100
"""Share of the budget that Azure forecasts for the month's end."""
SHORT_NAME = "letta"
"""What a text message calls the group: 12 characters at most."""


class Alerts(pulumi.ComponentResource):
    """A group of addresses that alarms tell, and a monthly budget of the resource group
    (requirement O4)."""

    group: pulumi.Output[str]
    """Id of the group, known at preview."""

    def __init__(
        self, name: str, args: SiteArgs, place: Place, opts: pulumi.ResourceOptions
    ) -> None:
        emails = args.monitoring.alarm_emails
        super().__init__(
            "letta:azure:Alerts", name, {"emails": len(emails), "alertUsd": args.alert_usd}, opts
        )
        child = pulumi.ResourceOptions(parent=self)
        group = monitor.ActionGroup(
            name,
            action_group_name=name,
            resource_group_name=place.group,
            location="Global",
            group_short_name=SHORT_NAME,
            enabled=True,
            email_receivers=[
                {
                    "name": hashlib.sha256(address.encode()).hexdigest()[:8],
                    "email_address": address,
                    "use_common_alert_schema": True,
                }
                for address in emails
            ],
            tags=place.tags,
            opts=child,
        )
        self.group = place.of(group, f"Microsoft.Insights/actionGroups/{name}")
        if args.alert_usd is not None:
            self._budget(name, args.alert_usd, place, emails)
        self.register_outputs({})

    def _budget(self, name: str, limit_usd: float, place: Place, emails: tuple[str, ...]) -> None:
        """Without an address, the owners of the subscription are told."""
        consumption.Budget(
            name,
            budget_name=name,
            scope=place.group_id,
            amount=float(f"{limit_usd:.0f}"),
            category="Cost",
            time_grain="Monthly",
            time_period={"start_date": f"{datetime.now(UTC):%Y-%m-01T00:00:00Z}"},
            notifications={
                kind: {
                    "enabled": True,
                    "operator": "GreaterThan",
                    "threshold": percent,
                    "threshold_type": kind,
                    "contact_emails": list(emails),
                    "contact_roles": [] if emails else ["Owner"],
                }
                for kind, percent in (
                    ("Actual", BUDGET_USED_PERCENT),
                    ("Forecasted", BUDGET_FORECAST_PERCENT),
                )
            },
            # A budget begins with the month in which it is made, and never begins anew.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["timePeriod"]),
        )
