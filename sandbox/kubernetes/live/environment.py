"""The variables of a pod's containers: plain, from Secrets and ConfigMaps, from the pod itself.

Secrets that the External Secrets Operator makes are made here from the cloud's own store, by the
same references.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloud import CloudObject
from sandbox.live import reader
from sandbox.live.spec import LiveError, Objects

SECRET = "kubernetes:core/v1:Secret"  # noqa: S105 - a type
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
EXTERNAL_SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"  # noqa: S105 - a type
OBJECT_STORE = "kubernetes:barmancloud.cnpg.io/v1:ObjectStore"
NOT_ASKED_FOR = "not-asked-for"
SECRET_STORE = "kubernetes:external-secrets.io/v1:SecretStore"  # noqa: S105 - a type
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")

_Spec = Mapping[str, Any]
_Read = Callable[[str], Mapping[str, str] | None]


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """The text with `$(NAME)` replaced, where there is such a variable, and `$$` by `$`
    (Container, `command`)."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        return "$" if name is None else variables.get(name, found.group())

    return _REFERENCE.sub(value, text)


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What the containers of one pod may refer to."""

    objects: Objects
    namespace: str

    def environment(self, container: _Spec) -> dict[str, str]:
        """The variables of a container, later ones over earlier ones, without those that are
        `unknown`. Raises LiveError for what is not there."""
        found: dict[str, str] = {}
        for source in container.get("envFrom") or ():
            prefix = source.get("prefix", "")
            for kind, read in self._kinds("Ref"):
                if kind in source:
                    values = self._found(read(source[kind]["name"]), source[kind])
                    found |= {f"{prefix}{name}": value for name, value in values.items()}
        for entry in container.get("env") or ():
            if "valueFrom" not in entry:
                found[entry["name"]] = expanded(entry.get("value", ""), found)
            elif (value := self._referred(container, entry)) is not None:
                found[entry["name"]] = value
        return found

    def secret(self, name: str) -> Mapping[str, str]:
        """The values of a Secret. Raises LiveError where there is none."""
        return self._found(self._secret(name), {"name": name})

    def unknown(self, container: _Spec) -> Iterator[str]:
        """Variables whose source is not known here."""
        for entry in container.get("env") or ():
            source: _Spec = entry.get("valueFrom") or {}
            for kind in source.keys() - {kind for kind, _ in self._kinds("KeyRef")}:
                path = source[kind].get("fieldPath")
                if path not in self._own:
                    yield f"variable {entry['name']} from {path or kind}"

    @property
    def _own(self) -> Mapping[str, str]:
        """Field of the pod -> its value."""
        return {"metadata.namespace": self.namespace}

    def _kinds(self, suffix: str) -> tuple[tuple[str, _Read], ...]:
        return ((f"secret{suffix}", self._secret), (f"configMap{suffix}", self._config_map))

    def _referred(self, container: _Spec, entry: _Spec) -> str | None:
        reference: _Spec = entry["valueFrom"]
        for kind, read in self._kinds("KeyRef"):
            if kind in reference:
                chosen: _Spec = reference[kind]
                values = self._found(read(chosen["name"]), chosen)
                if chosen["key"] not in values and not chosen.get("optional"):
                    raise LiveError(
                        f"variable {entry['name']} of container {container['name']}: "
                        f"{chosen['name']} has no {chosen['key']}"
                    )
                return values.get(chosen["key"])
        return self._own.get(reference.get("fieldRef", {}).get("fieldPath"))

    def _found(self, values: Mapping[str, str] | None, source: _Spec) -> Mapping[str, str]:
        if values is None and not source.get("optional"):
            raise LiveError(f"the namespace {self.namespace} has no {source['name']}")
        return values or {}

    def _of(self, kind: str) -> Iterator[CloudObject]:
        for item in self.objects.all(kind):
            if item.get("metadata")["namespace"] == self.namespace:
                yield item

    def _config_map(self, name: str) -> Mapping[str, str] | None:
        for item in self._of(CONFIG_MAP):
            if item.get("metadata")["name"] == name:
                return dict(item.get("data") or {})
        return None

    def _secret(self, name: str) -> Mapping[str, str] | None:
        for item in self._of(SECRET):
            if item.get("metadata")["name"] == name:
                data: Mapping[str, str] = item.get("data") or {}
                decoded = {key: base64.b64decode(each).decode() for key, each in data.items()}
                return {**decoded, **(item.get("stringData") or {})}
        for item in self._of(EXTERNAL_SECRET):
            target: _Spec = item.get("spec").get("target") or {}
            if target.get("name", item.get("metadata")["name"]) == name:
                return {entry["secretKey"]: self._fetched(item, entry) for entry in _data(item)}
        return self._credentials(name) or None

    def _credentials(self, name: str) -> Mapping[str, str]:
        """Keys to the owner's object storage, in a Secret of the owner's, whose name the archives
        of databases tell: the folder that stands for a bucket asks for none."""
        named = [
            each
            for item in self._of(OBJECT_STORE)
            for each in item.get("spec")["configuration"]["s3Credentials"].values()
        ]
        return {each["key"]: NOT_ASKED_FOR for each in named if each["name"] == name}

    def _fetched(self, item: CloudObject, entry: _Spec) -> str:
        """What the operator finds in the cloud's store."""
        reference: _Spec = entry.get("sourceRef", {}).get("storeRef") or item.get("spec").get(
            "secretStoreRef"
        )
        remote: _Spec = entry["remoteRef"]
        [(kind, store)] = self._provider(item, reference["name"]).items()
        value = reader.store(self.objects, kind)(self.objects, store, remote)
        return value if "property" not in remote else str(json.loads(value)[remote["property"]])

    def _provider(self, item: CloudObject, store: str) -> _Spec:
        """The one provider of a store, by its name (External Secrets API, SecretStoreProvider)."""
        for each in self._of(SECRET_STORE):
            if each.get("metadata")["name"] == store:
                provider: _Spec = each.get("spec")["provider"]
                return provider
        raise LiveError(f"{item.label} names the store {store}, which is not there")


def _data(item: CloudObject) -> list[_Spec]:
    spec: _Spec = item.get("spec")
    if spec.get("dataFrom"):
        raise LiveError(f"{item.label}: dataFrom is not known here, only data")
    return list(spec.get("data") or ())
