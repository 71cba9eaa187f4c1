"""The arithmetic: medians, ratios of interleaved runs, growth; and what is held against an aim."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Repeated measurements of one quantity."""

    middle: float
    """The median."""
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(middle=median(values), low=min(values), high=max(values))


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a figure is held against."""

    most: float
    below: bool = False
    """Whether `most` itself is already too much."""

    def met(self, value: float) -> bool:
        """Whether a value keeps to it."""
        return value < self.most or (value == self.most and not self.below)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One row of the table."""

    part: str
    """The part of the benchmark that measured it."""
    what: str
    unit: Literal["", "s", "MiB", "%"]
    """Empty for a ratio."""
    value: Spread
    aim: Aim | None = None
    """`None`: it is told for what it is."""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the median keeps to the aim; `None` without one."""
        return None if self.aim is None else self.aim.met(self.value.middle)


Runs = Mapping[str, Sequence[float]]
"""Contestant -> its times, run by run."""


def interleaved(
    contestants: Mapping[str, Callable[[], float]], *, runs: int, say: Callable[[str], None]
) -> dict[str, list[float]]:
    """Measure contestants in turn, A B A B …, so that the machine's moods meet all of them.

    One run of each before is not counted: it fills caches.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(runs + 1):
        for name, contestant in contestants.items():
            taken = contestant()
            say(f"{name}, {f'run {number} of {runs}' if number else 'warm-up'}: {taken:.2f} s")
            if number:
                times[name].append(taken)
    return times


def ratio(runs: Runs, one: str, other: str) -> Spread:
    """How many times as long one contestant took as the other, pair by pair."""
    return Spread.of([a / b for a, b in zip(runs[one], runs[other], strict=True)])


def marginal(costs: Mapping[int, float]) -> list[float]:
    """What one unit more costs, between each count and the next higher one."""
    counts = sorted(costs)
    return [
        (costs[more] - costs[fewer]) / (more - fewer) for fewer, more in itertools.pairwise(counts)
    ]


def deviation_percent(costs: Sequence[float]) -> float:
    """How far costs that should be equal lie from the first of them, percent of it."""
    return 100 * max(abs(cost / costs[0] - 1) for cost in costs)
