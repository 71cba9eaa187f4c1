"""A good object of every kind: accepted, stable, known at preview, and deleted without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import admin
from sandbox.kubernetes import charts, kinds
from sandbox.values import Secret
from tests.sandbox.kubernetes.estate import GOOD, Estate

every_object = pytest.mark.parametrize("key", sorted(GOOD))
named = pytest.mark.parametrize(
    "key", sorted(key for key in GOOD if "apiVersion" in GOOD[key].inputs)
)


def test_every_kind_of_the_table_and_every_chart_has_a_good_object() -> None:
    tokens = {good.token for good in GOOD.values()}
    assert set(kinds.tables().kinds) - tokens == set()
    assert {good.inputs["chart"] for good in GOOD.values() if "chart" in good.inputs} == set(
        charts.known()
    )


@every_object
def test_a_good_object_is_accepted_and_read_back(key: str, estate: Estate) -> None:
    made = estate.make(key)
    namespace = GOOD[key].inputs.get("namespace") or made.inputs["metadata"].get("namespace")
    assert made.id.startswith(f"{namespace}/") == bool(namespace)
    found = estate.engine.import_by_id(made.type, key, made.id)
    assert found is not None
    assert found.outputs == made.outputs


@every_object
def test_the_same_inputs_again_are_no_change(key: str, estate: Estate) -> None:
    made = estate.make(key)
    assert estate.engine.diff(made, GOOD[key].inputs).changes == {}


@named
def test_an_automatic_name_is_known_at_preview_and_kept(key: str, estate: Estate) -> None:
    for needed in GOOD[key].needs:
        estate.make(needed)
    inputs = {**GOOD[key].inputs, "metadata": {**GOOD[key].inputs["metadata"]}}
    del inputs["metadata"]["name"]
    previewed = estate.engine.preview(f"kubernetes:{GOOD[key].token}", "logical", inputs)
    stem, _, digits = previewed["metadata"]["name"].rpartition("-")
    assert stem == "logical"
    assert len(digits) == 8
    made = estate.create(GOOD[key].token, inputs, "logical")
    assert estate.engine.diff(made, inputs).changes == {}


def test_all_of_them_together_are_deleted_in_reverse_order(estate: Estate, state: Path) -> None:
    outside = admin.status(state)["objects"]
    for key in sorted(GOOD):
        estate.make(key)
    for made in reversed(list(estate.made.values())):
        estate.engine.delete(made)
    assert admin.status(state)["objects"] == outside


def test_the_status_counts_objects_by_kind(estate: Estate, state: Path) -> None:
    estate.make("Service")
    counted = admin.status(state)["by_type"]
    assert counted["kubernetes:core/v1:Service"] == 1
    assert counted["kubernetes:apps/v1:Deployment"] == 1


def test_secret_data_stays_secret_in_the_state(estate: Estate) -> None:
    made = estate.make("Secret")
    assert isinstance(made.outputs["stringData"], Secret)
