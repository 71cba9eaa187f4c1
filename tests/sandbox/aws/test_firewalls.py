"""Web application firewalls: what AWS WAF refuses, or ignores without a word."""

from __future__ import annotations

import re

import pytest

from sandbox.values import Value
from tests.sandbox.aws.cases import Case, each
from tests.sandbox.aws.estate import Estate, Inputs
from tests.sandbox.aws.good_firewalls import ACL, ASSOCIATION, LOGGING, managed, rate, rule
from tests.sandbox.engine import Refused

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
GEO = {"geoMatchStatement": {"countryCodes": ["KP"]}}
BODY = {"sqliMatchStatement": {"textTransformations": [{"priority": 0, "type": "NONE"}]}}


def _rules(*rules: Inputs) -> Inputs:
    return {"rules": list(rules)}


def _body(**changes: Value) -> Inputs:
    statement = {**BODY["sqliMatchStatement"], "fieldToMatch": {"body": changes}}
    return rule("body", 0, {"sqliMatchStatement": statement})


def _cloudfront_acl(estate: Estate) -> Inputs:
    return {"webAclArn": estate.make(ACL, "edge", scope="CLOUDFRONT").outputs["arn"]}


def _taken(estate: Estate) -> Inputs:
    estate.make(ASSOCIATION)
    return {"webAclArn": estate.make(ACL, "other").outputs["arn"]}


def _log_group(name: str) -> Inputs:
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{name}"
    return {"logDestinationConfigs": [arn]}


CASES = [
    Case("both defaults", ACL, {"defaultAction": {"allow": {}, "block": {}}}, "allow or block"),
    Case("no such scope", ACL, {"scope": "GLOBAL"}, "use one of REGIONAL"),
    Case(
        "a priority twice",
        ACL,
        _rules(rule("a", 1, rate()), rule("b", 1, GEO)),
        "PRIORITY: 1 is used 2 times",
    ),
    Case(
        "a name twice",
        ACL,
        _rules(rule("a", 1, rate()), rule("a", 2, GEO)),
        "RULE_NAME: a is used 2 times",
    ),
    Case("two statements", ACL, _rules(rule("a", 1, {**rate(), **GEO})), "exactly one value"),
    Case("no statement", ACL, _rules(rule("a", 1, {})), "exactly one value"),
    Case(
        "an action on a rule group",
        ACL,
        _rules({**managed("AWSManagedRulesSQLiRuleSet", 1), "action": {"block": {}}}),
        "must have overrideAction",
    ),
    Case(
        "a rule without an action",
        ACL,
        _rules({**rule("a", 1, GEO), "action": None}),
        "must have action",
    ),
    Case(
        "a rule group of nowhere",
        ACL,
        _rules(managed("AWSManagedRulesCoreRuleSet", 1)),
        "did you mean AWSManagedRulesCommonRuleSet?",
    ),
    Case(
        "an override of another group's rule",
        ACL,
        _rules(managed("AWSManagedRulesCommonRuleSet", 1, "SQLi_BODY")),
        "ignores the override without a word",
    ),
    Case(
        "an override in other letters",
        ACL,
        _rules(managed("AWSManagedRulesCommonRuleSet", 1, "SizeRestrictions_Body")),
        "did you mean SizeRestrictions_BODY?",
    ),
    Case(
        "bots without a level",
        ACL,
        _rules(managed("AWSManagedRulesBotControlRuleSet", 1)),
        "awsManagedRulesBotControlRuleSet",
    ),
    Case("nine requests", ACL, _rules(rule("a", 1, rate(9))), "below the minimum of 10"),
    Case(
        "a window of four minutes",
        ACL,
        _rules(rule("a", 1, rate(evaluationWindowSec=240))),
        "use one of 60, 120, 300, 600",
    ),
    Case(
        "an address from no header",
        ACL,
        _rules(rule("a", 1, rate(aggregateKeyType="FORWARDED_IP"))),
        "needs forwardedIpConfig",
    ),
    Case(
        "a body too long for anything",
        ACL,
        _rules(_body(oversizeHandling="BLOCK")),
        "use one of CONTINUE, MATCH, NO_MATCH",
    ),
    Case(
        "a body of its own size on a load balancer",
        ACL,
        {
            "associationConfig": {
                "requestBodies": [{"cloudfront": {"defaultSizeInspectionLimit": "KB_64"}}]
            }
        },
        "inspects no bodies of cloudfront",
    ),
    Case(
        "an answer that is not there",
        ACL,
        _rules(
            rule(
                "a",
                1,
                GEO,
                action={
                    "block": {"customResponse": {"responseCode": 429, "customResponseBodyKey": "x"}}
                },
            )
        ),
        "customResponseBodies holds no 'x'",
    ),
    Case(
        "nothing to be seen by",
        ACL,
        {"visibilityConfig": None},
        "it is required and missing",
    ),
    Case(
        "a reserved metric",
        ACL,
        {
            "visibilityConfig": {
                "cloudwatchMetricsEnabled": True,
                "sampledRequestsEnabled": True,
                "metricName": "All",
            }
        },
        "neither All nor Default_Action",
    ),
    Case(
        "more than a web ACL holds",
        ACL,
        _rules(*(managed("AWSManagedRulesCommonRuleSet", number) for number in range(8))),
        "need 5600 web ACL capacity units",
    ),
    Case(
        "a load balancer of nowhere", ASSOCIATION, {"resourceArn": "arn:x"}, "LoadBalancerNotFound"
    ),
    Case("an ACL for CloudFront", ASSOCIATION, _cloudfront_acl, "needs one of REGIONAL"),
    Case("a second web ACL", ASSOCIATION, _taken, "delete_before_replace"),
    Case(
        "a log by another name", LOGGING, _log_group("/letta/waf"), "must begin with aws-waf-logs-"
    ),
    Case("a log of nowhere", LOGGING, _log_group("aws-waf-logs-none"), "there is no log group"),
    Case(
        "a condition about nothing",
        LOGGING,
        {
            "loggingFilter": {
                "defaultBehavior": "DROP",
                "filters": [{"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": [{}]}],
            }
        },
        "exactly one of its kinds",
    ),
]


@each(CASES)
def test_a_bad_resource_is_refused(case: Case, estate: Estate) -> None:
    assert case.words in case.refusal(estate)


@pytest.mark.parametrize(
    ("rules", "units"),
    [
        ([rule("a", 0, rate())], 2),
        ([rule("a", 0, rate(scopeDownStatement=GEO)), rule("b", 1, GEO)], 4),
        ([managed("AWSManagedRulesCommonRuleSet", 0)], 700),
        ([managed("AWSManagedRulesAmazonIpReputationList", 0)], 25),
        ([_body(oversizeHandling="MATCH")], 20),
        (
            [
                rule(
                    "path",
                    0,
                    {
                        "notStatement": {
                            "statement": {
                                "byteMatchStatement": {
                                    "positionalConstraint": "STARTS_WITH",
                                    "searchString": "/v1/",
                                    "fieldToMatch": {"uriPath": {}},
                                    "textTransformations": [{"priority": 0, "type": "LOWERCASE"}],
                                }
                            }
                        }
                    },
                )
            ],
            12,
        ),
    ],
)
def test_the_capacity_is_counted(rules: list[Inputs], units: int, estate: Estate) -> None:
    assert estate.make(ACL, rules=rules).outputs["capacity"] == units


def test_a_web_acl_has_the_arn_of_its_scope(estate: Estate) -> None:
    acl = estate.make(ACL)
    name = acl.outputs["name"]
    assert re.fullmatch(
        rf"arn:aws:wafv2:us-east-1:\d{{12}}:regional/webacl/{name}/{acl.id}", acl.outputs["arn"]
    )


def test_rules_in_another_order_are_no_change(estate: Estate) -> None:
    acl = estate.make(ACL)
    turned = {**acl.inputs, "rules": list(reversed(acl.inputs["rules"]))}
    assert estate.engine.diff(acl, turned).changes == {}


def test_a_web_acl_in_use_stays(estate: Estate) -> None:
    association = estate.make(ASSOCIATION)
    acl = estate.make(ACL)
    with pytest.raises(Refused, match="WAFAssociatedItemException"):
        estate.engine.delete(acl)
    estate.engine.delete(association)
    estate.engine.delete(acl)


def test_bots_are_controlled_at_a_level(estate: Estate) -> None:
    level = [{"awsManagedRulesBotControlRuleSet": {"inspectionLevel": "COMMON"}}]
    bots = managed("AWSManagedRulesBotControlRuleSet", 0, managedRuleGroupConfigs=level)
    assert estate.refusal(ACL, _rules(bots)) == ""


def test_the_log_group_may_be_given_with_its_streams(estate: Estate) -> None:
    group = estate.make(LOG_GROUP, "waf", name="aws-waf-logs-letta").outputs["arn"]
    assert estate.refusal(LOGGING, {"logDestinationConfigs": [f"{group}:*"]}) == ""
