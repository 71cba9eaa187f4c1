"""Every Kubernetes object against the API's own schemas: no unknown field, none missing.

Objects of a kind that a chart defines have no schema here; what is checked of them is that a
chart of the table defines the kind.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubernetes_validate import (  # type: ignore[import-untyped]
    SchemaNotFoundError,
    ValidationError,
    validate,
)

from components.workloads.charts import CHARTS
from tests.components.aws.mock_cloud import Registered

VERSION = "1.32"
"""Oldest version of Kubernetes that clusters have."""

_RELEASE = "kubernetes:helm.sh/v3:Release"
_CUSTOM = frozenset(kind for chart in CHARTS.values() for kind in chart.kinds)


def objects(resources: Iterable[Registered]) -> list[Registered]:
    """The Kubernetes objects among resources."""
    return [
        each for each in resources if each.type.startswith("kubernetes:") and each.type != _RELEASE
    ]


def problems(resources: Iterable[Registered]) -> list[str]:
    """What is wrong with the Kubernetes objects among resources, one line each."""
    found = []
    for each in objects(resources):
        manifest = dict(each.inputs)
        if f"{manifest['apiVersion']}/{manifest['kind']}" in _CUSTOM:
            continue
        try:
            validate(manifest, VERSION, strict=True)
        except ValidationError as error:
            place = ".".join(str(part) for part in error.absolute_path)
            found.append(f"{each.type} {each.name}: {place}: {error.message}")
        except SchemaNotFoundError as error:
            found.append(f"{each.type} {each.name}: {error.message}")
    return found
