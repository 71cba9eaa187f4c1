"""A stack's cost over its life, on the real engine: refused over budget, said at every preview,
compared with what is deployed, and forgotten when all is gone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.engine.engine import Result, Shell
from tests.engine.test_refusals import blocking_rules

LARGER = {"database": {"instance_type": "db.t3.medium"}}
"""A change of small that costs more."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """What was seen of a small stack."""

    over_budget: Result
    """A preview before anything is deployed, with a budget that the stack does not fit."""
    objects_then: int
    up: Result
    record: Mapping[str, Any]
    """What the deployed stack exports of its cost."""
    again: Result
    """A preview without any change."""
    larger: Result
    """A preview with a larger database."""
    limited: Result
    """The same where an organisation allows a rise of one percent."""
    destroyed: Result
    afterwards: Result
    """A preview after all is gone."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("cost")
    limits = folder / "limits.json"
    limits.write_text(json.dumps({"cost-change": {"mostRisePercent": 1}}), encoding="utf-8")
    shell = Shell.open("small", folder / "state")
    try:
        over_budget = shell.preview_with(folder, {"budget": 100})
        objects_then = shell.objects()
        up = shell.pulumi("up", "--yes")
        record = json.loads(shell.pulumi("stack", "output", "--json").output)["monthly_cost_usd"]
        again = shell.pulumi("preview", "--expect-no-changes")
        larger = shell.variant(folder, LARGER)
        return Life(
            over_budget=over_budget,
            objects_then=objects_then,
            up=up,
            record=record,
            again=again,
            larger=shell.pulumi("preview", "--config-file", larger),
            limited=shell.pulumi(
                "preview", "--config-file", larger, "--policy-pack-config", limits
            ),
            destroyed=shell.letta_cloud("destroy", "--stack", "small"),
            afterwards=shell.pulumi("preview"),
        )
    finally:
        shell.close()


def said(result: Result, beginning: str) -> str:
    """The line of a result that begins so."""
    (found,) = {line.strip() for line in result.output.splitlines() if beginning in line}
    return found


def usd(record: Mapping[str, Any], point: str) -> str:
    return f"{record[point]:,.2f} USD"


def test_a_ceiling_over_the_budget_stops_the_preview(life: Life) -> None:
    assert not life.over_budget
    assert blocking_rules(life.over_budget.output) == {"monthly-budget"}, life.over_budget.output
    message = said(life.over_budget, "letta-small: may cost ")
    assert "more than the budget of 100.00 USD; dearest are " in message
    assert "raise letta:budget" in message
    assert life.objects_then == 0


def test_the_same_stack_within_its_budget_is_deployed(life: Life) -> None:
    assert life.up, life.up.output
    assert "can't run policy" not in life.up.output


def test_resources_and_stack_file_come_to_the_same_bill_to_the_cent(life: Life) -> None:
    counted = re.search(r"priced (\d+)/(\d+) resources by book list", life.again.output)
    assert counted
    assert counted[1] == counted[2]
    assert (
        f"a month costs {usd(life.record, 'floor')} with every autoscaler at its minimum, "
        f"{usd(life.record, 'expected')} as declared, {usd(life.record, 'ceiling')} at the maximum"
    ) in said(life.again, "letta-small: priced")


def test_a_first_deployment_is_said_to_be_one(life: Life) -> None:
    nothing = "letta-small: nothing is deployed yet that a cost is on record of"
    assert nothing in life.up.output
    assert nothing in life.afterwards.output


def test_what_reads_its_own_record_has_nothing_left_to_do(life: Life) -> None:
    assert life.again, life.again.output
    assert "letta-small: costs what is deployed" in life.again.output


def test_a_preview_says_what_a_change_costs(life: Life) -> None:
    assert life.larger, life.larger.output
    message = said(life.larger, "letta-small: a month changes from ")
    assert f"from {usd(life.record, 'expected')} to " in message
    assert f"from {usd(life.record, 'ceiling')} to " in message
    assert re.search(r"; most change database \+[\d.]+$", message), message


def test_a_rise_beyond_what_an_organisation_allows_is_refused(life: Life) -> None:
    assert not life.limited
    assert blocking_rules(life.limited.output) == {"cost-change"}, life.limited.output


def test_nothing_is_left_of_it(life: Life) -> None:
    assert life.destroyed, life.destroyed.output
    assert life.afterwards, life.afterwards.output
