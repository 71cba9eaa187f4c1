"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from policies.facts.model import Deployment, Fact

Config = Mapping[str, float]
"""Numbers of a rule, by name."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What breaks a rule."""

    resource: str
    """Logical name of the resource."""
    urn: str
    message: str
    """Resource, value, limit and way out."""


Check = Callable[[Deployment, Config], Iterable[Violation]]
"""Pure: facts and numbers in, violations out. An `Undecidable` raised on the way counts as one."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number of a rule that an organisation may set to its own."""

    name: str
    description: str
    default: float
    minimum: float
    maximum: float


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that a deployment must be."""

    name: str
    """Kebab case; what a waiver names."""
    description: str
    """One sentence that says what must hold."""
    severity: Literal["low", "medium", "high", "critical"]
    check: Check
    advisory: bool = False
    """Whether it is said only, and stops nothing."""
    numbers: tuple[Number, ...] = ()

    @property
    def defaults(self) -> Config:
        """Its numbers where nobody set others."""
        return {number.name: number.default for number in self.numbers}


def violation(fact: Fact, problem: str, remedy: str) -> Violation:
    """`problem` names value and limit, `remedy` what to change."""
    return Violation(resource=fact.name, urn=fact.urn, message=f"{fact.name}: {problem}; {remedy}")


def missing(
    deployment: Deployment,
    found: Sequence[Fact],
    what: str,
    remedy: str = "build the stack with infra.stack.Deployment",
) -> Iterator[Violation]:
    """A violation when there is nothing for a rule to look at."""
    if not len(found):
        yield violation(deployment, f"there is no {what} in this stack", remedy)
