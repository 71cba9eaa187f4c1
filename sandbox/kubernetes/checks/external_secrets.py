"""Secrets out of a store in the cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.cloud import CloudObject, Properties
from sandbox.errors import Problem
from sandbox.kubernetes import managed
from sandbox.kubernetes.cloud import KubernetesCloud
from sandbox.kubernetes.reading import get, items, mapping

_API: Final = "external-secrets.io/v1"


def target_is_free(properties: Properties, cloud: KubernetesCloud) -> Iterator[Problem]:
    """No other object may make the Secret."""
    metadata, spec = properties["metadata"], properties["spec"]
    namespace, own = metadata["namespace"], metadata["name"]
    name = (spec.get("target") or {}).get("name") or own
    other = cloud.made_secret(namespace, name)
    taken = other is not None and other.get("metadata.name") != own
    if (taken or cloud.named("core/v1:Secret", namespace, name)) and _makes(spec):
        yield Problem(
            "spec",
            f"spec.target.name: the Secret {namespace}/{name} is made by another object already: "
            "choose another name",
        )


def _makes(spec: Mapping[str, Any]) -> bool:
    policy = (spec.get("target") or {}).get("creationPolicy", "Owner")
    return policy in ("Owner", "Orphan", "CreateOrMerge")


def store_exists(object_: Mapping[str, Any], cloud: KubernetesCloud) -> Iterator[Problem]:
    """The store must be there, and in it what the object asks for."""
    name = get(object_, "spec.secretStoreRef.name")
    if name is None:
        return
    kind = get(object_, "spec.secretStoreRef.kind") or "SecretStore"
    namespace = get(object_, "metadata.namespace") if kind == "SecretStore" else ""
    store = cloud.named(f"{_API}:{kind}", namespace, name)
    if store is None:
        yield Problem("spec", f'spec.secretStoreRef: {kind} "{name}" not found: make it first')
        return
    for index, entry in enumerate(items(object_, "spec.data")):
        key = get(entry, "remoteRef.key")
        yield from _missing(f"spec.data[{index}].remoteRef.key", key, store, cloud)
    for index, entry in enumerate(items(object_, "spec.dataFrom")):
        key = get(entry, "extract.key")
        if key is not None:
            yield from _missing(f"spec.dataFrom[{index}].extract.key", key, store, cloud)


def _missing(place: str, key: str, store: CloudObject, cloud: KubernetesCloud) -> Iterator[Problem]:
    source = managed.secret_source(get(mapping(store.outputs, "spec"), "provider") or {})
    if source is None:
        return
    if not any(cloud.find(source.type, attribute, key) for attribute in source.attributes):
        yield Problem(
            "spec",
            f"{place}: SecretSyncedError: {source.name} has no {key!r}: make it first, or correct "
            "the name",
        )
