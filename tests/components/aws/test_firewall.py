"""The web application firewall: what it refuses, what it lets pass, what it writes down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import Run

_INGRESS = {"domain": "letta.example.com", "hosted_zone": "example.com"}
BODY_RULES: Mapping[str, frozenset[str]] = {
    "AWSManagedRulesAmazonIpReputationList": frozenset(),
    "AWSManagedRulesKnownBadInputsRuleSet": frozenset(
        {"JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"}
    ),
    "AWSManagedRulesCommonRuleSet": frozenset(
        {
            "SizeRestrictions_BODY",
            "EC2MetaDataSSRF_BODY",
            "GenericLFI_BODY",
            "GenericRFI_BODY",
            "CrossSiteScripting_BODY",
        }
    ),
    "AWSManagedRulesSQLiRuleSet": frozenset({"SQLi_BODY", "SQLiExtendedPatterns_BODY"}),
}
"""Group -> its rules that look at the body (WAF developer guide, "AWS Managed Rules rule groups
list")."""


def _walled(**waf: int) -> Run[Any]:
    return deployed("medium", ingress={**_INGRESS, "waf": waf})


def _rules(result: Run[Any]) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in result.one(":WebAcl").inputs["rules"]}


def test_it_stands_before_the_load_balancer() -> None:
    result = _walled()
    association = result.one(":WebAclAssociation")
    assert "LoadBalancer letta-test-in" in association.depends_on
    assert "WebAcl letta-test-in-waf" in association.depends_on
    assert result.one(":WebAcl").inputs["scope"] == "REGIONAL"


def test_what_no_rule_refuses_passes() -> None:
    assert _walled().one(":WebAcl").inputs["defaultAction"].keys() == {"allow"}


def test_every_group_is_one_of_awss_own_and_refuses_what_it_finds() -> None:
    groups = {name: rule for name, rule in _rules(_walled()).items() if name != "rate-limit"}
    assert groups.keys() == BODY_RULES.keys()
    for name, rule in groups.items():
        statement = rule["statement"]["managedRuleGroupStatement"]
        assert (statement["vendorName"], statement["name"]) == ("AWS", name)
        assert rule["overrideAction"].keys() == {"none"}


@pytest.mark.parametrize("group", BODY_RULES)
def test_a_prompt_is_never_refused_for_what_it_says(group: str) -> None:
    statement = _rules(_walled())[group]["statement"]["managedRuleGroupStatement"]
    overridden = {
        override["name"]: override["actionToUse"].keys()
        for override in statement["ruleActionOverrides"]
    }
    assert overridden == {rule: {"count"} for rule in BODY_RULES[group]}


def test_a_client_is_refused_beyond_its_rate() -> None:
    rule = _rules(_walled(requests_per_five_minutes=500))["rate-limit"]
    assert "block" in rule["action"]
    assert rule["statement"]["rateBasedStatement"] == {
        "limit": 500,
        "evaluationWindowSec": 300,
        "aggregateKeyType": "IP",
    }


def test_priorities_differ() -> None:
    priorities = [rule["priority"] for rule in _rules(_walled()).values()]
    assert len(priorities) == len(set(priorities)) == 5


def test_its_log_is_kept_apart_encrypted_and_without_passwords() -> None:
    result = _walled()
    logging = result.one(":WebAclLoggingConfiguration").inputs
    hidden = {field["singleHeader"]["name"] for field in logging["redactedFields"]}
    assert hidden == {"authorization", "x-bare-password", "cookie"}
    group = result.one(":LogGroup", "letta-test-in-waf-requests").inputs
    [destination] = logging["logDestinationConfigs"]
    assert destination.endswith(f":{group['name']}")
    assert group["name"].startswith("aws-waf-logs-")
    assert group["retentionInDays"] == 30
    assert "kmsKeyId" in group


def test_what_it_refused_or_only_counted_is_logged_and_nothing_else() -> None:
    kept = _walled().one(":WebAclLoggingConfiguration").inputs["loggingFilter"]
    assert kept["defaultBehavior"] == "DROP"
    [only] = kept["filters"]
    assert (only["behavior"], only["requirement"]) == ("KEEP", "MEETS_ANY")
    actions = {each["actionCondition"]["action"] for each in only["conditions"]}
    assert actions == {"BLOCK", "COUNT", "EXCLUDED_AS_COUNT"}


def test_its_metrics_tell_the_rules_apart_and_no_request_is_sampled() -> None:
    acl = _walled().one(":WebAcl").inputs
    shown = [acl["visibilityConfig"], *(rule["visibilityConfig"] for rule in acl["rules"])]
    assert all(each["cloudwatchMetricsEnabled"] for each in shown)
    assert not any(each["sampledRequestsEnabled"] for each in shown)
    assert len({each["metricName"] for each in shown}) == len(shown)


@pytest.mark.parametrize("kind", [":WebAclAssociation", ":WebAclLoggingConfiguration"])
def test_what_there_can_be_one_of_goes_before_its_successor_comes(kind: str) -> None:
    assert _walled().one(kind).delete_before_replace


def test_refused_clients_raise_an_alarm() -> None:
    result = _walled()
    acl = result.one(":WebAcl").inputs
    assert acl["name"] == acl["visibilityConfig"]["metricName"]
    alarm = result.one(":MetricAlarm", "letta-test-in-waf-rate-limited").inputs
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/WAFV2", "BlockedRequests")
    assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["dimensions"] == {
        "WebACL": acl["name"],
        "Region": "us-east-1",
        "Rule": _rules(result)["rate-limit"]["visibilityConfig"]["metricName"],
    }


def test_without_being_asked_for_there_is_none() -> None:
    assert not [each for each in deployed("medium").resources if "wafv2" in each.type]
