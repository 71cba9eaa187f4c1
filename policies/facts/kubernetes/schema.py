"""Objects against the API's own schemas, as far as their values are known.

While a cluster does not exist the engine asks nobody whether its objects are right; the API server
would say so in the middle of the first deployment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Final

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry
from referencing import Resource as Document
from referencing.jsonschema import DRAFT202012

from policies.facts.graph import Graph
from policies.facts.kubernetes import types
from policies.facts.model import ClusterObject
from policies.facts.resource import UNDETERMINED, Resource, plain
from policies.facts.unknown import derived

_TYPES: Final = "kubernetes:"
_DEFINITIONS: Final = "https://kubernetes.io/api/_definitions.json"
_NESTED: Final = ("object", "array")


def objects(graph: Graph, version: str) -> tuple[ClusterObject, ...]:
    """All objects, held to the schemas of that version of Kubernetes."""
    return tuple(
        ClusterObject(
            name=resource.name,
            urn=resource.urn,
            kind=resource.type.removeprefix(_TYPES),
            known=_known(resource),
            problems=derived(lambda known, one=resource: _problems(one, known), version),
        )
        for resource in graph.resources
        if resource.type.startswith(_TYPES) and resource.type != types.RELEASE
    )


def _known(resource: Resource) -> bool:
    kind = resource.type.rpartition(":")[2]
    # The API server goes by what the object says of itself.
    return derived(
        lambda said: said == kind and resource.type in types.KNOWN,
        resource.root.text("kind", kind),
    )


def _problems(resource: Resource, version: str) -> tuple[str, ...]:
    api, _, kind = resource.type.removeprefix(_TYPES).rpartition(":")
    group, _, api_version = api.rpartition("/")
    validator = _validator(version, group.partition(".")[0], api_version, kind)
    if validator is None:
        return ()
    return tuple(_said(resource, error) for error in _errors(validator, resource))


def _errors(validator: Draft202012Validator, resource: Resource) -> Iterator[ValidationError]:
    """What is wrong with it; a plain value that is not known yet is taken to be right."""
    revealed = _revealed(resource.properties)
    # The engine adds the id, the provider its own notes.
    spoken = {
        key: value
        for key, value in revealed.items()
        if key != "id" and key[:2] != "__" and not _to_come(resource, key, value)
    }
    for error in validator.iter_errors(spoken):
        if error.instance is not UNDETERMINED or _nests(error):
            yield error


def _to_come(resource: Resource, key: str, value: object) -> bool:
    """Whether it is what a Secret holds, which is generated with the stack."""
    return resource.type == types.SECRET and key in ("data", "stringData") and value is UNDETERMINED


def _nests(error: ValidationError) -> bool:
    wanted = str(error.validator_value)
    return error.validator == "type" and any(kind in wanted for kind in _NESTED)


def _said(resource: Resource, error: ValidationError) -> str:
    place = ".".join(str(part) for part in error.absolute_path) or "the object"
    if error.instance is UNDETERMINED:
        return resource.undecidable(  # type: ignore[no-any-return]
            f"property `{place}` of `{resource.name}` is unknown at preview; give it a plain value"
        )
    # These name keys alone; others would print the value.
    if error.validator in ("additionalProperties", "required"):
        return f"{place}: {error.message}"
    return f"{place}: does not fit {error.validator} {error.validator_value}"


def _revealed(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    value = plain(value)
    if isinstance(value, dict):
        return {key: _revealed(item) for key, item in value.items() if item is not None}
    return [_revealed(item) for item in value] if isinstance(value, list) else value


@cache
def _validator(
    version: str, group: str, api_version: str, kind: str
) -> Draft202012Validator | None:
    """What an object of a kind looks like; `None` for kinds that the API does not bring."""
    name = "-".join(part for part in (kind.lower(), group, api_version) if part and part != "core")
    schema = _read(version, f"{name}.json")
    if schema is None:
        return None
    return Draft202012Validator(schema, registry=_registry(version))


@cache
def _registry(version: str) -> Registry[Any]:
    definitions = _read(version, "_definitions.json") or {}
    document = Document.from_contents(definitions, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_DEFINITIONS, document)
    return registry.crawl()


def _read(version: str, file: str) -> dict[str, Any] | None:
    folder = resources.files("kubernetes_validate") / "kubernetes-json-schema"
    path = folder / f"v{version}.0-local-strict" / file
    if not path.is_file():
        return None
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded
