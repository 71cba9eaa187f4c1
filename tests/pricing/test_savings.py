"""What each way to save is worth: ranked on real stacks, and never more than it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from infra.settings import Settings, SettingsError
from pricing import book, night, savings, stack
from pricing.bill import Bill, Line, Unpriced
from pricing.span import Span
from pricing.switches import SWITCHES, Switch, switch
from tests.policies.assembly import stack_file

LIST = book.load("list")
VLLM = {"embedding": "api", "llm": {"hosting": "vllm"}}
STACKS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "small": ("small", {}),
    "medium": ("medium", {}),
    "large": ("large", {}),
    "vllm": ("large", VLLM),
    "fargate": (
        "medium",
        {
            "api": {"compute": "fargate"},
            "worker": {"compute": "fargate", "vcpus": 2, "memory_gib": 4},
        },
    ),
}
KEYS = [each for each in SWITCHES if each.key]
REQUIREMENT = (
    ("spot-workers", "reserved-1-year", "reserved-3-years", "night", "arm64"),
    ("prompt-caching", "smaller-model", "prompt-trimming", "quantised-weights"),
    ("storage-tiers", "clean-up", "vpc-endpoints", "cdn-caching", "same-zone"),
    ("open-source-monitoring", "log-level", "log-retention"),
)


def load(values: Mapping[str, str]) -> Settings:
    return stack.load(values, secret_keys={"llm"})


def values(name: str, **changes: Any) -> dict[str, str]:  # noqa: ANN401
    tier, overrides = STACKS[name]
    return stack_file(tier, {**overrides, **changes})


@cache
def ranking(name: str) -> dict[str, savings.Saving]:
    return {one.switch.name: one for one in savings.ranked(values(name), load, LIST)}


def ranking_of(name: str, **changes: Any) -> dict[str, savings.Saving]:  # noqa: ANN401
    found = savings.ranked(values(name, **changes), load, LIST)
    return {one.switch.name: one for one in found}


def bill(given: Mapping[str, str]) -> Bill:
    return stack.bill_of(load(given), LIST)


@pytest.mark.parametrize("name", ["large", "fargate"])
def test_more_spot_workers_at_most_raise_what_the_budget_blocks_on(name: str) -> None:
    few, many = (
        bill(
            values(
                name,
                savings={"spot_workers": True},
                worker={**STACKS[name][1].get("worker", {}), "max_replicas": most},
            )
        )
        for most in (10, 100)
    )
    dearer = many.monthly_usd.ceiling - few.monthly_usd.ceiling
    assert many.strong_monthly_usd.ceiling > few.strong_monthly_usd.ceiling + dearer / 2


def test_every_way_of_the_requirement_is_decided_on() -> None:
    names = [each.name for each in SWITCHES]
    assert sorted(names) == sorted({"single-nat", *(each for row in REQUIREMENT for each in row)})
    for each in SWITCHES:
        assert bool(each.key) == (each.kind in ("deployment", "billing")), each.name
        assert each.about


@pytest.mark.parametrize("name", STACKS)
def test_every_way_has_its_row_on_every_stack(name: str) -> None:
    assert set(ranking(name)) == {each.name for each in SWITCHES}
    assert [one.switch.name for one in ranking(name).values() if one.state == "unpriced"] == []


@pytest.mark.parametrize("name", STACKS)
def test_what_can_be_switched_on_comes_first_and_the_best_of_it_first(name: str) -> None:
    rows = list(ranking(name).values())
    off = [one.saves_usd for one in rows if one.state == "off"]
    assert [one.state for one in rows[: len(off)]] == ["off"] * len(off)
    assert off == sorted(off, reverse=True)


@pytest.mark.parametrize("name", STACKS)
def test_a_saving_is_the_difference_of_two_bills_of_the_stack(name: str) -> None:
    present = bill(values(name)).monthly_usd
    for one in ranking(name).values():
        assert present == (one.before if one.state == "off" else one.after)
        if one.state == "off":
            value = one.switch.value(load(values(name)))
            assert one.after == bill(one.switch.apply(values(name), value)).monthly_usd


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("spot-workers", "off"),
        ("reserved-1-year", "off"),
        ("night", "off"),
        ("arm64", "off"),
        ("prompt-caching", "on"),
        ("smaller-model", "on"),
        ("prompt-trimming", "off"),
        ("quantised-weights", "none"),
        ("storage-tiers", "on"),
        ("clean-up", "on"),
        ("vpc-endpoints", "off"),
        ("cdn-caching", "none"),
        ("same-zone", "none"),
        ("single-nat", "off"),
        ("open-source-monitoring", "on"),
        ("log-level", "none"),
        ("log-retention", "on"),
    ],
)
def test_the_ways_of_medium_are_what_they_are(name: str, state: str) -> None:
    assert ranking("medium")[name].state == state


def test_what_is_switched_on_is_shown_against_the_stack_without_it() -> None:
    arm64 = ranking_of("medium", savings={"arm64": True})["arm64"]
    assert arm64.state == "on"
    off = ranking("medium")["arm64"]
    assert (arm64.before, arm64.after) == (off.before, off.after)
    assert arm64.setting == ""
    assert off.setting == "letta:savings.arm64: true"


def test_what_the_file_says_itself_is_on_and_saves_nothing_more() -> None:
    spot = ranking_of("medium", worker={"capacity": "spot"})["spot-workers"]
    assert (spot.state, spot.saves_usd) == ("on", Decimal(0))
    assert "the stack file says so already" in spot.note


def test_one_term_can_be_held_against_the_other() -> None:
    rows = ranking_of("medium", savings={"reserved_years": 1})
    assert rows["reserved-1-year"].state == "on"
    assert rows["reserved-3-years"].state == "off"
    assert rows["reserved-3-years"].saves_usd > 0


def test_a_switch_that_the_settings_refuse_says_why() -> None:
    night_of_large = ranking("large")["night"]
    assert (night_of_large.state, night_of_large.saves_usd) == ("refused", Decimal(0))
    assert night_of_large.note.startswith("the autoscaler of Kubernetes has no timetable")


def test_a_missing_price_is_said_and_never_a_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    price = book.Book.price

    def without_m7g(self: book.Book, service: str, sku: str, region: str) -> book.Price:
        if sku.startswith("m7g."):
            raise book.PriceMissing(self.name, service, sku, region, "none")
        return price(self, service, sku, region)

    monkeypatch.setattr(book.Book, "price", without_m7g)
    arm64 = ranking_of("medium")["arm64"]
    assert (arm64.state, arm64.saves_usd) == ("unpriced", Decimal(0))
    assert "m7g" in arm64.note


@pytest.mark.parametrize("sku", [*savings.DATADOG_PER_HOST, savings.DATADOG_PER_GB])
def test_a_missing_price_of_what_a_way_is_compared_with_is_no_end_of_the_others(sku: str) -> None:
    rows = tuple(row for row in LIST.rows if (row.service, row.sku) != ("datadog", sku))
    found = {
        one.switch.name: one
        for one in savings.ranked(values("medium"), load, replace(LIST, rows=rows))
    }
    own = found.pop("open-source-monitoring")
    assert (own.state, own.saves_usd) == ("unpriced", Decimal(0))
    assert f"no price of datadog {sku} in us-east-1" in own.note
    everywhere = ranking("medium")
    assert found == {name: everywhere[name] for name in found}


def test_a_stack_without_a_bill_has_no_savings() -> None:
    with pytest.raises(Unpriced):
        savings.ranked(values("medium"), load, book.load("source-2025"))


def test_an_endpoint_that_costs_more_than_it_spares_is_shown_so() -> None:
    assert ranking("medium")["vpc-endpoints"].saves_usd < 0


def test_what_is_not_offered_says_what_its_claim_would_come_to() -> None:
    crossing = next(
        line for line in bill(values("large")).lines if line.item == "traffic between zones"
    )
    assert f"{crossing.monthly_usd.expected} USD here" in ranking("large")["same-zone"].note


def test_fewer_bits_need_fewer_or_smaller_cards() -> None:
    quantised = ranking("vllm")["quantised-weights"]
    assert (quantised.state, quantised.setting) == ("off", "letta:savings.quantised_weights: awq")
    assert quantised.saves_usd > 0
    done = ranking_of("vllm", savings={"quantised_weights": "awq"})["quantised-weights"]
    assert (done.state, done.saves_usd) == ("on", quantised.saves_usd)


def test_the_smallest_weights_that_a_file_chose_are_held_against_whole_ones() -> None:
    llm = {"hosting": "vllm", "vllm": {"model": "llama-3.3-70b-awq"}}
    quantised = ranking_of("vllm", llm=llm)["quantised-weights"]
    assert quantised.state == "on"
    assert quantised.saves_usd > 0


def test_a_larger_model_has_a_smaller_one_to_try() -> None:
    keys = {"providers": {"openai": {"api_key": "test-0123456789abcdef"}}}
    model = ranking_of("medium", llm={"model": "openai/gpt-4.1", **keys})["smaller-model"]
    assert (model.state, model.setting) == ("off", "letta:llm.model: openai/gpt-4.1-mini")
    assert model.after == bill(values("medium", llm=keys)).monthly_usd


def test_a_model_that_nobody_knows_a_smaller_one_of_is_left_alone() -> None:
    model = ranking_of("medium", llm={"model": "openai/gpt-5"})["smaller-model"]
    assert (model.state, model.saves_usd) == ("none", Decimal(0))
    assert "no smaller model is known for openai/gpt-5" in model.note


def test_a_way_that_is_no_switch_cannot_be_applied() -> None:
    with pytest.raises(ValueError, match="log-level is no switch: the server has INFO"):
        switch("log-level").apply({}, True)


@pytest.mark.parametrize("way", KEYS)
def test_what_is_to_be_written_is_what_was_tried(way: Switch) -> None:
    changes: dict[str, Any] = {"llm": {"model": "openai/gpt-4.1"}} if way.role == "llm" else {}
    name = "vllm" if way.name == "quantised-weights" else "medium"
    value = way.value(load(values(name, **changes)))
    written = way.setting(value)
    assert yaml.safe_load(written) == {f"letta:{way.role}.{way.key}": value}


def test_a_switch_leaves_the_others_as_they_are() -> None:
    given_values = switch("arm64").apply({"savings": '{"single_nat": true}'}, True)
    assert given_values == {"savings": '{"single_nat": true, "arm64": true}'}
    assert switch("arm64").apply(given_values, None) == {"savings": '{"single_nat": true}'}


workloads = st.fixed_dictionaries(
    {
        "agents": st.integers(1, 20_000),
        "messages_per_agent": st.integers(0, 5000),
        "cached_input_share": st.floats(0, 0.4).map(lambda share: round(share, 3)),
        "traffic_kb_per_message": st.integers(0, 500),
        "log_kb_per_message": st.integers(0, 100),
    }
)


@given(
    st.sampled_from(sorted(STACKS)),
    st.sampled_from(KEYS),
    workloads,
)
def test_a_switch_never_changes_a_line_that_it_does_not_name(
    name: str, way: Switch, workload: dict[str, Any]
) -> None:
    before = values(name, workload=workload)
    value = way.value(load(before))
    assume(value is not None)
    try:
        after = load(way.apply(before, value))
    except SettingsError:
        # The file's own workload contradicts what would state another.
        assume(False)
    old, new = _lines(bill(before)), _lines(stack.bill_of(after, LIST))
    changed = [
        (old.get(key) or new[key])
        for key in old.keys() | new.keys()
        if old.get(key) != new.get(key)
    ]
    assert [line for line in changed if not way.names(line)] == []


def _lines(found: Bill) -> dict[tuple[str, str, str], Line]:
    return {(line.component, line.item, line.sku): line for line in found.lines}


@pytest.mark.parametrize("way", [each for each in KEYS if each.name != "vpc-endpoints"])
def test_a_switch_that_is_to_save_names_a_line_that_it_lowers(way: Switch) -> None:
    states = {name: ranking(name)[way.name] for name in STACKS}
    assert any(one.state in ("off", "on") and one.saves_usd > 0 for one in states.values())


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(1, 50))
def test_a_night_keeps_the_floor_and_lies_between_the_floor_and_the_day(
    least: int, more: int, most: int, hours: int
) -> None:
    by_day = Span.of(least, least + more, least + more + most)
    share = Decimal(hours) / 50
    found = night.averaged(by_day, least, share)
    assert found.floor == least
    assert least <= found.expected <= by_day.expected
    assert found.ceiling == by_day.ceiling - (by_day.ceiling - least) * share


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [("22:00", "06:00", 8), ("00:00", "06:00", 6), ("06:00", "22:00", 16), ("23:30", "00:00", 0.5)],
)
def test_a_night_is_as_long_as_its_hours(begins: str, ends: str, hours: float) -> None:
    assert night.share(begins, ends) * 24 == pytest.approx(Decimal(str(hours)))
