"""Good resources: web application firewalls."""

from __future__ import annotations

from sandbox.values import Value
from tests.sandbox.aws.estate import Estate, Inputs, good

ACL = "aws:wafv2/webAcl:WebAcl"
ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"


def _seen(name: str) -> Inputs:
    return {
        "cloudwatchMetricsEnabled": True,
        "metricName": name,
        "sampledRequestsEnabled": True,
    }


def rule(name: str, priority: int, statement: Inputs, **changes: Value) -> Inputs:
    """A rule that blocks, unless it says otherwise."""
    return {
        "name": name,
        "priority": priority,
        "action": {"block": {}},
        "statement": statement,
        "visibilityConfig": _seen(name),
        **changes,
    }


def managed(name: str, priority: int, *counted: str, **changes: Value) -> Inputs:
    """A rule group of AWS, some of whose rules only count."""
    overrides = [{"name": item, "actionToUse": {"count": {}}} for item in counted]
    statement = {"vendorName": "AWS", "name": name, "ruleActionOverrides": overrides, **changes}
    return {
        "name": name,
        "priority": priority,
        "overrideAction": {"none": {}},
        "statement": {"managedRuleGroupStatement": statement},
        "visibilityConfig": _seen(name),
    }


def rate(limit: int = 2000, **changes: Value) -> Inputs:
    """A limit of requests from one address."""
    return {
        "rateBasedStatement": {
            "limit": limit,
            "evaluationWindowSec": 300,
            "aggregateKeyType": "IP",
            **changes,
        }
    }


@good(ACL)
def _(estate: Estate) -> Inputs:
    return {
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "visibilityConfig": _seen("letta"),
        "rules": [
            rule("rate-limit", 0, rate()),
            managed("AWSManagedRulesCommonRuleSet", 1, "SizeRestrictions_BODY", "GenericLFI_BODY"),
        ],
    }


@good(ASSOCIATION)
def _(estate: Estate) -> Inputs:
    return {
        "webAclArn": estate.get(ACL, "arn"),
        "resourceArn": estate.get("aws:lb/loadBalancer:LoadBalancer", "arn"),
    }


@good(LOGGING)
def _(estate: Estate) -> Inputs:
    group = estate.make("aws:cloudwatch/logGroup:LogGroup", "waf", name="aws-waf-logs-letta")
    return {
        "resourceArn": estate.get(ACL, "arn"),
        "logDestinationConfigs": [group.outputs["arn"]],
        "redactedFields": [{"singleHeader": {"name": "authorization"}}],
        "loggingFilter": {
            "defaultBehavior": "DROP",
            "filters": [
                {
                    "behavior": "KEEP",
                    "requirement": "MEETS_ANY",
                    "conditions": [{"actionCondition": {"action": "BLOCK"}}],
                }
            ],
        },
    }
