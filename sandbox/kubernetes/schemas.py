"""The API server's schemas: of the built-in kinds, and of the custom resources that charts bring.

Both are strict: what the API server would drop without a word is refused. Definitions of a version
are read once, when the first object of that version is checked (1.3 MB, some 20 ms).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from sandbox.kubernetes import kinds

VERSION: Final = "1.32"
"""Every object must be valid in this version, the oldest that the project deploys to."""
_CRDS: Final = Path(__file__).parent / "crds"
_BASE: Final = "https://kubernetes.io"
_DEFINITIONS: Final = f"{_BASE}/api/_definitions.json"
_POD_TEMPLATE: Final = "io.k8s.api.core.v1.PodTemplateSpec"


@dataclass(frozen=True, kw_only=True)
class KindSchema:
    """What one kind looks like."""

    properties: Collection[str]
    namespaced: bool
    validators: Mapping[str, Draft202012Validator]
    """By version of Kubernetes; custom resources have one under the empty name."""
    custom: bool


@cache
def of_kind(api_version: str, name: str, version: str = VERSION) -> KindSchema | None:
    """The schema of a kind in a version of Kubernetes; None when there is no such kind."""
    kind = kinds.of_object(api_version, name)
    custom = _custom(kind)
    if custom is not None:
        return custom
    schema = _built_in(kind, version)
    if schema is None:
        return None
    return KindSchema(
        properties=frozenset(schema["properties"]),
        namespaced=not kinds.is_cluster_scoped(kind),
        validators={
            version: Draft202012Validator(schema, registry=_registry(version)),
        },
        custom=False,
    )


@cache
def pod_template(version: str = VERSION) -> Draft202012Validator:
    """What a pod template looks like, for custom resources that hold one."""
    reference = {"$ref": f"{_DEFINITIONS}#/$defs/{_POD_TEMPLATE}"}
    return Draft202012Validator(reference, registry=_registry(version))


@cache
def versions() -> tuple[str, ...]:
    """The versions of Kubernetes that there are schemas of."""
    found = re.compile(r"v(\d+\.\d+)\.0-local-strict")
    names = (found.fullmatch(folder.name) for folder in _schemas().iterdir())
    return tuple(match[1] for match in names if match)


def _schemas() -> Any:  # noqa: ANN401 - a Traversable, which is not one type in all versions
    return resources.files("kubernetes_validate") / "kubernetes-json-schema"


def _read(version: str, file: str) -> dict[str, Any] | None:
    path = _schemas() / f"v{version}.0-local-strict" / file
    if not path.is_file():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _built_in(kind: kinds.Kind, version: str) -> dict[str, Any] | None:
    group = "" if kind.group == "core" else kind.group.partition(".")[0] + "-"
    schema = _read(version, f"{kind.name.lower()}-{group}{kind.version}.json")
    if schema is None:
        return None
    wanted = {
        "group": "" if kind.group == "core" else kind.group,
        "kind": kind.name,
        "version": kind.version,
    }
    served = wanted in schema.get("x-kubernetes-group-version-kind", ())
    return schema if served and "metadata" in schema["properties"] else None


@cache
def _registry(version: str) -> Registry[Any]:
    definitions = _read(version, "_definitions.json") or {}
    resource = Resource.from_contents(definitions, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_DEFINITIONS, resource)
    return registry.crawl()


@cache
def _definition(group: str, name: str) -> dict[str, Any] | None:
    """The definition of a custom resource, whatever its versions."""
    path = _CRDS / f"{group}_{name.lower()}.json"
    if not path.is_file():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _custom(kind: kinds.Kind) -> KindSchema | None:
    definition = _definition(kind.group, kind.name)
    if definition is None:
        return None
    schema = definition["versions"].get(kind.version)
    if schema is None or definition["kind"] != kind.name:
        return None
    return KindSchema(
        properties=frozenset(schema["properties"]),
        namespaced=definition["namespaced"],
        validators={"": Draft202012Validator(schema)},
        custom=True,
    )
