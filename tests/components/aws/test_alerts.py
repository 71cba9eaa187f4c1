"""Alerts: who may publish, who is told, and the budget."""

from __future__ import annotations

import json

from tests.components.aws.conftest import MakeSite
from tests.components.aws.mock_cloud import ACCOUNT, UNKNOWN, run


def test_only_this_accounts_alarms_and_budgets_publish(make_site: MakeSite) -> None:
    result = run(make_site)
    policy = json.loads(result.one(":TopicPolicy").inputs["policy"])
    topic = result.value(result.result.alerts.topic_arn)
    services = set()
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        assert statement["Action"] == "sns:Publish"
        assert statement["Resource"] == topic
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        services.add(statement["Principal"]["Service"])
    assert services == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}


def test_the_topic_is_encrypted_and_its_arn_known_at_preview(make_site: MakeSite) -> None:
    result = run(make_site, preview=True)
    assert result.one(":Topic").inputs["kmsMasterKeyId"] == UNKNOWN
    arn = result.value(result.result.alerts.topic_arn)
    assert arn.startswith(f"arn:aws:sns:us-east-1:{ACCOUNT}:letta-test-alerts-")
    assert arn in result.one(":TopicPolicy").inputs["policy"]


def test_every_address_is_subscribed_and_removing_one_moves_no_other(make_site: MakeSite) -> None:
    both = run(lambda: make_site(emails=("a@example.com", "b@example.com")))
    second = run(lambda: make_site(emails=("b@example.com",)))
    subscribed = {each.inputs["endpoint"]: each.name for each in both.all(":TopicSubscription")}
    assert set(subscribed) == {"a@example.com", "b@example.com"}
    assert second.one(":TopicSubscription").name == subscribed["b@example.com"]


def test_an_alert_warns_of_money_spent_and_of_money_forecast(make_site: MakeSite) -> None:
    result = run(lambda: make_site(alert_usd=2500))
    budget = result.one(":Budget")
    assert budget.inputs["limitAmount"] == "2500.00"
    assert budget.inputs["limitUnit"] == "USD"
    assert budget.inputs["timeUnit"] == "MONTHLY"
    warnings = {
        (each["notificationType"], each["threshold"]): each["subscriberSnsTopicArns"]
        for each in budget.inputs["notifications"]
    }
    assert set(warnings) == {("ACTUAL", 80), ("FORECASTED", 100)}
    assert "TopicPolicy letta-test-alerts" in budget.depends_on


def test_without_an_amount_there_is_no_alert(make_site: MakeSite) -> None:
    assert not run(make_site).all(":Budget")
