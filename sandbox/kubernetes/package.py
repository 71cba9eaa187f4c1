"""The types of the package: a table for Helm releases, and one behaviour for every other kind."""

from __future__ import annotations

from functools import cache

from sandbox.errors import Refusal
from sandbox.kubernetes import kinds, schemas
from sandbox.package import Package, ResourceType
from sandbox.schema import Field, ResourceSchema

_HELM = "kubernetes:helm.sh/"


class KubernetesPackage(Package):
    """Types whose names, schemas and most of whose behaviour are the API server's own."""

    def resource(self, token: str) -> ResourceType:
        """The type of that token. Raises Refusal when Kubernetes has no such kind."""
        return super().resource(token) if token.startswith(_HELM) else _of_kind(self, token)


@cache
def _of_kind(home: KubernetesPackage, token: str) -> ResourceType:
    kind = kinds.of_token(token)
    schema = schemas.of_kind(kind.api_version, kind.name)
    if schema is None:
        raise Refusal.unknown(
            f"Kubernetes {schemas.VERSION} has no kind {kind.name} in {kind.api_version}, and the "
            "sandbox no definition of such a custom resource",
            "correct apiVersion and kind, or add the module that publishes it to "
            "tools/refresh_crds.py",
        )
    table = kinds.table(kind, namespaced=schema.namespaced)
    fields = {name: Field(type="any") for name in schema.properties}
    outputs = dict.fromkeys((*schema.properties, *table.outputs), "any")
    return ResourceType(
        token=token,
        table=table,
        schema=ResourceSchema(inputs=fields, outputs=outputs, objects={}),
        package=home,
    )
