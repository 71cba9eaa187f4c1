"""Names, labels and annotations, as the API server takes them.

Source: apimachinery/pkg/util/validation and the page "Object Names and IDs" of Kubernetes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.errors import Problem
from sandbox.values import Unknown, Value

_LABEL: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DNS_LABEL: Final = re.compile(_LABEL)
_SERVICE: Final = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE: Final = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_QUALIFIED: Final = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_NAME_LENGTH: Final = 253
_LABEL_LENGTH: Final = 63
_ANNOTATIONS_BYTES: Final = 262144
_SHORT: Final = frozenset({"Namespace", "Service"})
# Pods of these carry the name as a label value; StatefulSets put an ordinal behind it.
_POD_OWNERS: Final = {"Job": 63, "CronJob": 52, "StatefulSet": 52, "LeaderWorkerSet": 45}
_ANY_NAME: Final = frozenset({"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"})


def problems(object_: Mapping[str, Any], *, namespaced: bool) -> Iterator[Problem]:
    """What is wrong with the metadata of an object."""
    given = object_.get("metadata")
    if not isinstance(given, dict):
        return
    kind, name = object_["kind"], given.get("name")
    if isinstance(name, str):
        yield from _name_problems(kind, name)
    namespace = given.get("namespace")
    if namespace is not None and not namespaced:
        yield Problem("metadata", f"metadata.namespace: a {kind} stands outside the namespaces")
    elif isinstance(namespace, str) and not (
        _DNS_LABEL.fullmatch(namespace) and len(namespace) <= _LABEL_LENGTH
    ):
        yield Problem("metadata", f"metadata.namespace: {namespace!r} {_label_rule()}")
    yield from label_problems("metadata.labels", given.get("labels"))
    yield from _annotation_problems(given.get("annotations"))


def _name_problems(kind: str, name: str) -> Iterator[Problem]:
    if kind in _ANY_NAME:
        return
    if kind in _SHORT:
        pattern, limit = (_SERVICE if kind == "Service" else _DNS_LABEL), _LABEL_LENGTH
    else:
        pattern, limit = _SUBDOMAIN, _POD_OWNERS.get(kind, _NAME_LENGTH)
    if len(name) > limit:
        yield Problem(
            "metadata",
            f"metadata.name: {name!r} has {len(name)} characters, a {kind} may have {limit}: "
            "shorten it (an automatic name is the logical name, a hyphen and 8 hex digits)",
        )
    if not pattern.fullmatch(name):
        yield Problem("metadata", f"metadata.name: {name!r} {_label_rule()}")


def _label_rule() -> str:
    return (
        "is not allowed: use lower-case letters, digits and hyphens, beginning and ending with a "
        "letter or a digit (RFC 1123), at most 63 characters a part"
    )


def label_problems(place: str, labels: Value) -> Iterator[Problem]:
    """What is wrong with labels, or with a selector of them."""
    root = place.partition(".")[0]
    for key, value in (labels if isinstance(labels, dict) else {}).items():
        yield from key_problems(place, key)
        if not isinstance(value, str) or isinstance(value, Unknown):
            continue
        if len(value) > _LABEL_LENGTH or not _LABEL_VALUE.fullmatch(value):
            yield Problem(
                root,
                f"{place}[{key!r}]: {value!r} is no label value: use at most {_LABEL_LENGTH} "
                "letters, digits, -, _ and ., beginning and ending with a letter or a digit",
            )


def key_problems(place: str, key: str) -> Iterator[Problem]:
    """What is wrong with the key of a label, an annotation or a taint."""
    prefix, slash, name = key.rpartition("/")
    good = _QUALIFIED.fullmatch(name) and len(name) <= _LABEL_LENGTH
    if slash:
        good = good and _SUBDOMAIN.fullmatch(prefix) and len(prefix) <= _NAME_LENGTH
    if not good:
        yield Problem(
            place.partition(".")[0],
            f"{place}: {key!r} is no key: use name or prefix/name, the prefix a domain, the name "
            f"at most {_LABEL_LENGTH} letters, digits, -, _ and .",
        )


def _annotation_problems(annotations: Value) -> Iterator[Problem]:
    if not isinstance(annotations, dict):
        return
    size = 0
    for key, value in annotations.items():
        yield from key_problems("metadata.annotations", key)
        size += len(key.encode()) + (len(value.encode()) if isinstance(value, str) else 0)
    if size > _ANNOTATIONS_BYTES:
        yield Problem(
            "metadata",
            f"metadata.annotations: they take {size} bytes, at most {_ANNOTATIONS_BYTES} are "
            "allowed: keep data in a ConfigMap",
        )
