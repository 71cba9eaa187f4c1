"""A cluster of one's own: what of a stack holds data or opens it."""

from __future__ import annotations

from tests.engine.clouds import Told

TOLD = Told(
    data=(
        "kubernetes:barmancloud.cnpg.io/v1:ObjectStore",
        # It takes all in it along.
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:Secret",
        "kubernetes:postgresql.cnpg.io/v1:Cluster",
    ),
    # An address.
    holds_none=frozenset({"kubernetes:gateway.networking.k8s.io/v1:Gateway"}),
)
