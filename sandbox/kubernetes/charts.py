"""The Helm charts that the sandbox knows: repository, versions, what they install, their values."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from sandbox.cloud import CloudObject
from sandbox.errors import Problem, Refusal
from sandbox.kubernetes import kinds
from sandbox.spec import Table
from sandbox.values import Unknown, Value

_FOLDER: Final = Path(__file__).parent / "charts"
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "boolean": (bool,),
    "integer": (int,),
    "list": (list,),
    "map": (dict,),
    "number": (int, float),
    "string": (str,),
}


class Chart(Table):
    """A chart: `chart` and `repository` as Helm is told them, `values` as a tree of types."""

    about: str
    chart: str
    repository: str | None = None
    versions: Sequence[str]
    source: str
    kinds: Sequence[str] = ()
    kinds_unless: Mapping[str, Any] = {}
    required: Sequence[str] = ()
    on_every_node: bool = False
    offers: str | None = None
    tolerations: Sequence[str] = ()
    tolerations_otherwise: Sequence[Mapping[str, Any]] = ()
    values: Mapping[str, Any]


@cache
def known() -> Mapping[str, Chart]:
    """The charts by what Helm calls them. Raises Refusal when a file cannot be read."""
    found = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        try:
            chart = Chart.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            raise Refusal.broken_table(path.name, error) from error
        found[chart.chart] = chart
    return found


def of_release(release: CloudObject) -> Chart | None:
    """The chart of a release."""
    return known().get(release.get("chart"))


def installs(release: CloudObject, api_version: str, kind: str) -> bool:
    """Whether the release brought the definition of that custom resource."""
    chart = of_release(release)
    if chart is None or kinds.of_object(api_version, kind).key not in chart.kinds:
        return False
    if release.get("skipCrds") is True:
        return False
    values = release.get("values") or {}
    return all(_at(values, path) != off for path, off in chart.kinds_unless.items())


def that_install(api_version: str, kind: str) -> Sequence[str]:
    """The charts that bring the definition of that custom resource."""
    key = kinds.of_object(api_version, kind).key
    return [name for name, chart in known().items() if key in chart.kinds]


def tolerations(release: CloudObject) -> Sequence[Mapping[str, Any]]:
    """What taints the pods of a release tolerate."""
    chart = of_release(release)
    return tolerations_in(chart, release.get("values") or {}) if chart else ()


def tolerations_in(chart: Chart, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What taints the pods of a chart with these values tolerate."""
    given = next(filter(None, (_at(values, path) for path in chart.tolerations)), None)
    return list(given) if given else chart.tolerations_otherwise


def _at(values: Value, path: str) -> Value:
    for key in path.split("."):
        values = values.get(key) if isinstance(values, dict) else None
    return values


def value_problems(chart: Chart, version: str, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Values that the chart does not have or that have another type; and those it needs."""
    for name in chart.required:
        if values.get(name) is None:
            yield Problem("values", f"{name}: the chart {chart.chart} needs it")
    where = f"of chart {chart.chart} {version}"
    yield from _tree_problems(values, chart.values, "", where)


def _tree_problems(
    values: Mapping[str, Any], tree: Mapping[str, Any], at: str, where: str
) -> Iterator[Problem]:
    for name, value in values.items():
        path = f"{at}{name}"
        wanted = tree.get(name)
        if wanted is None:
            yield Problem("values", f"unknown value {path} {where}{_nearest(name, tree)}")
        elif value is None or isinstance(value, Unknown) or wanted == "any":
            continue
        elif isinstance(wanted, Mapping):
            if isinstance(value, dict):
                yield from _tree_problems(value, wanted, f"{path}.", where)
            else:
                yield Problem("values", f"value {path} {where}: expected map, got {_type(value)}")
        elif not _fits(value, wanted):
            yield Problem("values", f"value {path} {where}: expected {wanted}, got {_type(value)}")


def _fits(value: Value, wanted: str) -> bool:
    if isinstance(value, bool) and wanted != "boolean":
        return False
    return isinstance(value, _TYPES[wanted])


def _type(value: Value) -> str:
    return next(name for name, types in _TYPES.items() if isinstance(value, types))


def _nearest(name: str, tree: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, tree, n=1)
    if close:
        return f", did you mean {close[0]!r}?"
    return f"; the sandbox knows {', '.join(sorted(tree))} (sandbox/kubernetes/charts)"
