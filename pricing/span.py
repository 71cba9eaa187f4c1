"""A quantity or a sum at three points: autoscalers lowest, as declared, autoscalers highest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

Number = Decimal | int


@dataclass(frozen=True)
class Span:
    """Floor, expected and ceiling.

    Raises `ValueError` unless `0 <= floor <= expected <= ceiling`.
    """

    floor: Decimal
    """With every autoscaler at its minimum."""
    expected: Decimal
    """As the stack starts, under the declared workload."""
    ceiling: Decimal
    """With every autoscaler at its maximum."""

    def __post_init__(self) -> None:
        if not 0 <= self.floor <= self.expected <= self.ceiling:
            raise ValueError(
                f"0 <= floor {self.floor} <= expected {self.expected} <= ceiling {self.ceiling} "
                "does not hold"
            )

    @classmethod
    def of(cls, floor: Number, expected: Number, ceiling: Number) -> Span:
        """A span of numbers."""
        return cls(Decimal(floor), Decimal(expected), Decimal(ceiling))

    @classmethod
    def fixed(cls, value: Number) -> Span:
        """The same at all three points."""
        return cls.of(value, value, value)

    def map(self, function: Callable[[Decimal], Decimal]) -> Span:
        """What a rising function makes of each point."""
        return Span(function(self.floor), function(self.expected), function(self.ceiling))

    def __add__(self, other: Span) -> Span:
        return Span(
            self.floor + other.floor, self.expected + other.expected, self.ceiling + other.ceiling
        )

    def __mul__(self, other: Span | Number) -> Span:
        if isinstance(other, Span):
            return Span(
                self.floor * other.floor,
                self.expected * other.expected,
                self.ceiling * other.ceiling,
            )
        return Span(self.floor * other, self.expected * other, self.ceiling * other)


ZERO = Span.fixed(0)
