"""The web application firewall: what it refuses, what it lets pass, what it writes down."""

from __future__ import annotations

from typing import Any

from tests.components.aws.deployment import deployed
from tests.components.aws.mock_cloud import Run

_INGRESS = {"domain": "letta.example.com", "hosted_zone": "example.com"}


def _walled(**waf: int) -> Run[Any]:
    return deployed("medium", ingress={**_INGRESS, "waf": waf})


def _rules(result: Run[Any]) -> dict[str, dict[str, Any]]:
    return {rule["name"]: rule for rule in result.one(":WebAcl").inputs["rules"]}


def test_it_stands_before_the_load_balancer() -> None:
    association = _walled().one(":WebAclAssociation")
    assert "LoadBalancer letta-test-in" in association.depends_on
    assert "WebAcl letta-test-in-waf" in association.depends_on


def test_a_prompt_is_never_refused_for_what_it_says() -> None:
    for rule in _rules(_walled()).values():
        group = rule["statement"].get("managedRuleGroupStatement")
        for override in (group or {}).get("ruleActionOverrides", []):
            assert override["name"].endswith("_BODY")
            assert "count" in override["actionToUse"]
    common = _rules(_walled())["AWSManagedRulesCommonRuleSet"]["statement"]
    overridden = {
        override["name"] for override in common["managedRuleGroupStatement"]["ruleActionOverrides"]
    }
    assert {"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY"} <= overridden


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
    assert {"authorization", "x-bare-password"} <= hidden
    group = result.one(":LogGroup", "letta-test-in-waf-requests").inputs
    assert group["name"].startswith("aws-waf-logs-")
    assert group["retentionInDays"] == 30
    assert "kmsKeyId" in group


def test_refused_clients_raise_an_alarm() -> None:
    alarm = _walled().one(":MetricAlarm", "letta-test-in-waf-rate-limited").inputs
    assert alarm["namespace"] == "AWS/WAFV2"
    assert alarm["dimensions"]["Rule"] == "rate-limit"


def test_without_being_asked_for_there_is_none() -> None:
    assert not [each for each in deployed("medium").resources if "wafv2" in each.type]
