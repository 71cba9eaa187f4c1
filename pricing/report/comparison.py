"""Two bills side by side: what one costs more than the other, by component and by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pricing.bill import Bill, Line
from pricing.span import Span

NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One line, or one component where `item` is empty, in both bills."""

    component: str
    item: str
    before_usd: Decimal | None
    """A month, expected; None where the bill compared with has no such line."""
    after_usd: Decimal | None

    @property
    def change_usd(self) -> Decimal:
        """What the bill has more than the one compared with."""
        return (self.after_usd or NOTHING) - (self.before_usd or NOTHING)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A bill beside another."""

    before_name: str
    """What the other is of, such as a stack or a book."""
    after_name: str
    before: Bill
    after: Bill

    @property
    def monthly_usd(self) -> dict[str, Decimal]:
        """Change of the whole at each of the three points."""
        points = ("floor", "expected", "ceiling")
        before, after = self.before.monthly_usd, self.after.monthly_usd
        return {point: getattr(after, point) - getattr(before, point) for point in points}

    @property
    def components(self) -> tuple[Difference, ...]:
        """Every component of either bill, largest change first."""
        before, after = self.before.by_component, self.after.by_component
        return _largest_first(
            Difference(
                component=component,
                item="",
                before_usd=_expected(before.get(component)),
                after_usd=_expected(after.get(component)),
            )
            for component in dict.fromkeys([*after, *before])
        )

    def lines(self, component: str) -> tuple[Difference, ...]:
        """Lines of a component that cost something else in the other bill, largest change first."""
        before, after = _by_item(self.before, component), _by_item(self.after, component)
        differences = (
            Difference(
                component=component,
                item=item,
                before_usd=before.get(item),
                after_usd=after.get(item),
            )
            for item in dict.fromkeys([*after, *before])
        )
        return _largest_first(
            difference
            for difference in differences
            if difference.before_usd != difference.after_usd
        )


def by_component(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Component -> its lines; both in the order of the lines."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.component, []).append(line)
    return groups


def _by_item(bill: Bill, component: str) -> dict[str, Decimal]:
    """Item -> USD a month expected."""
    sums: dict[str, Decimal] = {}
    for line in by_component(bill.lines).get(component, []):
        sums[line.item] = sums.get(line.item, NOTHING) + line.monthly_usd.expected
    return sums


def _expected(span: Span | None) -> Decimal | None:
    return None if span is None else span.expected


def _largest_first(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    return tuple(sorted(differences, key=lambda difference: -abs(difference.change_usd)))
