"""What the page shows around a bill: other tiers, and the stack at other numbers of agents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from infra.settings import Settings, SettingsError
from infra.tiers import Workload
from pricing import stack
from pricing.bill import Bill, Unpriced
from pricing.book import Book
from pricing.references import TIERS, reference

FEWEST_AGENTS, MOST_AGENTS = 10**2, 10**6
_STEPS_A_DECADE = 4


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What one agent of a stack costs, by how many agents there are."""

    name: str
    declared_agents: int
    """Agents that the stack is declared for: with more, its machines may not do."""
    points: tuple[tuple[int, Decimal], ...]
    """Agents, USD a month for each of them."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Bills of other stacks by the same book and in the same region."""

    bills: Mapping[str, Bill]
    """Stack -> its bill, cheapest first; the one that the page is about is among them."""
    missing: Mapping[str, str]
    """Stack -> why it has no bill."""
    curves: tuple[Curve, ...]


def of(name: str, settings: Settings, book: Book, files: Mapping[str, Path]) -> Surroundings:
    """Surroundings of a stack. `files`: stack -> stack file, of those to be shown beside it."""
    all_settings = {name: settings}
    missing: dict[str, str] = {}
    for other, file in files.items():
        if other == name:
            continue
        try:
            all_settings[other] = _in_region(file, settings.region)
        except (SettingsError, stack.StackFileError) as error:
            missing[other] = str(error)
    bills: dict[str, Bill] = {}
    for other, loaded in all_settings.items():
        try:
            bills[other] = stack.bill_of(loaded, book)
        except Unpriced as error:
            missing[other] = str(error)
    bills = dict(sorted(bills.items(), key=lambda bill: bill[1].monthly_usd.expected))
    curves = tuple(_curve(other, all_settings[other], book) for other in bills)
    return Surroundings(bills=bills, missing=missing, curves=curves)


def of_references(book: Book) -> Surroundings:
    """Surroundings of a reference: all three. What they would cost with more agents is not said, as
    the document gives each for its own number.
    """
    bills = {f"reference {tier}": reference(tier, book) for tier in TIERS}
    return Surroundings(bills=bills, missing={}, curves=())


def agents(declared: int) -> Iterator[int]:
    """Numbers of agents at equal distances of a logarithmic axis, and the declared one."""
    few, many = Decimal(FEWEST_AGENTS).log10(), Decimal(MOST_AGENTS).log10()
    steps = int((many - few) * _STEPS_A_DECADE)
    found = {round(10 ** (few + Decimal(step) / _STEPS_A_DECADE)) for step in range(steps + 1)}
    yield from sorted(found | {min(max(declared, FEWEST_AGENTS), MOST_AGENTS)})


def _in_region(file: Path, region: str) -> Settings:
    """A stack's settings, had it been put into the region."""
    found = stack.read(file)
    return stack.load({**found.values, "region": region}, found.secret_keys, found.written)


def _curve(name: str, settings: Settings, book: Book) -> Curve:
    declared = settings.workload.agents
    points = tuple(
        (count, stack.bill_of(_with_agents(settings, count), book).per_agent_usd)
        for count in agents(declared)
    )
    return Curve(name=name, declared_agents=declared, points=points)


def _with_agents(settings: Settings, count: int) -> Settings:
    workload: Workload = settings.workload.model_copy(update={"agents": count})
    return replace(settings, workload=workload)
