from __future__ import annotations

import json
from datetime import date

import pytest
from pydantic import ValidationError

from infra.waivers import Waiver
from policies.rules.rule import Violation
from policies.waivers import Waived, Waivers

TODAY = date(2026, 11, 22)
RULES = ("api-high-availability", "replica-bounds", "cpu-target")


def waiver(**changes: str) -> Waiver:
    entry = {
        "rule": "replica-bounds",
        "resource": "letta-*-api*",
        "reason": "load test",
        "owner": "platform@example.com",
        "expires": "2026-11-30",
        **changes,
    }
    return Waiver.model_validate_json(json.dumps(entry))


def test_a_waiver_covers_its_rule_on_resources_that_match() -> None:
    waivers = Waivers([waiver()], TODAY)
    assert waivers.covering("replica-bounds", "letta-medium-api-service") is not None
    assert waivers.covering("replica-bounds", "letta-medium-work-service") is None
    assert waivers.covering("cpu-target", "letta-medium-api-service") is None


@pytest.mark.parametrize(
    ("expires", "holds"), [("2026-11-22", True), ("2026-11-23", True), ("2026-11-21", False)]
)
def test_a_waiver_holds_through_its_last_day(expires: str, holds: bool) -> None:
    waivers = Waivers([waiver(expires=expires)], TODAY)
    assert (waivers.covering("replica-bounds", "letta-medium-api") is not None) is holds
    assert bool(list(waivers.expired())) is not holds


def test_an_expired_waiver_says_when_and_who_can_renew_it() -> None:
    assert list(Waivers([waiver(expires="2026-11-01")], TODAY).expired()) == [
        "the waiver of replica-bounds for letta-*-api* expired on 2026-11-01; meet the rule, or "
        "let platform@example.com renew it in letta:waivers"
    ]


def test_a_waiver_of_an_unknown_rule_is_told_the_nearest_name() -> None:
    assert list(Waivers([waiver(rule="replica-bound")], TODAY).unknown(RULES)) == [
        "letta:waivers names the rule replica-bound, which does not exist; "
        "the nearest is replica-bounds"
    ]
    assert not list(Waivers([waiver()], TODAY).unknown(RULES))


def test_a_waiver_in_use_is_printed_with_reason_owner_and_last_day() -> None:
    used = waiver()
    waivers = Waivers([used], TODAY)
    covered = waivers.covering("replica-bounds", "letta-medium-api")
    assert covered is used
    violation = Violation(resource="letta-medium-api", urn="", message="letta-medium-api: 12")
    waived = [Waived(rule="replica-bounds", violation=violation, waiver=used)]
    assert list(waivers.report(waived, RULES)) == [
        "replica-bounds is waived until 2026-11-30 by platform@example.com: load test "
        "(letta-medium-api: 12)"
    ]


def test_a_waiver_that_excuses_nothing_is_printed_too() -> None:
    assert list(Waivers([waiver()], TODAY).report([], RULES)) == [
        "the waiver of replica-bounds for letta-*-api* excuses nothing; remove it from "
        "letta:waivers (platform@example.com: load test)"
    ]


def test_a_date_without_quotes_arrives_from_the_engine_with_a_time_of_day() -> None:
    assert waiver(expires="2026-11-30 00:00:00 +0000 UTC").expires == date(2026, 11, 30)


@pytest.mark.parametrize("expires", ["soon", "2026-13-01", "2026-11-30 10:00:00 +0000 UTC", ""])
def test_fails_on_a_date_that_is_none(expires: str) -> None:
    with pytest.raises(ValidationError, match="is not a date such as 2027-11-30"):
        waiver(expires=expires)


@pytest.mark.parametrize("field", ["rule", "resource", "reason", "owner", "expires"])
def test_fails_when_a_field_is_empty(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        waiver(**{field: ""})
