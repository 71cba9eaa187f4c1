"""What a resource is changed into, and the words with which AWS refuses that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from tests.sandbox.aws.estate import Estate, Inputs


@dataclass(frozen=True)
class Case:
    """A bad resource: the good one of that type with changes (None leaves a property out)."""

    about: str
    token: str
    changes: Inputs | Callable[[Estate], Inputs]
    words: str

    def refusal(self, estate: Estate) -> str:
        """What the sandbox says."""
        changes = self.changes(estate) if callable(self.changes) else self.changes
        return estate.refusal(self.token, changes)


def each(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """Run a test with each of the cases."""
    ids = [f"{case.token.rpartition(':')[2]}: {case.about}" for case in cases]
    return pytest.mark.parametrize("case", cases, ids=ids)


def twice(token: str) -> Callable[[Estate], Inputs]:
    """No change: the good resource is there already."""

    def changes(estate: Estate) -> Inputs:
        estate.make(token)
        return {}

    return changes


def forward(arn: str) -> list[Inputs]:
    """Actions of a listener that forward to a target group."""
    return [{"type": "forward", "targetGroupArn": arn}]
