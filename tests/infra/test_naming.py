"""Names stay within the clouds' limits, whatever the stack is called."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from components.naming import BASE_LIMIT, base_name

# Pulumi's own rule for stack names: 1 to 100 of these characters.
STACK_NAMES = st.from_regex(r"\A[A-Za-z0-9_.-]{1,100}\Z")


def test_a_short_stack_name_is_kept() -> None:
    assert base_name("medium") == "letta-medium"


@given(STACK_NAMES)
def test_every_base_is_a_valid_prefix_within_the_limit(stack: str) -> None:
    name = base_name(stack)
    assert len(name) <= BASE_LIMIT
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name)
    assert "--" not in name


@given(st.lists(STACK_NAMES, min_size=2, max_size=6, unique=True))
def test_different_stacks_have_different_bases(stacks: list[str]) -> None:
    assert len({base_name(stack) for stack in stacks}) == len(stacks)
