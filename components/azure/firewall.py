"""Firewall: the policy before the load balancer (requirement N5)."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import network

from components.args import WafArgs
from components.azure.place import Place

RULE_SET = ("Microsoft_DefaultRuleSet", "2.1")
"""Rules that Microsoft keeps (Web Application Firewall documentation, "DRS rule groups")."""
BOT_RULES = ("Microsoft_BotManagerRuleSet", "1.1")
RATE_PRIORITY = 10
NOBODY = "255.255.255.255/32"
"""An address that calls from nowhere: what is not it is everybody."""


def firewall(
    name: str, args: WafArgs, place: Place, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Make the policy; its id, known at preview.

    Bodies are not searched: what users write to agents holds code and SQL, and would be taken for
    an attack. That lifts the limit on their size too, which would cut long prompts at 2 MB.
    """
    found = network.WebApplicationFirewallPolicy(
        name,
        policy_name=name,
        resource_group_name=place.group,
        location=place.region,
        policy_settings={
            "state": "Enabled",
            "mode": "Prevention",
            "request_body_check": False,
            "request_body_enforcement": False,
            "file_upload_enforcement": False,
        },
        custom_rules=[_rate(args)],
        managed_rules={
            "managed_rule_sets": [
                {"rule_set_type": kind, "rule_set_version": version}
                for kind, version in (RULE_SET, BOT_RULES)
            ]
        },
        tags=place.tags,
        opts=opts,
    )
    return place.of(
        found, f"Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/{name}"
    )


def _rate(args: WafArgs) -> Any:  # noqa: ANN401  (the SDK's dictionary)
    return {
        "name": "callers",
        "priority": RATE_PRIORITY,
        "rule_type": "RateLimitRule",
        "rate_limit_duration": "FiveMins",
        "rate_limit_threshold": args.requests_per_five_minutes,
        "group_by_user_session": [{"group_by_variables": [{"variable_name": "ClientAddr"}]}],
        "match_conditions": [
            {
                "match_variables": [{"variable_name": "RemoteAddr"}],
                "operator": "IPMatch",
                "negation_conditon": True,
                "match_values": [NOBODY],
            }
        ],
        "action": "Block",
    }
