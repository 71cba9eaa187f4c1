"""A good resource of every type of the other clouds: accepted, complete, stable, and deleted
without a trace (`tests/sandbox/aws/test_good_resources.py` for the first)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sandbox import admin
from sandbox.packages import package
from sandbox.values import has_unknown
from tests.sandbox.engine import Engine
from tests.sandbox.good import Made, Tried

CLOUDS: Mapping[str, Tried] = {
    path.parent.name: importlib.import_module(f"tests.sandbox.{path.parent.name}.tried").TRIED
    for path in sorted(Path(__file__).parent.glob("*/tried.py"))
}
every_cloud = pytest.mark.parametrize("cloud", CLOUDS)
every_type = pytest.mark.parametrize(
    ("cloud", "token"),
    [(cloud, token) for cloud, tried in CLOUDS.items() for token in sorted(tried.goods.recipes)],
)
ASIDE = ("region", "tagsAll")
"""What a provider knows at preview whatever the table says."""


@pytest.fixture
def made(cloud: str, connect: Callable[..., Engine]) -> Made:
    """The resources of the cloud that a test is about."""
    tried = CLOUDS[cloud]
    engine = connect(cloud, **tried.arguments)
    others = {token: connect(cloud, **given) for token, given in tried.elsewhere.items()}
    return Made(tried.goods, lambda token: others.get(token, engine))


@every_cloud
def test_every_type_with_a_table_has_a_good_resource(cloud: str) -> None:
    home = package(cloud)
    types = [token for module in home.modules() for token in home.tables(module).resources]
    assert sorted(CLOUDS[cloud].goods.recipes) == sorted(types)


@every_type
def test_a_good_resource_is_accepted_with_all_its_outputs(
    cloud: str, token: str, made: Made
) -> None:
    outputs = made.make(token).outputs
    table = package(cloud).resource(token).table
    assert not has_unknown(outputs)
    computed = set(table.outputs) | ({table.name.property} if table.name else set())
    assert computed - set(outputs) == set()


@every_type
def test_the_same_inputs_again_are_no_change(token: str, made: Made) -> None:
    resource, engine = made.make(token), made.engine_of(token)
    assert engine.diff(resource, made.inputs(token)).changes == {}
    read = engine.read(resource)
    assert read is not None
    ignored = package(token.partition(":")[0]).resource(token).table.read_back
    assert engine.diff(read, made.inputs(token), ignored).changes == {}


@every_type
def test_a_preview_of_a_good_resource_gives_no_computed_value(
    cloud: str, token: str, made: Made
) -> None:
    inputs = made.inputs(token)
    table = package(cloud).resource(token).table
    previewed = made.engine_of(token).preview(token, "preview", inputs)
    computed = set(table.outputs) - set(inputs) - set(table.defaults) - set(ASIDE)
    known = {name for name in computed if not has_unknown(previewed.get(name))}
    assert known - {table.name.property if table.name else ""} <= set(table.known_at_preview)


@every_cloud
def test_all_of_them_together_are_deleted_in_reverse_order(
    cloud: str, made: Made, state: Path
) -> None:
    for token in sorted(CLOUDS[cloud].goods.recipes):
        made.make(token)
    made.delete_all()
    assert admin.status(state)["objects"] == 0
