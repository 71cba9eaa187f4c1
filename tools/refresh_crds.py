"""Write the schemas of custom resources out of the Go modules that publish them.

For the maintainer: `python -m tools.refresh_crds`. It needs `go`, which fetches each module at the
version written here through its ordinary proxy. Descriptions are left out, and every object is made
strict: the API server would drop an unknown field without a word.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

TARGET: Final = Path(__file__).parent.parent / "sandbox" / "kubernetes" / "crds"
_KEPT: Final = (
    *("type", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minLength", "maxLength", "minItems", "maxItems"),
    *("minProperties", "maxProperties", "uniqueItems", "required"),
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A Go module, and the files in it that hold custom resource definitions."""

    module: str
    version: str
    files: tuple[str, ...]
    kinds: tuple[str, ...]


SOURCES: Final = (
    Source(
        module="github.com/external-secrets/external-secrets",
        version="v1.3.2",
        files=("config/crds/bases/external-secrets.io_*.yaml",),
        kinds=("ClusterSecretStore", "ExternalSecret", "SecretStore"),
    ),
    Source(
        module="github.com/kedacore/keda/v2",
        version="v2.20.2",
        files=("config/crd/bases/keda.sh_*.yaml",),
        kinds=("ScaledJob", "ScaledObject", "TriggerAuthentication"),
    ),
    Source(
        module="sigs.k8s.io/lws",
        version="v0.9.0",
        files=("config/crd/bases/leaderworkerset.x-k8s.io_*.yaml",),
        kinds=("LeaderWorkerSet",),
    ),
    Source(
        module="github.com/cloudnative-pg/cloudnative-pg",
        version="v1.29.1",
        files=("config/crd/bases/postgresql.cnpg.io_*.yaml",),
        kinds=("Cluster", "ScheduledBackup"),
    ),
    Source(
        module="github.com/cloudnative-pg/plugin-barman-cloud",
        version="v0.15.0",
        files=("config/crd/bases/barmancloud.cnpg.io_*.yaml",),
        kinds=("ObjectStore",),
    ),
    Source(
        module="sigs.k8s.io/gateway-api",
        version="v1.6.3",
        files=("config/crd/standard/gateway.networking.k8s.io_*.yaml",),
        kinds=("Gateway", "HTTPRoute"),
    ),
    # The controller's own module is published at no version that has v1beta1.
    Source(
        module="k8s.io/kops",
        version="v1.35.0",
        files=(
            "upup/models/cloudup/resources/addons/aws-load-balancer-controller.addons.k8s.io/"
            "k8s-1.19.yaml.template",
        ),
        kinds=("TargetGroupBinding",),
    ),
)


def main() -> None:
    """Write one file for each kind, and `sources.json`."""
    TARGET.mkdir(parents=True, exist_ok=True)
    sources: dict[str, dict[str, str]] = {}
    for source in SOURCES:
        found = dict(_definitions(source))
        for kind in source.kinds:
            definition = found[kind]
            name = f"{definition['group']}_{kind.lower()}.json"
            text = json.dumps(definition, indent=None, separators=(",", ":"), sort_keys=True)
            (TARGET / name).write_text(text + "\n", encoding="utf-8")
            sources[name] = {
                "module": source.module,
                "version": source.version,
                "date": datetime.now(UTC).date().isoformat(),
            }
    listed = json.dumps(sources, indent=1, sort_keys=True)
    (TARGET / "sources.json").write_text(listed + "\n", encoding="utf-8")


def _definitions(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    folder = _folder(source)
    for pattern in source.files:
        for path in sorted(folder.glob(pattern)):
            for text in path.read_text(encoding="utf-8").split("\n---"):
                # A file may be a template around definitions, which themselves are plain YAML.
                if "kind: CustomResourceDefinition" in text and "{{" not in text:
                    spec = yaml.safe_load(text)["spec"]
                    yield spec["names"]["kind"], _condensed(spec)


def _folder(source: Source) -> Path:
    with tempfile.TemporaryDirectory() as elsewhere:
        done = subprocess.run(
            ["go", "mod", "download", "-json", f"{source.module}@{source.version}"],
            cwd=elsewhere,
            check=True,
            capture_output=True,
            text=True,
        )
    return Path(json.loads(done.stdout)["Dir"])


def _condensed(spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "group": spec["group"],
        "kind": spec["names"]["kind"],
        "namespaced": spec["scope"] == "Namespaced",
        "versions": {
            version["name"]: _schema(version["schema"]["openAPIV3Schema"], top=True)
            for version in spec["versions"]
            if version["served"]
        },
    }


def _schema(given: dict[str, Any], *, top: bool = False, strict: bool = True) -> dict[str, Any]:
    """A structural schema as JSON Schema, which refuses unknown fields when `strict`."""
    kept: dict[str, Any] = {key: given[key] for key in _KEPT if key in given}
    if given.get("x-kubernetes-int-or-string"):
        kept["type"] = ["integer", "string"]
    if given.get("nullable"):
        kept["type"] = [kept["type"], "null"]
    if given.get("x-kubernetes-embedded-resource"):
        kept["x-kubernetes-embedded-resource"] = True
    if "items" in given:
        kept["items"] = _schema(given["items"])
    if "properties" in given:
        kept["properties"] = {
            key: {"type": "object"} if top and key == "metadata" else _schema(value)
            for key, value in given["properties"].items()
        }
    if isinstance(given.get("additionalProperties"), dict):
        kept["additionalProperties"] = _schema(given["additionalProperties"])
    elif strict and "properties" in given and not given.get("x-kubernetes-preserve-unknown-fields"):
        kept["additionalProperties"] = False
    for word in ("anyOf", "oneOf", "allOf"):
        if word in given and not given.get("x-kubernetes-int-or-string"):
            kept[word] = [_schema(part, strict=False) for part in given[word]]
    if "not" in given:
        kept["not"] = _schema(given["not"], strict=False)
    return kept


if __name__ == "__main__":
    main()
