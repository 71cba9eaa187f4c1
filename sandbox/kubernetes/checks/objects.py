"""What holds for every kind: names, the schema, the namespace, and the cluster itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from sandbox.cloud import Properties, UnknownValueError
from sandbox.errors import Problem
from sandbox.kubernetes import charts, kinds, metadata, schemas, validation
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, readable
from sandbox.naming import Mode, Naming, NoNameError, hex_digits
from sandbox.values import Properties as Values
from sandbox.values import Unknown, Value, plain, unwrap

_AUTONAMED: Final = "pulumi.com/autonamed"
_SKIP_AWAIT: Final = "pulumi.com/skipAwait"
_HEX_DIGITS: Final = 8


def prepare(
    inputs: Mapping[str, Value], olds: Mapping[str, Value], naming: Naming, cloud: KubernetesCloud
) -> Values:
    """The inputs with the name and the namespace that the provider fills in. Raises NoNameError."""
    given = unwrap(inputs.get("metadata"))
    if isinstance(given, Unknown):
        return dict(inputs)
    filled = dict(given or {})
    if not filled.get("name") and not filled.get("generateName"):
        filled["name"] = _kept_name(olds) or _automatic_name(naming)
        filled["annotations"] = {**(unwrap(filled.get("annotations")) or {}), _AUTONAMED: "true"}
    if not filled.get("namespace") and _is_namespaced(inputs):
        filled["namespace"] = cloud.default_namespace
    return {**inputs, "metadata": filled}


def _kept_name(olds: Mapping[str, Value]) -> str | None:
    old = plain(olds.get("metadata")) or {}
    return old.get("name") if _is_autonamed(old) else None


def _is_autonamed(metadata: Mapping[str, Any]) -> bool:
    annotations = metadata.get("annotations")
    return isinstance(annotations, dict) and annotations.get(_AUTONAMED) == "true"


def _automatic_name(naming: Naming) -> str:
    if naming.wish.mode is Mode.DISABLE:
        raise NoNameError("autonaming is disabled (pulumi:autonaming): set metadata.name")
    if naming.wish.mode in (Mode.PROPOSE, Mode.ENFORCE):
        return naming.wish.proposed
    return f"{naming.logical}-{hex_digits(naming.seed, _HEX_DIGITS)}"


def _is_namespaced(inputs: Mapping[str, Value]) -> bool:
    schema = schemas.of_kind(str(inputs.get("apiVersion")), str(inputs.get("kind")))
    return schema is not None and schema.namespaced


def keeps_its_name(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether the new object could not stand beside the old one: both have the name that the
    program gives. An automatic one is made anew."""
    before, after = old.get("metadata") or {}, new.get("metadata") or {}
    if isinstance(after, Unknown) or _is_autonamed(after):
        return False
    same = ("name", "namespace")
    return [before.get(key) for key in same] == [after.get(key) for key in same]


def identity(properties: Properties, cloud: KubernetesCloud) -> str:
    """`namespace/name`, or the name alone outside the namespaces."""
    given = properties["metadata"]
    name = given.get("name") or given.get("generateName") + "x7k2p"
    namespace = given.get("namespace")
    return f"{namespace}/{name}" if namespace else str(name)


def uid(properties: Properties, cloud: KubernetesCloud) -> str:
    """What tells the object from others of its name; here it follows from the name."""
    named = f"{properties['kind']}/{identity(properties, cloud)}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{cloud.region}/{named}"))


def _schema(properties: Properties) -> schemas.KindSchema:
    """The schema of an object, whose kind was looked up before anything else."""
    found = schemas.of_kind(properties["apiVersion"], properties["kind"])
    if found is None:
        raise LookupError(f"{properties['kind']} is no kind")
    return found


def _own(properties: Properties) -> kinds.KindTable:
    return kinds.specific(kinds.of_object(properties["apiVersion"], properties["kind"]))


def whole(properties: Properties, kind: schemas.KindSchema) -> dict[str, Any]:
    """The object, with unknown values in it."""
    found = {name: readable(properties.raw(name)) for name in kind.properties}
    return {name: value for name, value in found.items() if value is not None}


def valid(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """The schema of the kind, its metadata, and then the checks of the kind itself."""
    schema = _schema(properties)
    object_ = whole(properties, schema)
    found = list(validation.problems(object_, schema, cloud.version))
    found += metadata.problems(object_, namespaced=schema.namespaced)
    yield from found
    if found:
        return
    yield from validation.listed_values(object_)
    for check in _own(properties).checks:
        try:
            yield from _function(check)(object_)
        except UnknownValueError:
            continue


def ready(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """What pulumi-kubernetes would wait for in vain, unless the object says not to wait."""
    if _skips_waiting(properties["metadata"]):
        return
    object_ = whole(properties, _schema(properties))
    for check in _own(properties).ready_checks:
        yield from _function(check)(object_, cloud)


def _skips_waiting(metadata: Mapping[str, Any]) -> bool:
    return (metadata.get("annotations") or {}).get(_SKIP_AWAIT) == "true"


def _function(name: str) -> Any:  # noqa: ANN401 - a function of one of the modules here
    module, _, function = name.partition(".")
    return getattr(import_module(f"{__package__}.{module}"), function)


def cluster_is_reachable(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """There must be a cluster at the address of the kubeconfig."""
    if not cloud.stands:
        yield Problem(
            "kubeconfig",
            f"the cluster is unreachable: no cluster has the endpoint {cloud.region}. Take the "
            "server of the kubeconfig from the cluster's own outputs; where the cluster was "
            "deleted, `pulumi refresh` and `pulumi up` make it again",
        )
        return
    if cloud.found is None:
        return
    kind, cluster = cloud.found
    authority = kind.certificate(cluster) if kind.certificate else cluster.get(kind.authority)
    if authority and cloud.variables["certificate_authority"] != authority:
        yield Problem(
            "kubeconfig",
            "x509: certificate signed by unknown authority: take certificate-authority-data from "
            f"the cluster's `{kind.authority}`",
        )


def cluster_still_reachable(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """An object cannot be deleted in a cluster that is gone."""
    if not cloud.stands and cloud.variables["delete_unreachable"] != "true":
        yield Problem(
            "kubeconfig",
            f"the cluster is unreachable: no cluster has the endpoint {cloud.region}. Objects "
            "must go before their cluster: make them depend on it by its provider; what is left is "
            "taken out of the state with deleteUnreachable on the provider, or by "
            "`pulumi state delete`",
        )


def namespace_exists(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """Its namespace must be there before it."""
    name = get(properties["metadata"], "namespace")
    if not cloud.has_namespace(name):
        yield Problem(
            "metadata",
            f'namespaces "{name}" not found: make the Namespace first, and take the name from its '
            "metadata, so that this object waits for it",
        )


def kind_is_served(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """A custom resource needs the Helm release that brings its definition."""
    api_version, name = properties["apiVersion"], properties["kind"]
    if not _schema(properties).custom or cloud.defines(api_version.partition("/")[0], name):
        return
    if not any(charts.installs(release, api_version, name) for release in cloud.releases):
        named = ", ".join(charts.that_install(api_version, name)) or "that brings it"
        yield Problem(
            "kind",
            f'no matches for kind "{name}" in version "{api_version}": install the chart {named} '
            "first, and let this object depend on the release",
        )
