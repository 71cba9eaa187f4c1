"""The document's path on the committed stacks: switches, each priced after those before it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from infra.settings import Settings
from pricing import stack
from pricing.book import load
from pricing.path import steps
from pricing.references import TIERS
from pricing.stack_path import StackPath, on_stack
from pricing.switches import SWITCHES

ROOT = Path(__file__).parents[2]
LIST = load("list")


def _load(file: stack.StackFile, values: Mapping[str, str]) -> Settings:
    return stack.load(values, file.secret_keys, file.written)


def _path(tier: str, **changed: str) -> StackPath:
    file = stack.read(ROOT / f"Pulumi.{tier}.yaml")
    return on_stack(tier, {**file.values, **changed}, partial(_load, file), LIST)


def _expected(tier: str, **changed: str) -> Decimal:
    file = stack.read(ROOT / f"Pulumi.{tier}.yaml")
    settings = _load(file, {**file.values, **changed})
    return stack.bill_of(settings, LIST).monthly_usd.expected


@pytest.mark.parametrize("tier", TIERS)
def test_the_steps_add_up_and_each_says_what_it_does_or_why_not(tier: str) -> None:
    path = _path(tier)
    assert path.before_usd == _expected(tier)
    assert path.after_usd == path.before_usd - sum(step.saves_usd for step in path.steps)
    assert [step.step for step in path.steps] == list(steps(tier))
    for step in path.steps:
        assert step.note, step.step.name
        assert step.note.startswith("letta:savings.") or step.saves_usd == 0


def test_every_switch_of_the_path_exists() -> None:
    named = {step.switch for tier in TIERS for step in steps(tier)} - {""}
    assert named <= {switch.name for switch in SWITCHES}
    assert {"reserved-1-year", "spot-workers"} <= named


def test_after_the_path_the_stack_has_its_switches_on() -> None:
    assert _path("large").after_usd == _expected(
        "large", savings='{"spot_workers": true, "reserved_years": 1}'
    )


def test_a_switch_that_a_step_before_has_set_saves_nothing_more() -> None:
    first, second = (
        step for step in _path("medium").steps if step.step.switch == "reserved-1-year"
    )
    assert first.saves_usd > 0
    assert first.note == "letta:savings.reserved_years: 1"
    assert second.saves_usd == 0
    assert "by a step before" in second.note


def test_a_switch_that_the_stack_cannot_have_leaves_it_as_it_is() -> None:
    (night,) = (step for step in _path("large").steps if step.step.switch == "night")
    assert night.saves_usd == 0
    assert "letta:savings.night: " in night.note
    assert "Kubernetes" in night.note


def test_a_stack_that_has_a_switch_already_gains_nothing_from_it() -> None:
    (spot,) = (
        step
        for step in _path("large", savings='{"spot_workers": true}').steps
        if step.step.switch == "spot-workers"
    )
    assert spot.saves_usd == 0
    assert "the stack has it" in spot.note


def test_a_tier_without_a_path_is_refused() -> None:
    with pytest.raises(ValueError, match="'huge'; it has small, medium, large"):
        steps("huge")
