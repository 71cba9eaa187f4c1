"""Alerts: the channels that alarms go to, and the budget."""

from __future__ import annotations

import hashlib

import pulumi
from pulumi_gcp import billing, monitoring

from components.gcp.place import Place
from components.roles import SiteArgs

BUDGET_USED_SHARE = 0.8
"""Share of the budget already spent that is reported."""
BUDGET_FORECAST_SHARE = 1.0
"""Share of the budget that Google forecasts for the month's end."""
MOST_BUDGET_CHANNELS = 5
"""Channels that a budget can tell (Cloud Billing documentation, "Customize budget alert email
recipients")."""


class Alerts(pulumi.ComponentResource):
    """A channel for each address, and a monthly budget of the project (requirement O4)."""

    channels: tuple[pulumi.Output[str], ...]
    """Ids of the channels."""

    def __init__(
        self,
        name: str,
        args: SiteArgs,
        place: Place,
        billing_account: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """`billing_account`: id of the account that the project is billed to; empty: none."""
        super().__init__(
            "letta:gcp:Alerts",
            name,
            {"emails": len(args.monitoring.alarm_emails), "alertUsd": args.alert_usd},
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        self.channels = tuple(
            monitoring.NotificationChannel(
                f"{name}-{hashlib.sha256(address.encode()).hexdigest()[:8]}",
                type="email",
                display_name=f"Alarms of {name}",
                labels={"email_address": address},
                opts=child,
            ).id
            for address in args.monitoring.alarm_emails
        )
        if args.alert_usd is not None and billing_account:
            self._budget(name, args.alert_usd, place, billing_account, child)
        self.register_outputs({})

    def _budget(
        self,
        name: str,
        limit_usd: float,
        place: Place,
        billing_account: str,
        opts: pulumi.ResourceOptions,
    ) -> None:
        """Without a channel, those who administer the billing account are told."""
        channels = list(self.channels[:MOST_BUDGET_CHANNELS])
        billing.Budget(
            name,
            billing_account=billing_account,
            display_name=name,
            amount=billing.BudgetAmountArgs(
                # In the currency of the billing account: no other is taken.
                specified_amount=billing.BudgetAmountSpecifiedAmountArgs(units=f"{limit_usd:.0f}")
            ),
            budget_filter=billing.BudgetBudgetFilterArgs(
                projects=[f"projects/{place.number}"], calendar_period="MONTH"
            ),
            threshold_rules=[
                billing.BudgetThresholdRuleArgs(threshold_percent=share, spend_basis=basis)
                for share, basis in (
                    (BUDGET_USED_SHARE, "CURRENT_SPEND"),
                    (BUDGET_FORECAST_SHARE, "FORECASTED_SPEND"),
                )
            ],
            all_updates_rule=billing.BudgetAllUpdatesRuleArgs(
                monitoring_notification_channels=channels
            )
            if channels
            else None,
            opts=opts,
        )
