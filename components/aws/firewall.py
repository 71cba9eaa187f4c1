"""Web application firewall: what is refused before it reaches a server."""

from __future__ import annotations

import pulumi
from pulumi_aws import lb, wafv2

from components.args import WafArgs
from components.aws import alarm_tables
from components.aws.alarms import raise_alarms
from components.aws.firewall_rules import MANAGED_RULES, RATE_LIMIT, WINDOW_SECONDS
from components.aws.site import Site

SECRET_HEADERS = ("authorization", "x-bare-password", "cookie")
"""Headers that bear the server's password: never logged."""

LOG_PREFIX = "aws-waf-logs-"
"""Without it the firewall does not write to a log group (WAF developer guide, "Sending web ACL
traffic logs to a CloudWatch Logs log group")."""

LOGGED = ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")
"""Actions that are logged."""


class Firewall(pulumi.ComponentResource):
    """A web ACL on a load balancer, with its log (requirement N5).

    Its name is the load balancer's, which the provider chooses at preview: metrics bear what the
    program says, not what the provider would choose, and both have to be the same name.
    """

    def __init__(
        self,
        name: str,
        args: WafArgs,
        site: Site,
        balancer: lb.LoadBalancer,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(
            "letta:aws:Firewall",
            name,
            {"requestsPerFiveMinutes": args.requests_per_five_minutes},
            opts,
        )
        child = pulumi.ResourceOptions(parent=self)
        # What hangs on a load balancer or a web ACL is found by that alone: the end of the old
        # one, after the new one is there, would take the new one away.
        only = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        acl = wafv2.WebAcl(
            name,
            name=balancer.name,
            scope="REGIONAL",
            description=f"Rate limit and managed rules of {name}",
            default_action={"allow": {}},
            rules=[_rate_limit(args.requests_per_five_minutes), *_managed()],
            visibility_config=_visibility(balancer.name),
            opts=child,
        )
        wafv2.WebAclAssociation(name, resource_arn=balancer.arn, web_acl_arn=acl.arn, opts=only)
        logs = site.logs.group(self, f"{name}-requests", pulumi.Output.concat(LOG_PREFIX, acl.name))
        wafv2.WebAclLoggingConfiguration(
            name,
            resource_arn=acl.arn,
            log_destination_configs=[logs.arn],
            redacted_fields=[{"single_header": {"name": header}} for header in SECRET_HEADERS],
            # What passed stands in the load balancer's access log.
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [
                            {"action_condition": {"action": action}} for action in LOGGED
                        ],
                    }
                ],
            },
            opts=only,
        )
        raise_alarms(
            self,
            name,
            alarm_tables.firewall(balancer.name, site.region, rate_rule=RATE_LIMIT),
            site.alerts.topic_arn,
        )
        self.register_outputs({})


def _rate_limit(requests: int) -> wafv2.WebAclRuleArgsDict:
    return {
        "name": RATE_LIMIT,
        "priority": 0,
        "action": {"block": {}},
        "statement": {
            "rate_based_statement": {
                "limit": requests,
                "evaluation_window_sec": WINDOW_SECONDS,
                "aggregate_key_type": "IP",
            }
        },
        "visibility_config": _visibility(RATE_LIMIT),
    }


def _managed() -> list[wafv2.WebAclRuleArgsDict]:
    return [
        {
            "name": group,
            "priority": priority,
            "override_action": {"none": {}},
            "statement": {
                "managed_rule_group_statement": {
                    "vendor_name": "AWS",
                    "name": group,
                    "rule_action_overrides": [
                        {"name": rule, "action_to_use": {"count": {}}} for rule in counted
                    ],
                }
            },
            "visibility_config": _visibility(group),
        }
        for priority, (group, counted) in enumerate(MANAGED_RULES.items(), start=1)
    ]


def _visibility(metric: pulumi.Input[str]) -> wafv2.WebAclRuleVisibilityConfigArgsDict:
    # A sample would show headers and bodies of requests in the console.
    return {
        "cloudwatch_metrics_enabled": True,
        "metric_name": metric,
        "sampled_requests_enabled": False,
    }
