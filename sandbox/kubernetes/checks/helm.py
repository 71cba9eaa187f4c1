"""Helm releases: charts that are known, their values, and who needs what they bring."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.cloud import Properties
from sandbox.errors import Problem
from sandbox.kubernetes import charts, placement, schemas
from sandbox.kubernetes.cloud import RELEASE, KubernetesCloud
from sandbox.kubernetes.reading import readable
from sandbox.naming import Mode, Naming, NoNameError, hex_digits
from sandbox.values import Properties as Values
from sandbox.values import Value, plain

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_NAME_LENGTH: Final = 53
_TIMEOUT_SECONDS: Final = 300
_HEX_DIGITS: Final = 8


def prepare(
    inputs: Mapping[str, Value], olds: Mapping[str, Value], naming: Naming, cloud: KubernetesCloud
) -> Values:
    """The inputs with name, namespace and timeout filled in. Raises NoNameError."""
    filled = {"namespace": cloud.default_namespace, "timeout": _TIMEOUT_SECONDS, **inputs}
    if not filled.get("name"):
        filled["name"] = olds.get("name") or _automatic_name(naming)
    return filled


def _automatic_name(naming: Naming) -> str:
    if naming.wish.mode is Mode.DISABLE:
        raise NoNameError("autonaming is disabled (pulumi:autonaming): set name")
    if naming.wish.mode in (Mode.PROPOSE, Mode.ENFORCE):
        return naming.wish.proposed
    return f"{naming.logical}-{hex_digits(naming.seed, _HEX_DIGITS)}"


def name(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """Helm's rule for the name of a release."""
    given = properties["name"]
    if len(given) > _NAME_LENGTH or not _NAME.fullmatch(given):
        yield Problem(
            "name",
            f"invalid release name {given!r}: use at most {_NAME_LENGTH} lower-case letters, "
            "digits, hyphens and dots, beginning and ending with a letter or a digit",
        )


def known_chart(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """Chart, repository and version that the sandbox has a table of."""
    wanted = properties["chart"]
    chart = charts.known().get(wanted)
    if chart is None:
        known = ", ".join(charts.known())
        yield Problem(
            "chart",
            f"the sandbox knows no chart {wanted!r}: use one of {known}, or describe it in "
            "sandbox/kubernetes/charts",
        )
        return
    repository = properties.get("repositoryOpts.repo")
    if repository != chart.repository:
        yield Problem(
            "repositoryOpts",
            f"chart {wanted!r} is not in {repository or 'no repository'}: use "
            f"{chart.repository or 'no repository, the chart is an OCI address'}",
        )
    version = properties["version"]
    if version is None:
        yield Problem("version", f"pin it: the sandbox knows {', '.join(chart.versions)}")
    elif version not in chart.versions:
        yield Problem(
            "version",
            f"the sandbox knows no version {version!r} of chart {wanted!r}: use one of "
            f"{', '.join(chart.versions)}",
        )


def no_files(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """Files of values are not read."""
    if properties["valueYamlFiles"]:
        yield Problem("valueYamlFiles", "the sandbox reads no files of values: give `values`")


def values(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """Every value must be one of the chart's, of its type."""
    chart = charts.known().get(properties["chart"])
    given = readable(properties.raw("values"))
    if chart is not None and isinstance(given, dict):
        yield from charts.value_problems(chart, str(properties["version"]), given)


def namespace_exists(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """Helm makes the namespace only when told to."""
    given = properties["namespace"]
    if properties["createNamespace"] is not True and not cloud.has_namespace(given):
        yield Problem(
            "namespace",
            f'namespaces "{given}" not found: make the Namespace first, or set createNamespace',
        )


def status(properties: Properties, cloud: KubernetesCloud) -> dict[str, Any]:
    """What Helm says of the release."""
    return {
        "chart": properties["chart"].rpartition("/")[2],
        "name": properties["name"],
        "namespace": properties["namespace"],
        "status": "deployed",
        "version": properties["version"],
    }


def has_nodes(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """The chart's pods need a node group whose taints they tolerate."""
    chart = charts.known()[properties["chart"]]
    if chart.on_every_node or properties["skipAwait"] is True:
        return
    given = plain(properties["values"]) or {}
    found = placement.some_group(cloud, charts.tolerations_in(chart, given))
    if found is not None:
        yield Problem("chart", f"{chart.chart}: {found}")


def keeps_definitions(
    old: Properties, new: Properties, cloud: KubernetesCloud
) -> Iterator[Problem]:
    """A release that changes its chart takes the old one's definitions away."""
    if old["chart"] != new["chart"]:
        yield Problem(
            "chart",
            f"from {old['chart']!r} to {new['chart']!r} is another release: give it another name",
        )


def nothing_needs_it(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """With the definitions, every custom resource of theirs would be deleted, and objects with a
    finalizer would wait for a controller that is gone."""
    release = cloud.find(RELEASE, "id", properties["id"])
    if release is None:
        return
    others = [item for item in cloud.releases if item.id != release.id]
    for item in cloud.everything():
        if item.type == RELEASE:
            continue
        api_version, kind = item.get("apiVersion"), item.get("kind")
        schema = schemas.of_kind(api_version, kind)
        if schema is None or not schema.custom:
            continue
        if charts.installs(release, api_version, kind) and not any(
            charts.installs(other, api_version, kind) for other in others
        ):
            yield Problem(
                "chart",
                f"{kind} {item.id} needs the chart {release.get('chart')}: delete it first, by "
                "letting it depend on the release",
            )
