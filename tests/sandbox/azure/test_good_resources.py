"""A good resource of every type: accepted, complete, stable, and deleted without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import admin
from sandbox.packages import package
from sandbox.values import UNKNOWN, has_unknown
from tests.sandbox.azure.estate import LOCK
from tests.sandbox.azure.good import GOOD, Good
from tests.sandbox.engine import Engine

AZURE = package("azure-native")
TYPES = [token for module in AZURE.modules() for token in AZURE.tables(module).resources]
AT_TIMES = {"privateFQDN"}
"""Outputs of what is private alone."""
every_type = pytest.mark.parametrize("token", sorted(GOOD))


@pytest.fixture
def own(azure: Engine) -> Good:
    """An empty subscription."""
    return Good(azure)


def test_every_type_with_a_table_has_a_good_resource() -> None:
    assert sorted(GOOD) == sorted(TYPES)


@every_type
def test_a_good_resource_is_accepted_with_all_its_outputs(token: str, own: Good) -> None:
    outputs = own.make(token).outputs
    table = AZURE.resource(token).table
    assert not has_unknown(outputs)
    computed = set(table.outputs) | ({table.name.property} if table.name else set())
    assert computed - set(outputs) - AT_TIMES == set()


@every_type
def test_the_same_inputs_again_are_no_change(token: str, own: Good) -> None:
    resource = own.make(token)
    assert own.engine.diff(resource, resource.inputs).changes == {}


@every_type
def test_a_preview_of_a_good_resource_gives_no_computed_value(token: str, own: Good) -> None:
    own.make("azure-native:resources:ResourceGroup")
    inputs = GOOD[token](own)
    table = AZURE.resource(token).table
    previewed = own.engine.preview(token, "preview", inputs)
    computed = set(table.outputs) - set(inputs) - set(table.defaults)
    known = {name for name in computed if previewed.get(name) is not UNKNOWN}
    assert known <= set(table.known_at_preview)


def test_all_of_them_together_are_deleted_in_reverse_order_once_the_lock_is_gone(
    own: Good, state: Path
) -> None:
    for token in sorted(GOOD):
        own.make(token)
    own.engine.delete(own.made.pop((LOCK, "it")))
    for resource in reversed(list(own.made.values())):
        own.engine.delete(resource)
    assert admin.status(state)["objects"] == 0
