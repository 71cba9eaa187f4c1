"""Custom resources and their controllers."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.kubernetes import charts
from sandbox.kubernetes.cloud import KubernetesCloud


def controller_is_there(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """A finalizer keeps the object until its controller has taken its work back."""
    api_version, kind = properties["apiVersion"], properties["kind"]
    if not any(charts.installs(release, api_version, kind) for release in cloud.releases):
        needed = ", ".join(charts.that_install(api_version, kind))
        yield Problem(
            "metadata",
            f"its finalizer waits for the controller of the chart {needed}, which is gone: install "
            "it again, delete this object, and let it depend on the release from then on",
        )
