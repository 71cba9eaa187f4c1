"""A good resource of every type: accepted, complete, stable, and deleted without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import admin
from sandbox.packages import package
from sandbox.values import UNKNOWN, has_unknown
from tests.sandbox.aws.estate import GOOD, Estate

AWS = package("aws")
TYPES = [token for module in AWS.modules() for token in AWS.tables(module).resources]
every_type = pytest.mark.parametrize("token", sorted(GOOD))


def test_every_type_with_a_table_has_a_good_resource() -> None:
    assert sorted(GOOD) == sorted(TYPES)


@every_type
def test_a_good_resource_is_accepted_with_all_its_outputs(token: str, estate: Estate) -> None:
    outputs = estate.make(token).outputs
    table = AWS.resource(token).table
    assert not has_unknown(outputs)
    computed = set(table.outputs) | ({table.name.property} if table.name else set())
    assert computed - set(outputs) == set()


@every_type
def test_the_same_inputs_again_are_no_change(token: str, estate: Estate) -> None:
    resource = estate.make(token)
    assert estate.engine.diff(resource, GOOD[token](estate)).changes == {}


@every_type
def test_a_preview_of_a_good_resource_gives_no_computed_value(token: str, estate: Estate) -> None:
    inputs = GOOD[token](estate)
    table = AWS.resource(token).table
    previewed = estate.engine.preview(token, "preview", inputs)
    computed = set(table.outputs) - set(inputs) - set(table.defaults) - {"region", "tagsAll"}
    known = {name for name in computed if previewed.get(name) is not UNKNOWN}
    assert known - {table.name.property if table.name else ""} <= set(table.known_at_preview)


def test_all_of_them_together_are_deleted_in_reverse_order(estate: Estate, state: Path) -> None:
    for token in sorted(GOOD):
        estate.make(token)
    for resource in reversed(list(estate.made.values())):
        estate.engine.delete(resource)
    assert admin.status(state)["objects"] == 0
