"""The tables of kinds, charts and custom resources, held against what they name."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from components.workloads import charts as components_charts
from sandbox.kubernetes import charts, kinds, schemas
from sandbox.kubernetes.package import KubernetesPackage
from sandbox.package import Package
from sandbox.packages import package
from sandbox.server import Server
from tests.sandbox.engine import Engine, Resource
from tests.sandbox.kubernetes.estate import GOOD, Estate, kubeconfig

CRDS = Path(schemas.__file__).parent / "crds"
KUBERNETES: Package = package("kubernetes")


def _functions(table: kinds.KindTable) -> Iterator[str]:
    yield from table.checks
    yield from table.cloud_checks
    yield from table.update_checks
    yield from table.ready_checks
    yield from table.delete_checks
    yield from filter(None, (table.takes_along, table.leaves_behind))
    yield from (value["call"] for value in table.defaults.values() if isinstance(value, dict))


@pytest.mark.parametrize("key", sorted(kinds.tables().kinds))
def test_everything_that_a_row_names_exists(key: str) -> None:
    table = kinds.tables().kinds[key]
    for name in _functions(table):
        module, _, function = name.partition(".")
        home = importlib.import_module(f"sandbox.kubernetes.checks.{module}")
        assert callable(getattr(home, function, None)), name
    found = KUBERNETES.resource(f"{kinds.PREFIX}{key}")
    roots = {path.partition(".")[0] for path in (*table.replace, *table.defaults, *table.secrets)}
    assert roots <= set(found.schema.inputs)


@pytest.mark.parametrize("name", sorted(charts.known()))
def test_what_a_chart_brings_is_defined(name: str) -> None:
    for key in charts.known()[name].kinds:
        kind = kinds.of_token(kinds.PREFIX + key)
        schema = schemas.of_kind(kind.api_version, kind.name)
        assert schema is not None
        assert schema.custom


def test_every_definition_has_a_source_and_somebody_who_brings_it() -> None:
    sources = json.loads((CRDS / "sources.json").read_text(encoding="utf-8"))
    assert {path.name for path in CRDS.glob("*_*.json")} == set(sources)
    brought = {key for chart in charts.known().values() for key in chart.kinds}
    # What the owner of a cluster that is nobody's resource has installed.
    beforehand = [
        entry["properties"]["spec"]
        for entry in package("kubernetes").account["objects"]
        if entry["type"].endswith(":CustomResourceDefinition")
    ]
    brought |= {f"{spec['group']}/v1:{spec['names']['kind']}" for spec in beforehand}
    for name in sources:
        definition = json.loads((CRDS / name).read_text(encoding="utf-8"))
        served = {
            f"{definition['group']}/{version}:{definition['kind']}"
            for version in definition["versions"]
        }
        assert served & brought, name


@pytest.mark.parametrize("name", sorted(components_charts.CHARTS))
def test_the_sandbox_knows_every_chart_of_the_project(name: str) -> None:
    pinned = components_charts.CHARTS[name]
    known = charts.known()[pinned.address]
    assert known.repository == (None if pinned.is_oci else pinned.repository)
    assert pinned.version in known.versions
    assert {":".join(kind.rsplit("/", 1)) for kind in pinned.kinds} <= set(known.kinds)


def test_the_package_answers_for_any_kind_of_kubernetes() -> None:
    assert isinstance(KUBERNETES, KubernetesPackage)
    found = KUBERNETES.resource("kubernetes:coordination.k8s.io/v1:Lease")
    assert {"apiVersion", "kind", "metadata", "spec"} <= set(found.schema.inputs)


def test_a_service_waits_for_the_pods_that_are_made_meanwhile(estate: Estate, state: Path) -> None:
    for needed in GOOD["Deployment"].needs:
        estate.make(needed)
    patient = Server(state, patience_seconds=30)
    engine = Engine(patient.port, "kubernetes", {"kubeconfig": kubeconfig()})
    engine.configure()
    made: list[Resource] = []
    service = GOOD["Service"]

    def create() -> None:
        made.append(engine.create(f"kubernetes:{service.token}", "service", service.inputs))

    waiting = Thread(target=create)
    waiting.start()
    estate.make("Deployment")
    waiting.join(timeout=60)
    engine.close()
    patient.stop()
    assert [resource.id for resource in made] == ["letta/service"]
