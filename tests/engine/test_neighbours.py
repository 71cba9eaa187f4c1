"""Stacks side by side in a cluster that is somebody's: neither sees the other's objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from components.naming import base_name
from tests.engine.engine import Result, Shell

FIRST, SECOND = "small-kubernetes", "medium-kubernetes"


@dataclass(frozen=True)
class Seen:
    """What was seen while two stacks shared a cluster."""

    refused: Result
    """`up` of the first in the namespace of the second."""
    ups: tuple[Result, Result]
    together: int
    """Objects of both."""
    alone: int
    """Objects of the second, while it was alone."""
    shared: set[tuple[str, str]]
    """Type and id of what both stacks have."""
    destroyed: Result
    after: int
    """Objects when the first was destroyed."""
    again: Result
    """The preview of the second after that, which must find nothing to do."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """The second stack first, then its neighbour, which comes and goes."""
    state_home = tmp_path_factory.mktemp("neighbours")
    second = Shell.open(SECOND, state_home)
    first = Shell.open(FIRST, state_home)
    try:
        ups = [second.pulumi("up", "--yes", "--skip-preview")]
        alone = second.objects()
        taken = {"kubernetes": {"namespace": base_name(SECOND)}}
        file = first.variant(tmp_path_factory.mktemp("taken"), taken)
        refused = first.pulumi("up", "--yes", "--skip-preview", "--config-file", file)
        made = first.letta_cloud("up", "--stack", FIRST)
        ups.append(made)
        together = second.objects()
        shared = objects(first) & objects(second)
        destroyed = first.letta_cloud("destroy", "--stack", FIRST)
        yield Seen(
            refused=refused,
            ups=(ups[0], ups[1]),
            together=together,
            alone=alone,
            shared=shared,
            destroyed=destroyed,
            after=second.objects(),
            again=second.pulumi("preview", "--expect-no-changes"),
        )
        ended = second.letta_cloud("destroy", "--stack", SECOND)
        assert ended, ended.output
        assert second.objects() == 0
    finally:
        second.close()


def objects(shell: Shell) -> set[tuple[str, str]]:
    """Type and id of each object of a stack in the cluster."""
    exported = json.loads(shell.pulumi("stack", "export").output)
    return {
        (each["type"], each["id"])
        for each in exported["deployment"]["resources"]
        if each["type"].startswith("kubernetes:")
    }


def test_a_second_stack_comes_up_beside_the_first(seen: Seen) -> None:
    for up in seen.ups:
        assert up, up.output
    assert seen.together > seen.alone > 0


def test_a_namespace_that_another_stack_has_is_refused(seen: Seen) -> None:
    assert not seen.refused
    assert "AlreadyExists" in seen.refused.output
    assert base_name(SECOND) in seen.refused.output


def test_no_object_is_of_both_stacks(seen: Seen) -> None:
    assert seen.shared == set()


def test_the_end_of_one_leaves_all_of_the_other(seen: Seen) -> None:
    assert seen.destroyed, seen.destroyed.output
    assert seen.after == seen.alone
    assert seen.again, seen.again.output
