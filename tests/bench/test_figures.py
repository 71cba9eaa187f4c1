"""Medians, ratios of interleaved runs, growth."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.figures import Aim, Spread, deviation_percent, interleaved, marginal, ratio


def contestant(name: str, order: list[str], times: list[float]) -> Callable[[], float]:
    def run() -> float:
        order.append(name)
        return times.pop(0)

    return run


def test_contestants_run_in_turn_and_the_warm_up_does_not_count() -> None:
    order: list[str] = []
    said: list[str] = []
    times = interleaved(
        {
            "a": contestant("a", order, [9.0, 1.0, 2.0]),
            "b": contestant("b", order, [9.0, 3.0, 4.0]),
        },
        runs=2,
        say=said.append,
    )
    assert order == ["a", "b"] * 3
    assert times == {"a": [1.0, 2.0], "b": [3.0, 4.0]}
    assert len(said) == 6


def test_a_ratio_is_the_median_over_pairs() -> None:
    # The machine slows down by ten after the first pair: the pairs' ratios do not notice.
    runs = {"ours": [1.0, 12.0, 11.0], "flat": [1.0, 10.0, 10.0]}
    assert ratio(runs, "ours", "flat") == Spread(middle=1.1, low=1.0, high=1.2)


def test_runs_without_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio({"a": [1.0, 2.0], "b": [1.0]}, "a", "b")


def test_an_aim_holds_up_to_its_limit_or_below_it() -> None:
    assert Aim(most=1.1).met(1.1)
    assert not Aim(most=1.1).met(1.11)
    assert Aim(most=1.0, below=True).met(0.99)
    assert not Aim(most=1.0, below=True).met(1.0)


def test_a_constant_cost_for_each_more_deviates_by_nothing_whatever_the_start_costs() -> None:
    costs = {50: 100 + 50 * 2.0, 1: 100 + 2.0, 10: 100 + 10 * 2.0}
    assert marginal(costs) == [2.0, 2.0]
    assert deviation_percent(marginal(costs)) == 0


def test_a_cost_that_grows_with_the_square_is_seen() -> None:
    costs = {count: float(count**2) for count in (1, 10, 50)}
    assert marginal(costs) == [11.0, 60.0]
    assert deviation_percent(marginal(costs)) > 400


def test_a_cost_that_falls_deviates_too() -> None:
    assert deviation_percent([2.0, 1.5]) == 25
